import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { openSegmentWriter } from './segment-log.ts';
import { verifyTopic } from './verify.ts';

test('a check counts the records of a topic, beside its writer, and finds damage', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-log-'));
  try {
    const telemetry = quietTelemetry();
    const log = await openSegmentWriter({ dir, name: 'topic', clock: systemClock, telemetry });
    for (let at = 0; at < 10; at += 1) await log.append({ rows: 1 }, [Buffer.alloc(1000, at)]);
    assert.deepEqual(await verifyTopic(dir, 'topic', telemetry), {
      first: 0,
      next: 10,
      records: 10,
      payloadBytes: 10_000,
      gaps: [],
    });
    await log.close();
    const file = await open(join(dir, 'topic', '0000000000000000.seg'), 'r+');
    await file.write(Buffer.from('?'), 0, 1, 4096 + 3 * 1072 + 500);
    await file.close();
    const { records, gaps } = await verifyTopic(dir, 'topic', telemetry);
    assert.equal(records, 9);
    assert.deepEqual(
      gaps.map(({ from, to }) => [from, to]),
      [[3, 4]],
    );
    assert.match(
      gaps[0]?.detail ?? '',
      /0000000000000000\.seg at byte 7312: the checksum of a payload does not match/,
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
