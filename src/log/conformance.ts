import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  LogError,
  type LogErrorCode,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type Position,
} from './log.ts';

/** What every adapter of the log must do: the port's comment as tests. Test code: only tests import it. */

/** Limits that a case asks for; what they count (frames, payload) is the adapter's business, so cases leave margins. */
export interface TopicLimits {
  readonly bytesMax?: number;
  readonly pendingBytesMax?: number;
  readonly recordBytesMax?: number;
  /** Small segments, where there are any, so that trimming has something to remove. */
  readonly small?: boolean;
}

/** An empty topic of its own for one case. */
export interface TopicHarness {
  openWriter(): Promise<LogWriter>;
  /** A reader beside the writer, which knows that the topic is durable before `durable`. */
  openReader(durable: Position): Promise<LogReader>;
  dispose(): Promise<void>;
}

/** How the suite makes topics of one adapter. */
export interface LogHarness {
  readonly create: (limits: TopicLimits) => Promise<TopicHarness>;
  /** Why the suite cannot run here. */
  readonly skip?: string | undefined;
}

const KIB = 1024;
const MIB = KIB * KIB;
const LARGE_BYTES = 20 * MIB;
const TIMEOUT_MS = 120_000;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (record: LogRecord | undefined): string | undefined =>
  record === undefined ? undefined : new TextDecoder().decode(record.payload);

const appendText = (log: LogWriter, text: string): Promise<Position> =>
  log.append({ rows: 1 }, [bytesOf(text)]);

/** Everything readable from a position on, copied. */
const readAll = async (log: LogReader, from: Position, bytesMax = MIB) => {
  const records: LogRecord[] = [];
  const gaps: { from: Position; to: Position }[] = [];
  let next = from;
  for (;;) {
    const result = await log.read(next, bytesMax);
    assert.ok(result.next >= next, 'reading never goes back');
    gaps.push(...result.gaps);
    for (const record of result.records) records.push({ ...record, payload: record.payload.slice() });
    if (result.records.length === 0 && result.gaps.length === 0 && result.next === next)
      return { records, gaps, next };
    next = result.next;
  }
};

const rejectsWith = (code: LogErrorCode) => (error: unknown) => {
  assert.ok(error instanceof LogError, String(error));
  assert.equal(error.code, code);
  return true;
};

const increasing = (positions: readonly Position[]): void => {
  positions.forEach((position, at) => {
    assert.ok(Number.isSafeInteger(position) && position >= 0);
    if (at > 0) assert.ok(position > (positions[at - 1] ?? 0));
  });
};

type Case = (topic: TopicHarness, log: LogWriter) => Promise<void>;

