import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { PATIENCE_MS, until } from '../../lib/testing/until.ts';
import { openTestEngine, TEST_MEMORY_BYTES } from '../testing/engine.ts';
import { EngineStartError, startEngine } from './supervise.ts';

const READY_MS = 180_000;

const options = (dataDir: string) => ({
  dataDir,
  memoryBytesMax: TEST_MEMORY_BYTES,
  secret: 's',
  telemetry: quietTelemetry(),
});

/** False for zombies too: who adopts an orphan need not bury it. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    const state = existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !/\) Z /.test(state);
  } catch {
    return false;
  }
};

test('an engine that dies comes back at the same address, with its rows', async () => {
  await using running = await openTestEngine();
  const { engine } = running;
  const warehouse = await running.migrated();
  await warehouse.command("INSERT INTO ledger (project, account, events) VALUES ('p', 'stored', 5)");
  const { url } = engine;
  for (let round = 1; round <= 3; round += 1) {
    const { pid } = engine;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    while (engine.pid === pid) await sleep(5);
    await assert.rejects(warehouse.query('SELECT 1'), { code: 'unavailable', retryable: true });
    await engine.ready(READY_MS);
    assert.equal(engine.url, url);
    assert.equal(engine.restarts, round);
    assert.deepEqual((await warehouse.query('SELECT sum(events) AS n FROM ledger')).rows, [{ n: 5 }]);
  }
});

test('stopping lets a statement finish, does not wait for one that takes too long, and leaves no process', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-stop-'));
  for (const { seconds, drainMs, finishes } of [
    { seconds: 1, drainMs: PATIENCE_MS, finishes: true },
    { seconds: 600, drainMs: 200, finishes: false },
  ]) {
    const engine = await startEngine({ ...options(dataDir), drainMs });
    const { pid = 0, url } = engine;
    const ask = (body: string): Promise<Response> =>
      fetch(url, { method: 'POST', body, headers: { 'X-ClickHouse-Key': 's' } });
    const sql = `SELECT sleepEachRow(${seconds / 200}) FROM numbers(200) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 3000000, max_execution_time = 3600`;
    const asked = ask(sql)
      .then(async (answer) => (await answer.text()).length > 0 && answer.ok)
      .catch(() => false);
    await until('the statement is under way', async () => {
      const running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleepEachRow%'";
      return (await (await ask(running)).text()) === '1\n';
    });
    await Promise.all([engine.stop(), engine.stop()]);
    assert.equal(isAlive(pid), false);
    assert.equal(engine.state, 'stopped');
    assert.equal(await asked, finishes);
    await assert.rejects(engine.ready(100), EngineStartError);
  }
  await rm(dataDir, { recursive: true });
});

test('two engines never share a folder', async () => {
  await using running = await openTestEngine();
  const entry = fileURLToPath(new URL('./child.ts', import.meta.url));
  const second = fork(entry, [], { env: {}, execArgv: [] });
  const start = {
    ...options(running.dataDir),
    telemetry: undefined,
    host: '127.0.0.1',
    port: 0,
    readLanes: 1,
    lockTimeoutMs: 300,
    drainMs: 0,
  };
  second.send({ kind: 'start', options: start });
  const [message] = await once(second, 'message');
  assert.equal(message.kind, 'failed');
  assert.match(message.message, /is using it/);
  await once(second, 'exit');
  const first = running.connect({ database: 'default' });
  await until('the first still answers', () => first.ping());
});

test('an orphan ends with its parent, and its successor waits for it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-orphan-'));
  const supervise = new URL('./supervise.ts', import.meta.url).href;
  const telemetry = new URL('../../lib/telemetry.ts', import.meta.url).href;
  const script = `import { startEngine } from ${JSON.stringify(supervise)};
    import { quietTelemetry } from ${JSON.stringify(telemetry)};
    const engine = await startEngine({ dataDir: ${JSON.stringify(dataDir)}, memoryBytesMax: ${TEST_MEMORY_BYTES}, secret: 's', telemetry: quietTelemetry() });
    process.send(engine.pid);`;
  const parent = fork('-', [], {
    execArgv: ['--input-type=module', '--eval', script],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [pid] = (await once(parent, 'message')) as [number];
  parent.kill('SIGKILL');
  const engine = await startEngine(options(dataDir));
  assert.equal(isAlive(pid), false);
  await engine.stop();
  await rm(dataDir, { recursive: true });
});

test('a failed start says why and leaves nothing behind', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-port-'));
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await assert.rejects(startEngine({ ...options(dataDir), port }), /EADDRINUSE/);
  blocker.close();
  const engine = await startEngine({ ...options(dataDir), port });
  assert.equal(engine.url, `http://127.0.0.1:${port}`);
  await engine.stop();
  assert.ok((await readdir(dataDir)).includes('store'));
  await rm(dataDir, { recursive: true });
});

test('a folder with an odd name works or is refused', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'aevum-odd-'));
  for (const name of ['a*', 'a?', '{a,b}', 'a\\b'])
    await assert.rejects(startEngine(options(join(parent, name))), /must not have/);
  const engine = await startEngine(options(join(parent, "it's [x] & <ü>; -- %s")));
  const ask = async (query: string, body: string): Promise<string> =>
    (
      await fetch(`${engine.url}/?query=${encodeURIComponent(query)}`, {
        method: 'POST',
        body,
        headers: { 'X-ClickHouse-Key': 's' },
      })
    ).text();
  await ask('CREATE TABLE default.t (a UInt8) ENGINE = MergeTree ORDER BY a', '');
  assert.equal(await ask('INSERT INTO default.t FORMAT TSV', '1\n2\n'), '');
  assert.equal(await ask('SELECT sum(a) FROM default.t', ''), '3\n');
  await engine.stop();
  await rm(parent, { recursive: true });
});
