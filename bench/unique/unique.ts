import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Block } from '../../src/event/block.ts';
import { BlockBuilder } from '../../src/event/block-builder.ts';
import { columnBytes } from '../../src/event/blocks.ts';
import { columnIndex, EVENTS } from '../../src/event/columns.ts';
import { HALF, viewOf } from '../../src/event/layout.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Telemetry } from '../../src/lib/telemetry.ts';
import { createWorkerBuilder } from '../../src/process/unique/builder.ts';
import { FingerprintBatch } from '../../src/process/unique/entry.ts';
import { Fingerprinter } from '../../src/process/unique/fingerprint.ts';
import { UniqueState } from '../../src/process/unique/unique-state.ts';

/**
 * De-duplication with many ids: fills the state, then asks it for new and for known ids, then opens it again. Prints rates, the resident memory of this process, and what was found;
 * fails if a single answer is wrong. See README.md.
 */

const { values } = parseArgs({
  options: {
    ids: { type: 'string', default: '100000000' },
    checks: { type: 'string', default: '4000000' },
    batch: { type: 'string', default: '10000' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const IDS = Number(values.ids);
const CHECKS = Number(values.checks);
const BATCH = Number(values.batch);
const WINDOW_SECONDS = 87_000;
const START_MS = Date.UTC(2026, 10, 20);
/** All ids fall into 20 hours, so that none expires. */
const SPAN_MS = 20 * 3_600_000;
const ID_TEXT = '01990000-0000-7000-8000-000000000000';
const KNOWN_PER_BATCH = BATCH / 10;

const PROJECT = columnIndex(EVENTS, 'project');
const ID = columnIndex(EVENTS, 'id');
const RECEIVED_AT = columnIndex(EVENTS, 'received_at');

const ID_DIGITS_MAX = 10;

/** Events with ids of 36 characters, as a block whose ids and times are overwritten from batch to batch: the bench makes no garbage that would count as memory of the process. */
const makeEvents = (): Block<typeof EVENTS> => {
  const builder = new BlockBuilder(EVENTS);
  for (let row = 0; row < BATCH; row++) {
    builder.text(PROJECT, 'default');
    builder.text(ID, ID_TEXT);
    builder.int64(RECEIVED_AT, START_MS);
    builder.endRow();
  }
  return builder.build();
};

const events = makeEvents();
const ids = columnBytes(events, ID);
const times = viewOf(columnBytes(events, RECEIVED_AT));

/** Gives the events ids that follow from numbers, and a time of receipt. */
const rewrite = (numberOf: (row: number) => number, receivedAtMs: number): void => {
  for (let row = 0; row < BATCH; row++) {
    const end = (row + 1) * (1 + ID_TEXT.length);
    let rest = numberOf(row);
    for (let at = end - 1; at >= end - ID_DIGITS_MAX; at--) {
      ids[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    times.setUint32(row * 8, receivedAtMs % HALF, true);
    times.setUint32(row * 8 + 4, Math.floor(receivedAtMs / HALF), true);
  }
};

const rssMb = (): number => Math.round(process.memoryUsage().rss / 1_048_576);
const peakMb = (): number => {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
};
const say = (what: string, detail: string): void => console.log(`${what.padEnd(44)} ${detail}`);

const dir = mkdtempSync(join(values.dir, 'aevum-bench-unique-'));
const telemetry = new Telemetry((level, name, message) => {
  if (level !== 'debug' && level !== 'info') console.log(`${level} ${name}: ${message}`);
});
const open = (governedNext: number): Promise<UniqueState> =>
  UniqueState.open({ dir, governedNext, clock: systemClock, telemetry, builder: createWorkerBuilder() });

let wrong = 0;
let position = 0;

interface Asked {
  readonly seconds: number;
  /** Of the asking thread; sealing and merging have their own. */
  readonly cpuSeconds: number;
  readonly duplicates: number;
}

/** Runs one batch; only what de-duplication does is timed. */
const ask = async (state: UniqueState, prints: Fingerprinter): Promise<Asked> => {
  const duplicate = new Uint8Array(BATCH);
  const startedMs = performance.now();
  const before = process.threadCpuUsage();
  prints.compute(events, batch);
  await state.makeRoom(BATCH);
  const duplicates = state.claim(batch, WINDOW_SECONDS, duplicate);
  const stored = duplicates === 0 ? undefined : duplicate.map((byte) => 1 - byte);
  state.commit(++position, batch, duplicate, stored);
  state.maintain();
  const { user, system } = process.threadCpuUsage(before);
  return { seconds: (performance.now() - startedMs) / 1000, cpuSeconds: (user + system) / 1e6, duplicates };
};
const batch = new FingerprintBatch();

const rates = (count: number, seconds: number, cpuSeconds: number): string =>
  `${(count / seconds / 1e6).toFixed(2)} M/s, ${(count / cpuSeconds / 1e6).toFixed(2)} M per CPU second`;

const fill = async (state: UniqueState): Promise<void> => {
  const prints = new Fingerprinter(state.key);
  const startedMs = performance.now();
  let seconds = 0;
  let cpuSeconds = 0;
  for (let from = 0; from < IDS; from += BATCH) {
    rewrite((row) => from + row, START_MS + Math.floor((from / IDS) * SPAN_MS));
    const asked = await ask(state, prints);
    seconds += asked.seconds;
    cpuSeconds += asked.cpuSeconds;
    wrong += asked.duplicates;
    await nextTurn();
    if (from % 20_000_000 === 0)
      say(
        `${(from / 1e6).toFixed(0)} M ids`,
        `${state.runs} runs, rss ${rssMb()} MB, structures ${(state.bytes / 1e6).toFixed(0)} MB`,
      );
  }
  const wall = (performance.now() - startedMs) / 1000;
  say('fill: ids new, checked and stored', rates(IDS, seconds, cpuSeconds));
  say('fill, with making the ids and waiting', `${(IDS / wall / 1e6).toFixed(2)} M/s`);
  await state.settled();
  say('after the last merge', `${state.runs} runs, rss ${rssMb()} MB, most ${peakMb()} MB`);
};

const check = async (state: UniqueState, known: number, name: string): Promise<void> => {
  const prints = new Fingerprinter(state.key);
  let seconds = 0;
  let cpuSeconds = 0;
  let fresh = IDS + position * BATCH;
  for (let done = 0; done < CHECKS; done += BATCH) {
    rewrite((row) => (row < known ? Math.floor(Math.random() * IDS) : fresh++), START_MS + SPAN_MS);
    const asked = await ask(state, prints);
    await nextTurn();
    seconds += asked.seconds;
    cpuSeconds += asked.cpuSeconds;
    wrong += Math.abs(asked.duplicates - known);
  }
  say(name, rates(CHECKS, seconds, cpuSeconds));
};

try {
  const state = await open(0);
  say('start', `rss ${rssMb()} MB`);
  await fill(state);
  await check(state, 0, 'checks, all new');
  await check(state, KNOWN_PER_BATCH, 'checks, one in ten a duplicate of any age');
  await state.settled();
  say('at the end', `${state.entries} ids, ${state.runs} runs, rss ${rssMb()} MB, most ${peakMb()} MB`);
  const bytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  say('on disk', `${(bytes / 1e9).toFixed(2)} GB`);
  await state.close();
  const startedMs = performance.now();
  const again = await open(position);
  say('opened again', `${Math.round(performance.now() - startedMs)} ms, next ${again.next === position}`);
  await check(again, KNOWN_PER_BATCH, 'checks after opening again');
  await again.close();
  say('wrong answers', String(wrong));
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
