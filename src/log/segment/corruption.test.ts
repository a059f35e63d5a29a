import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../lib/clock.ts';
import { Telemetry } from '../../lib/telemetry.ts';
import { ModelDisk } from '../../lib/testing/model-disk.ts';
import { SeededRandom } from '../../lib/testing/random.ts';
import type { LogGap, LogReader, LogRecord, LogWriter } from '../log.ts';
import { KIND, encodeFrameHeader, FRAME_HEADER_BYTES, frameBytes } from './frame.ts';
import { openSegmentReader, openSegmentWriter } from './segment-log.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';

/** Flips every byte of the files of a topic, one at a time, and requires that it is noticed: by a gap, by telemetry, or because nothing is wrong after all. */

const SEGMENT_BYTES = 6 * 1024;
const DIR = '/data/topic';
const TEXTS = Array.from({ length: 12 }, (_, at) => `${at}:${'payload '.repeat(at * 9)}`);

interface Found {
  readonly records: readonly LogRecord[];
  readonly gaps: readonly LogGap[];
  readonly events: readonly string[];
}

const place = (disk: ModelDisk, events: string[]) => ({
  dir: '/data',
  name: 'topic',
  files: disk.boot(),
  segmentBytes: SEGMENT_BYTES,
  clock: systemClock,
  telemetry: new Telemetry((level, name) => void (level !== 'debug' && events.push(name))),
});

const write = async (clean: boolean): Promise<ModelDisk> => {
  const disk = new ModelDisk(new SeededRandom(1));
  const log = await openSegmentWriter(place(disk, []));
  for (const text of TEXTS) await log.append({ rows: 1 }, [Buffer.from(text)]);
  if (clean) await log.close();
  return disk;
};

const readAll = async (log: LogReader): Promise<{ records: LogRecord[]; gaps: LogGap[] }> => {
  const records: LogRecord[] = [];
  const gaps: LogGap[] = [];
  for (let next = 0; ; ) {
    const result = await log.read(next, 1024);
    records.push(...result.records);
    gaps.push(...result.gaps);
    if (result.next === next) return { records, gaps };
    next = result.next;
  }
};

const reopened = async (disk: ModelDisk): Promise<Found> => {
  const events: string[] = [];
  const log: LogWriter = await openSegmentWriter(place(disk, events));
  const found = await readAll(log);
  await log.append({ rows: 1 }, [Buffer.from('after')]);
  const after = await log.last();
  assert.equal(Buffer.from(after?.payload ?? []).toString(), 'after');
  await log.close();
  return { ...found, events };
};

const readBeside = async (disk: ModelDisk): Promise<Found> => {
  const events: string[] = [];
  const reader = await openSegmentReader(place(disk, events));
  reader.durableTo(TEXTS.length);
  return { ...(await readAll(reader)), events };
};

/** What is read is right; what is not read is in a gap that names file and byte, or was the last record and its loss reported. */
const check = (found: Found, where: string): { readonly complete: boolean } => {
  const lost = new Set(TEXTS.keys());
  for (const record of found.records) {
    assert.equal(Buffer.from(record.payload).toString(), TEXTS[record.position], `${where}: a wrong record`);
    lost.delete(record.position);
  }
  for (const gap of found.gaps) {
    assert.match(gap.detail, /topic\/\d+\.seg at byte \d+: ./, where);
    for (let position = gap.from; position < gap.to; position += 1) lost.delete(position);
  }
  if (lost.size > 0)
    assert.ok(found.events.includes('log_tail_dropped'), `${where}: lost ${[...lost].join(', ')} silently`);
  const complete = found.records.length === TEXTS.length;
  if (!complete) assert.ok(found.events.length > 0, `${where}: no telemetry`);
  return { complete };
};

/** In the segment header and in the zeros behind the data only every so many bytes are tried: they are many and all alike. */
const SPARSE_STEP = 13;
const FLIPS_A_TURN = 100;

