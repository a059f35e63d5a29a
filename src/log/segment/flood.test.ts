import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import { type FilePort, nodeFiles } from '../../lib/file-port.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { openSegmentReader, openSegmentWriter } from './segment-log.ts';

const MIB = 1024 * 1024;
const SEGMENT_BYTES = 4 * MIB;
const WAIT_MS = 120_000;

/** Counts what is written ahead into files that are no segments yet. */
const countingFiles = (): { files: FilePort; zeroed: () => number } => {
  let zeroed = 0;
  const files: FilePort = {
    ...nodeFiles,
    open: async (path, mode) => {
      const file = await nodeFiles.open(path, mode);
      const writev = file.writev.bind(file);
      return Object.assign(file, {
        writev: (parts: readonly Uint8Array[], offset: number) => {
          const bytes = parts.reduce((sum, part) => sum + part.length, 0);
          if (bytes > 64 * 1024 && parts.every((part) => part.every((byte) => byte === 0))) zeroed += bytes;
          return writev(parts, offset);
        },
      });
    },
  };
  return { files, zeroed: () => zeroed };
};

test('a flood is not written twice; in the calm behind it the next segment is zeroed ahead again', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-flood-'));
  t.after(() => rm(dir, { recursive: true }));
  let nowMs = 0;
  const clock: Clock = { nowMs: () => 1_000 + nowMs, monotonicMs: () => nowMs };
  const { files, zeroed } = countingFiles();
  const place = { dir, name: 'topic', telemetry: quietTelemetry() };
  const writer = await openSegmentWriter({ ...place, files, clock, segmentBytes: SEGMENT_BYTES });
  t.after(() => writer.close());
  const segments = async (): Promise<number> =>
    (await readdir(join(dir, 'topic'))).filter((name) => name.endsWith('.seg')).length;
  const payload = Buffer.alloc(MIB, 7);
  const append = async (elapsedMs: number, bytes = MIB): Promise<void> => {
    nowMs += elapsedMs;
    await writer.append({ rows: 1 }, [payload.subarray(0, bytes)]);
  };
  // 50 MiB a second.
  for (let count = 0; count < 60; count += 1) await append(20);
  const beforeFlood = zeroed();
  for (let count = 0; count < 40; count += 1) await append(20);
  assert.equal(zeroed(), beforeFlood, 'zeros were written in a flood');
  const inFlood = await segments();
  // A small record a second: the pace falls, the next segment is zeroed, and the one after that goes into it.
  await append(1_000, 100);
  for (const limit = Date.now() + WAIT_MS; zeroed() < beforeFlood + SEGMENT_BYTES; await pause(5))
    assert.ok(Date.now() < limit, `only ${zeroed() - beforeFlood} bytes were zeroed`);
  for (const limit = Date.now() + WAIT_MS; (await segments()) === inFlood; await pause(5)) {
    await append(1_000, 100);
    assert.ok(Date.now() < limit, 'it stays in the segment of the flood');
  }
  const after = await segments();
  for (let count = 0; count < 20; count += 1) await append(1_000, 100);
  assert.equal(await segments(), after, 'calm traffic stays in its segment');
  const reader = await openSegmentReader({ ...place, durable: 'found' });
  t.after(() => reader.close());
  const { next } = await writer.extent();
  let seen = 0;
  for (let from = 0; from < next; ) {
    const { records, gaps, next: end } = await reader.read(from, 8 * MIB);
    assert.deepEqual(gaps, []);
    seen += records.length;
    from = end;
  }
  assert.equal(seen, next);
});