const CASES: readonly (readonly [string, TopicLimits, Case])[] = [
  [
    'is empty at first',
    {},
    async (_topic, log) => {
      assert.equal(await log.last(), undefined);
      const { first, next } = await log.extent();
      assert.equal(first, next);
      assert.deepEqual(await log.read(next, MIB), { records: [], gaps: [], next, end: next });
    },
  ],
  [
    'reads back what was appended: payload, rows, range, time, position',
    {},
    async (_topic, log) => {
      const covers = { from: 3, to: Number.MAX_SAFE_INTEGER };
      const first = await log.append({ rows: 7, covers }, [bytesOf('in '), bytesOf(''), bytesOf('parts')]);
      const second = await log.append({ rows: 0 }, [bytesOf('second')]);
      const { records, gaps } = await readAll(log, (await log.extent()).first);
      assert.deepEqual(records.map(textOf), ['in parts', 'second']);
      assert.deepEqual(
        records.map(({ header }) => header),
        [{ rows: 7, covers }, { rows: 0 }],
      );
      assert.deepEqual(
        records.map(({ position }) => position),
        [first, second],
      );
      assert.deepEqual(gaps, []);
      for (const record of records) assert.ok(Math.abs(record.appendedAtMs - Date.now()) < 60_000);
    },
  ],
  [
    'keeps the order in which appends were called, however many are in flight',
    {},
    async (_topic, log) => {
      const texts = Array.from({ length: 500 }, (_, at) => `${at}:${'x'.repeat(at % 97)}`);
      const resolved: number[] = [];
      const positions = await Promise.all(
        texts.map(async (text, at) => {
          const position = await appendText(log, text);
          resolved.push(at);
          return position;
        }),
      );
      increasing(positions);
      increasing(resolved);
      const { records } = await readAll(log, 0, 4 * KIB);
      assert.deepEqual(records.map(textOf), texts);
    },
  ],
  [
    'holds empty payloads',
    {},
    async (_topic, log) => {
      await log.append({ rows: 1 }, []);
      await log.append({ rows: 2 }, [new Uint8Array()]);
      const { records } = await readAll(log, 0);
      assert.deepEqual(
        records.map(({ payload, header }) => [payload.length, header.rows]),
        [
          [0, 1],
          [0, 2],
        ],
      );
    },
  ],
  [
    'holds large records, one of them alone over the limit asked for',
    {},
    async (_topic, log) => {
      const large = new Uint8Array(LARGE_BYTES);
      for (let at = 0; at < large.length; at += 1) large[at] = at * 7 + (at >> 8);
      const before = await appendText(log, 'before');
      await log.append({ rows: 1 }, [large.subarray(0, 100), large.subarray(100)]);
      await appendText(log, 'after');
      const { records } = await readAll(log, before, KIB);
      assert.deepEqual([textOf(records[0]), textOf(records[2])], ['before', 'after']);
      assert.equal(Buffer.compare(records[1]?.payload ?? new Uint8Array(), large), 0);
    },
  ],
  [
    'answers about as many bytes as asked for, and goes on anywhere',
    {},
    async (_topic, log) => {
      const positions: Position[] = [];
      for (let at = 0; at < 50; at += 1) positions.push(await appendText(log, `${at}`.padStart(KIB, '.')));
      const few = await log.read(positions[0] ?? 0, 5 * KIB);
      assert.ok(few.records.length >= 1 && few.records.length <= 10);
      const { next } = await log.extent();
      assert.ok(few.next < few.end && few.end === next, 'says that there is more');
      for (const at of [0, 1, 17, 48, 49]) {
        const { records } = await log.read(positions[at] ?? 0, MIB);
        assert.equal(records[0]?.position, positions[at]);
        assert.equal(textOf(records[0])?.replaceAll('.', ''), `${at}`);
      }
      const end = (positions[49] ?? 0) + 1;
      assert.deepEqual((await log.read(end, MIB)).records, []);
      assert.deepEqual((await log.read(end + 1000, MIB)).records, []);
    },
  ],
  [
    'knows its last record and extent',
    {},
    async (_topic, log) => {
      await Promise.all(['a', 'b', 'c'].map((text) => appendText(log, text)));
      const last = await log.last();
      assert.equal(textOf(last), 'c');
      const { next, bytes } = await log.extent();
      assert.ok(next > (last?.position ?? 0));
      assert.ok(bytes >= 0);
    },
  ],
  [
    'keeps everything when closed and opened again, and goes on behind it',
    {},
    async (topic, log) => {
      const positions = await Promise.all(
        Array.from({ length: 20 }, (_, at) => appendText(log, `first ${at}`)),
      );
      await log.close();
      const again = await topic.openWriter();
      assert.equal((await again.last())?.position, positions.at(-1));
      positions.push(await appendText(again, 'second'));
      increasing(positions);
      const { records, gaps } = await readAll(again, positions[0] ?? 0);
      assert.equal(records.length, 21);
      assert.deepEqual(gaps, []);
      await again.close();
    },
  ],
  [
    'is read beside the writer, up to what is durable',
    {},
    async (topic, log) => {
      for (let at = 0; at < 10; at += 1) await appendText(log, `${at}`);
      const { next, first } = await log.extent();
      const reader = await topic.openReader(next);
      const { records, gaps } = await readAll(reader, first);
      assert.deepEqual(records.map(textOf), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      assert.deepEqual(gaps, []);
      assert.equal(textOf(await reader.last()), '9');
      assert.equal((await reader.extent()).first, first);
      await reader.close();
    },
  ],
  [
    'serves several consumers of one reader at their own positions',
    {},
    async (_topic, log) => {
      const texts = Array.from({ length: 200 }, (_, at) => `${at}`.padStart(300, '-'));
      await Promise.all(texts.map((text) => appendText(log, text)));
      const all = await Promise.all([readAll(log, 0, KIB), readAll(log, 0, 3 * KIB), readAll(log, 0, MIB)]);
      for (const { records } of all) assert.deepEqual(records.map(textOf), texts);
    },
  ],
  [
    'trims old records, never the last one, and answers older positions with a gap',
    { small: true },
    async (_topic, log) => {
      const positions: Position[] = [];
      const payload = new Uint8Array(64 * KIB);
      for (let at = 0; at < 40; at += 1) positions.push(await log.append({ rows: at }, [payload]));
      const middle = positions[30] ?? 0;
      await log.trim(middle);
      const { first } = await log.extent();
      assert.ok(first > (positions[0] ?? 0) && first <= middle, `first ${first}`);
      const { records, gaps } = await readAll(log, positions[0] ?? 0);
      assert.deepEqual(gaps.length, 1);
      assert.equal(gaps[0]?.to, first);
      assert.ok(records.length >= 10);
      assert.deepEqual(records.at(-1)?.header, { rows: 39 });
      await log.trim(Number.MAX_SAFE_INTEGER);
      assert.deepEqual((await log.last())?.header, { rows: 39 });
      const after = await appendText(log, 'after');
      assert.equal(textOf((await readAll(log, after)).records[0]), 'after');
    },
  ],
  [
    'says when there is something to read',
    {},
    async (_topic, log) => {
      const { next } = await log.extent();
      const waiting = log.changed(next, TIMEOUT_MS);
      const position = await appendText(log, 'news');
      await waiting;
      await log.changed(position, TIMEOUT_MS);
      const startedMs = performance.now();
      await log.changed((await log.extent()).next, 60);
      const waitedMs = performance.now() - startedMs;
      assert.ok(waitedMs >= 50 && waitedMs < TIMEOUT_MS, `${waitedMs} ms`);
    },
  ],
  [
    'has one writer: a second one is refused, or fences the first',
    {},
    async (topic, log) => {
      const kept = await appendText(log, 'of the first');
      const second = await topic.openWriter().catch((error: unknown) => error);
      if (second instanceof Error) {
        rejectsWith('fenced')(second);
        await appendText(log, 'still the first');
        return;
      }
      const winner = second as LogWriter;
      assert.ok((await appendText(winner, 'of the second')) > kept);
      await assert.rejects(appendText(log, 'too late'), rejectsWith('fenced'));
      await assert.rejects(appendText(log, 'too late again'), rejectsWith('fenced'));
      const { records } = await readAll(winner, kept);
      assert.deepEqual(records.map(textOf), ['of the first', 'of the second']);
      await winner.close();
    },
  ],
  [
    'refuses records over the limit, and only those',
    { recordBytesMax: 10 * KIB },
    async (_topic, log) => {
      await assert.rejects(log.append({ rows: 1 }, [new Uint8Array(10 * KIB + 1)]), rejectsWith('too_large'));
      await log.append({ rows: 1 }, [new Uint8Array(10 * KIB)]);
    },
  ],
  [
    'refuses when too much waits, and goes on when it does not any more',
    { pendingBytesMax: 100 * KIB },
    async (_topic, log) => {
      const payload = new Uint8Array(30 * KIB);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => log.append({ rows: 1 }, [payload])),
      );
      const refused = results.filter((result) => result.status === 'rejected');
      assert.ok(refused.length >= 6 && refused.length < 10, `${refused.length} refused`);
      for (const { reason } of refused) rejectsWith('busy')(reason);
      await log.append({ rows: 1 }, [payload]);
      assert.equal((await readAll(log, 0)).records.length, 10 - refused.length + 1);
    },
  ],
  [
    'is full at its byte limit, loses nothing, and goes on after a trim',
    { bytesMax: 2 * MIB, small: true },
    async (_topic, log) => {
      const payload = new Uint8Array(100 * KIB);
      let accepted = 0;
      const fill = async () => {
        for (; accepted < 100; accepted += 1) await log.append({ rows: accepted }, [payload]);
      };
      await assert.rejects(fill(), rejectsWith('full'));
      assert.ok(accepted >= 10 && accepted <= 20, `${accepted} accepted`);
      const { records } = await readAll(log, 0);
      assert.equal(records.length, accepted);
      await log.trim(records.at(-1)?.position ?? 0);
      await log.append({ rows: 1000 }, [payload]);
      assert.deepEqual((await log.last())?.header, { rows: 1000 });
    },
  ],
  [
    'finishes what was appended before close, and refuses what comes after',
    {},
    async (topic, log) => {
      const pending = ['a', 'b'].map((text) => appendText(log, text));
      const waiting = log.changed(Number.MAX_SAFE_INTEGER, TIMEOUT_MS);
      await log.close();
      await log.close();
      await waiting;
      increasing(await Promise.all(pending));
      await assert.rejects(appendText(log, 'c'), rejectsWith('closed'));
      await assert.rejects(log.read(0, MIB), rejectsWith('closed'));
      await assert.rejects(log.trim(0), rejectsWith('closed'));
      const again = await topic.openWriter();
      assert.equal(textOf(await again.last()), 'b');
      await again.close();
    },
  ],
];

/** Runs the suite against an adapter. Skipped as a whole, with the reason, where the harness says so. */
export const logConformance = (name: string, harness: LogHarness): void => {
  describe(`log conformance: ${name}`, { skip: harness.skip === undefined ? false : harness.skip }, () => {
    for (const [title, limits, run] of CASES) {
      test(title, async () => {
        const topic = await harness.create(limits);
        try {
          const log = await topic.openWriter();
          try {
            await run(topic, log);
          } finally {
            await log.close();
          }
        } finally {
          await topic.dispose();
        }
      });
    }
  });
};
