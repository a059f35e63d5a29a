/** The engine dies, hangs, or the processor hangs: events are acknowledged all the same, questions are told to come back, and afterwards every count is exact. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { startEngine } from '../../src/warehouse/engine/supervise.ts';
import { Load } from '../crash/load.ts';
import { assertBalanced, Client, codeOf } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';
import { isRunning } from '../support/processes.ts';
import { until } from '../support/until.ts';

const KILLS = 4;
const ENGINE_BYTES = 512 * 1024 * 1024;

describe('without its engine', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-engine-down-'));
  let platform: Platform;
  let client: Client;

  before(async () => {
    platform = await Platform.start(dataDir, await freePort(), ['--query-timeout-ms', '2s']);
    client = new Client(platform.url);
    await client.send({ id: 'before', type: 'before' });
    await client.settled();
  });
  after(async () => {
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A question may take two seconds, and this machine may stand still for longer. */
  const counted = (question = {}): Promise<number> =>
    until('the events are counted', () => client.count(question));

  /** Runs a load beside some work; then all of it must be stored once. */
  const underLoad = async (prefix: string, work: (load: Load) => Promise<void>) => {
    const earlier = await counted();
    const load = new Load(platform.url, prefix, 2);
    await until('the load flows', () => load.acknowledged.size > 0);
    try {
      await work(load);
    } finally {
      await load.finish();
    }
    const ledger = await client.settled();
    assertBalanced(ledger);
    assert.equal(load.retries, 0, 'a request to collect was not answered 202');
    assert.equal(await counted(), earlier + load.acknowledged.size);
    assert.equal(await counted({ source: 'events' }), ledger.total.stored);
  };

  const acknowledging = async (load: Load): Promise<void> => {
    const known = load.acknowledged.size;
    await until('more is acknowledged', () => load.acknowledged.size > known);
  };

  test('killed again and again: 202 for events, 503 with Retry-After for questions', async () => {
    await underLoad('killed', async (load) => {
      for (let kill = 0; kill < KILLS; kill++) {
        await until('an engine runs', () => platform.kill('engine'));
        await acknowledging(load);
      }
      const reply = await until('a question is refused', async () => {
        await platform.kill('engine');
        const answer = await client.question({});
        return answer.status !== 200 && answer;
      });
      assert.deepEqual([reply.status, codeOf(reply)], [503, 'warehouse_unavailable'], reply.text);
      assert.ok(Number(reply.headers.get('retry-after')) >= 1);
      assert.doesNotMatch(reply.text, /SELECT|ECONN|127\.0\.0\.1/, 'the answer tells of the inside');
      const { status } = await until('health tells', async () => {
        await platform.kill('engine');
        const health = await client.health();
        return health.checks.some((check) => check.name === 'engine' && check.status === 'yellow') && health;
      });
      assert.equal(status, 'yellow');
      assert.ok(await platform.ready(), 'events are taken in, so it is ready');
      await acknowledging(load);
    });
    await until('health is green again', async () => (await client.health()).status === 'green');
  });

  test('hanging: questions end in time, events are acknowledged, loading catches up', async () => {
    const pid = platform.pidOf('engine');
    assert.ok(pid !== undefined);
    await underLoad('hanging', async (load) => {
      process.kill(pid, 'SIGSTOP');
      try {
        // Something new: what was asked a moment ago is answered from memory.
        const reply = await client.question({ types: ['never asked for'] });
        assert.ok([503, 504].includes(reply.status), `${reply.status} ${reply.text}`);
        await acknowledging(load);
        const { checks } = await until('health tells', async () => {
          const health = await client.health();
          return health.status === 'yellow' && health;
        });
        assert.match(checks.find(({ name }) => name === 'engine')?.message ?? '', /does not answer/);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });
    assert.equal(platform.pidOf('engine'), pid);
    await until('health is green again', async () => (await client.health()).status === 'green');
  });

  test('hanging for good: the engine is started anew', async () => {
    const engine = await startEngine({
      dataDir: join(dataDir, 'hanging'),
      memoryBytesMax: ENGINE_BYTES,
      secret: 's',
      telemetry: quietTelemetry(),
      pingEveryMs: 50,
    });
    try {
      const { pid = 0 } = engine;
      process.kill(pid, 'SIGSTOP');
      await until('another process answers', () => engine.pid !== pid && engine.isAnswering);
      assert.ok(engine.restarts >= 1);
      assert.equal(isRunning(pid), false);
    } finally {
      await engine.stop();
    }
  });

  test('a hanging processor: what it did not do yet is pending, nothing is lost', async () => {
    const pid = platform.pidOf('processor');
    assert.ok(pid !== undefined);
    await underLoad('processor', async (load) => {
      process.kill(pid, 'SIGSTOP');
      try {
        await acknowledging(load);
        const { total, balanced } = await until('events are pending', async () => {
          const ledger = await client.ledger();
          return ledger.total.pending > 500 && ledger;
        });
        assert.ok(balanced);
        assert.equal(total.difference, 0);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });
  });
});