const flipEvery = async (clean: boolean, look: (disk: ModelDisk) => Promise<Found>) => {
  const original = await write(clean);
  const paths = original.paths().filter((path) => !path.endsWith('.tmp'));
  assert.ok(paths.filter((path) => path.endsWith('.seg')).length >= 3);
  let flips = 0;
  for (const path of paths) {
    let stored = Buffer.alloc(0);
    original.corrupt(path, (bytes) => (stored = Buffer.from(bytes)));
    const dataEnd = stored.findLastIndex((byte) => byte !== 0) + 1;
    const isData = (at: number) => at < dataEnd && (at >= SEGMENT_HEADER_BYTES || !path.endsWith('.seg'));
    for (let at = 0; at < stored.length; at += isData(at) ? 1 : SPARSE_STEP) {
      // The model of a disk never waits for anything: what the runner is to hear gets its turn here.
      if (flips % FLIPS_A_TURN === 0) await turn();
      const disk = original.clone(new SeededRandom(1));
      disk.corrupt(path, (bytes) => (bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))));
      const found = await look(disk);
      const { complete } = check(found, `${path} byte ${at}`);
      assert.ok(at >= dataEnd || !complete || found.events.length > 0, `${path} byte ${at}: not noticed`);
      flips += 1;
    }
  }
  return flips;
};

test('every flipped byte is noticed when a topic that was closed is opened', async () => {
  assert.ok((await flipEvery(true, reopened)) > 3000);
});

test('every flipped byte is noticed when a topic that was not closed is opened', async () => {
  assert.ok((await flipEvery(false, reopened)) > 3000);
});

test('every flipped byte is noticed by a reader beside the writer', async () => {
  assert.ok((await flipEvery(false, readBeside)) > 3000);
});

test('a frame inside a payload is not taken for a frame when the record around it is damaged', async () => {
  const disk = new ModelDisk(new SeededRandom(1));
  const log = await openSegmentWriter(place(disk, []));
  const forged = Buffer.alloc(frameBytes(8) + 8);
  const fields = {
    kind: KIND.record,
    rows: 1,
    position: 1,
    appendedAtMs: 0,
    covers: undefined,
    epoch: 1,
    groupDistance: 0,
    keyId: 0,
  };
  encodeFrameHeader(forged, 0, fields, [Buffer.from('forgery!')], 0);
  Buffer.from('forgery!').copy(forged, FRAME_HEADER_BYTES);
  await log.append({ rows: 1 }, [forged]);
  await log.append({ rows: 1 }, [Buffer.from('genuine')]);
  await log.close();
  disk.corrupt(`${DIR}/0000000000000000.seg`, (bytes) => {
    bytes[SEGMENT_HEADER_BYTES + 5] = 0xff;
  });
  const { records, gaps } = await reopened(disk);
  assert.deepEqual(
    records.map(({ payload }) => Buffer.from(payload).toString()),
    ['genuine'],
  );
  assert.deepEqual(
    gaps.map(({ from, to }) => [from, to]),
    [[0, 1]],
  );
});

test('zeroed pages in the middle are a gap', async () => {
  const disk = await write(true);
  disk.corrupt(`${DIR}/0000000000000000.seg`, (bytes) =>
    bytes.fill(0, SEGMENT_HEADER_BYTES + 80, SEGMENT_HEADER_BYTES + 1200),
  );
  const found = await reopened(disk);
  check(found, 'zeroed pages');
  assert.ok(found.gaps.length === 1 && found.records.length > 4 && found.records.length < TEXTS.length);
});

test('a segment file that is missing is a gap', async () => {
  const disk = await write(true);
  const files = disk.boot();
  const segments = disk
    .paths()
    .filter((path) => path.endsWith('.seg'))
    .toSorted();
  await files.unlink(segments[1] ?? '');
  const events: string[] = [];
  const log = await openSegmentWriter(place(disk, events));
  const { gaps, records } = await readAll(log);
  assert.equal(gaps.length, 1);
  assert.equal(records.length + (gaps[0]?.to ?? 0) - (gaps[0]?.from ?? 0), TEXTS.length);
  await log.close();
});
