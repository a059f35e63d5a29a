import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { nodeFiles, type OpenFile, type OpenMode } from '../../lib/file-port.ts';
import { quietTelemetry, Telemetry } from '../../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../../lib/testing/random.ts';
import { until } from '../../lib/testing/until.ts';
import { LogError, type LogReader, type LogWriter, type Position } from '../log.ts';
import { openSegmentReader, openSegmentWriter, SEGMENT_BYTES_DEFAULT } from './segment-log.ts';
import { numberedPayload } from './testing/numbered-payload.ts';

/** Faults caused for real: processes killed under load, a disk that is full, a reader in another process. */

const KILL_ROUNDS = 6;
const ACKNOWLEDGED_MIN = 100;
const MIB = 1024 * 1024;
const CHILD = join(import.meta.dirname, 'testing', 'append-forever.ts');
const seed = testSeed();

const withDir = async (work: (dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-log-'));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const open = (dir: string, telemetry = quietTelemetry()): Promise<LogWriter> =>
  openSegmentWriter({ dir, name: 'topic', segmentBytes: MIB, clock: systemClock, telemetry });

/** All records, checked to be what their number says; no gaps. */
const readNumbers = async (log: LogReader): Promise<Map<Position, number>> => {
  const numbers = new Map<Position, number>();
  for (let next = 0; ; ) {
    const result = await log.read(next, MIB);
    assert.deepEqual(result.gaps, []);
    for (const { position, header, payload } of result.records) {
      assert.equal(Buffer.compare(payload, numberedPayload(header.rows)), 0, `record ${header.rows}`);
      numbers.set(position, header.rows);
    }
    if (result.next === next) return numbers;
    next = result.next;
  }
};

interface Appender {
  readonly child: ChildProcess;
  readonly lines: () => readonly string[];
  readonly ended: Promise<unknown>;
}

const startAppender = (dir: string, firstNumber: number): Appender => {
  const child = spawn(process.execPath, [CHILD, dir, `${firstNumber}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  return { child, lines: () => output.split('\n').slice(0, -1), ended };
};

test(`nothing acknowledged is lost when the writer is killed under load (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  await withDir(async (dir) => {
    const random = new SeededRandom(seed);
    const acknowledged = new Map<Position, number>();
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const { child, lines, ended } = startAppender(dir, round * 1_000_000);
      await until('it appends', () => lines().length > ACKNOWLEDGED_MIN / KILL_ROUNDS);
      await new Promise((resolve) => setTimeout(resolve, random.below(400)));
      child.kill('SIGKILL');
      await ended;
      for (const line of lines()) {
        const [position, number] = line.split(' ').map(Number);
        acknowledged.set(position ?? -1, number ?? -1);
      }
      const log = await open(dir);
      const found = await readNumbers(log);
      for (const [position, number] of acknowledged)
        assert.equal(found.get(position), number, `round ${round}`);
      await log.close();
    }
    assert.ok(acknowledged.size > ACKNOWLEDGED_MIN, `${acknowledged.size} acknowledged`);
  });
});

test('a second process is refused, with the pid of the one that holds the topic, and let in when that is killed', async () => {
  await withDir(async (dir) => {
    const { child, lines, ended } = startAppender(dir, 0);
    await until('it appends', () => lines().length > 0);
    await assert.rejects(open(dir), (error) => {
      assert.ok(error instanceof LogError && error.code === 'fenced');
      assert.match(error.message, new RegExp(`process ${child.pid}`));
      return true;
    });
    child.kill('SIGKILL');
    await ended;
    await (await open(dir)).close();
  });
});

test('a reader follows a writer in another process, through new segments and trims', {
  timeout: 300_000,
}, async () => {
  await withDir(async (dir) => {
    const { child, lines, ended } = startAppender(dir, 0);
    const events: string[] = [];
    const telemetry = new Telemetry((_level, name) => void events.push(name));
    const reader = await openSegmentReader({ dir, name: 'topic', telemetry });
    let next = 0;
    let records = 0;
    const deadlineMs = performance.now() + 1500;
    while (performance.now() < deadlineMs || records <= 100) {
      const told = Math.max(0, ...lines().map((line) => Number(line.split(' ')[0]) + 1));
      reader.durableTo(told);
      const result = await reader.read(next, MIB);
      assert.deepEqual(result.gaps, []);
      for (const record of result.records) {
        assert.equal(Buffer.compare(record.payload, numberedPayload(record.header.rows)), 0);
        assert.ok(record.position < told, 'nothing that it was not told of');
      }
      records += result.records.length;
      next = result.next;
      await reader.changed(next, 5);
    }
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(events, []);
    await reader.close();
  });
});

const mountTmpfs = (dir: string): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'mounting a small disk needs Linux and root';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `mounting a small disk failed: ${String(error)}`;
  }
};

/** Appends until refused; the numbers accepted. */
const fill = async (
  log: LogWriter,
  from: number,
): Promise<{ readonly next: number; readonly error: unknown }> => {
  for (let next = from; ; next += 1) {
    try {
      await log.append({ rows: next }, [numberedPayload(next)]);
    } catch (error) {
      return { next, error };
    }
  }
};

test('a disk that is really full: refused with full, nothing lost, goes on when there is space', async (context) => {
  await withDir(async (dir) => {
    const reason = mountTmpfs(dir);
    if (reason !== undefined) {
      context.skip(reason);
      return;
    }
    try {
      const ballast = join(dir, 'ballast');
      await writeFile(ballast, Buffer.alloc(2 * MIB));
      let log = await open(dir);
      const first = await fill(log, 1);
      assert.ok(first.error instanceof LogError && first.error.code === 'full', String(first.error));
      assert.equal((await readNumbers(log)).size, first.next - 1);
      await assert.rejects(
        log.append({ rows: 0 }, [Buffer.alloc(4 * MIB)]),
        (error) => error instanceof LogError && error.code === 'full',
      );
      await log.close();
      log = await open(dir);
      assert.equal((await readNumbers(log)).size, first.next - 1);
      await unlink(ballast);
      const second = await fill(log, first.next);
      assert.ok(second.next > first.next + 10, 'goes on when there is space');
      assert.ok(second.error instanceof LogError && second.error.code === 'full');
      await log.trim(Math.floor(second.next / 2));
      const third = await fill(log, second.next);
      assert.ok(third.next > second.next + 10, 'goes on after a trim');
      await log.close();
    } finally {
      execFileSync('umount', [dir]);
    }
  });
});

test('a topic of half a GiB is opened, and its last record read, by reading no more than a segment of it', {
  timeout: 300_000,
}, async () => {
  await withDir(async (dir) => {
    const large = { dir, name: 'topic', clock: systemClock, telemetry: quietTelemetry() };
    let log = await openSegmentWriter(large);
    const payload = Buffer.alloc(MIB, 'x');
    for (let at = 0; at < 256; at += 1) await log.append({ rows: at }, [payload, payload]);
    await log.close();
    let readBytes = 0;
    const openCounted = async (path: string, mode: OpenMode): Promise<OpenFile> => {
      const file = await nodeFiles.open(path, mode);
      const read = file.read.bind(file);
      return Object.assign(file, {
        read: (target: Uint8Array, offset: number) => {
          readBytes += target.length;
          return read(target, offset);
        },
      });
    };
    log = await openSegmentWriter({ ...large, files: { ...nodeFiles, open: openCounted } });
    assert.equal((await log.last())?.header.rows, 255);
    assert.ok(readBytes > 0 && readBytes < 1.5 * SEGMENT_BYTES_DEFAULT, `${readBytes} bytes`);
    await log.close();
  });
});
