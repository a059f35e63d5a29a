/** The wall clock jumps by hours, forward and back: acknowledging, finding duplicates and the ledger go on as they should. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { type RunningNode, startNode } from '../../src/node.ts';
import { assertBalanced, Client, type Refusal } from '../support/client.ts';
import { ADMIN_KEY, WRITE_KEY } from '../support/platform.ts';

const HOUR_MS = 3_600_000;

describe('a clock that jumps', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-clock-'));
  let offsetMs = 0;
  let node: RunningNode | undefined;
  const clock = { nowMs: () => Date.now() + offsetMs, monotonicMs: () => performance.now() };
  const flags = { dataDir, port: '0', writeKey: WRITE_KEY, adminKey: ADMIN_KEY, logLevel: 'error' };
  const start = async (): Promise<Client> => {
    const config = loadConfig({ flags, environment: {}, cwd: dataDir });
    node = await startNode(config, { onProgress: () => undefined, clock });
    return new Client(node.url);
  };
  after(async () => {
    await node?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** What stands in the ledger, everything loaded. */
  const booked = async (client: Client): Promise<{ stored: number; duplicate: number; stale: number }> => {
    const ledger = await client.settled();
    assertBalanced(ledger);
    const { stored, duplicate, stale } = ledger.total;
    return { stored, duplicate, stale };
  };

  test('forward and back, over a restart', async () => {
    let client = await start();
    const jumps: readonly [number, { stored: number; duplicate: number; stale: number }][] = [
      [0, { stored: 2, duplicate: 0, stale: 0 }],
      [2 * HOUR_MS, { stored: 3, duplicate: 1, stale: 0 }],
      [-3 * HOUR_MS, { stored: 4, duplicate: 2, stale: 0 }],
      [20 * HOUR_MS, { stored: 5, duplicate: 3, stale: 0 }],
    ];
    for (const [index, [jumpMs, expected]] of jumps.entries()) {
      offsetMs = jumpMs;
      const { accepted } = await client.send({ id: 'same', type: 't' }, { id: `at-${index}`, type: 't' });
      assert.equal(accepted, 2, `after a jump to ${jumpMs / HOUR_MS} h`);
      assert.deepEqual(await booked(client), expected, `after a jump to ${jumpMs / HOUR_MS} h`);
    }
    offsetMs = -HOUR_MS;
    await node?.stop();
    client = await start();
    await client.send({ id: 'same', type: 't' }, { id: 'at-3', type: 't' }, { id: 'new', type: 't' });
    assert.deepEqual(await booked(client), { stored: 6, duplicate: 5, stale: 0 });
  });

  test('events are judged by the clock as it is', async () => {
    const client = new Client(node?.url ?? '');
    offsetMs = 30 * HOUR_MS;
    const reply = await client.post(`{"type":"t","timestamp":${Date.now()}}`);
    assert.equal(reply.status, 422);
    assert.equal((JSON.parse(reply.text) as Refusal).error.details?.code, 'too_old');
    offsetMs = 0;
    assert.equal((await client.post(`{"type":"t","timestamp":${Date.now()}}`)).status, 202);
    assert.deepEqual(await booked(client), { stored: 7, duplicate: 5, stale: 1 });
  });
});
