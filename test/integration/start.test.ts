/** Starting and stopping as users do it: the first minute, the second start, Ctrl-C, and everything that can be wrong with where and how. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from '../crash/load.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { aevum, run } from '../support/command.ts';
import { freePort, MAIN, Platform } from '../support/platform.ts';
import { descendantsOf, isRunning, type ProcessEntry, processorMs } from '../support/processes.ts';
import { readStored } from '../support/stored.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What is promised of the second start, on an idle machine. */
const PROMISED_MS = 5_000;
const NO_PRESETS = { AEVUM_WRITE_KEY: undefined, AEVUM_ADMIN_KEY: undefined };

interface Credentials {
  readonly write_key: string;
  readonly admin_key: string;
}

const scratch = mkdtempSync(join(tmpdir(), 'aevum-start-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The printed commands: lines from `curl` on as long as each ends in a backslash. */
const printedCommands = (screen: string): string[] =>
  [...screen.matchAll(/^ {4}(curl (?:.*\\\n)*.*)$/gm)].map(([, command = '']) => command);

/** Runs what was printed, exactly as it was, in a shell. That curl tells the status at the end is left to curl's own settings. */
const paste = async (command: string): Promise<{ readonly status: number; readonly body: string }> => {
  writeFileSync(join(scratch, '.curlrc'), 'silent\nwrite-out = "\\n%{http_code}"\n');
  const { code, stdout, stderr } = await run('sh', ['-c', command], { env: { CURL_HOME: scratch } });
  assert.equal(code, 0, stderr);
  const lines = stdout.split('\n');
  return { status: Number(lines.pop()), body: lines.join('\n') };
};

describe('a user starts it for the first time', { timeout: 300_000 }, () => {
  const dataDir = join(scratch, 'first', 'data');
  const credentialsPath = join(dataDir, 'credentials.json');
  const credentials = (): Credentials => JSON.parse(readFileSync(credentialsPath, 'utf8')) as Credentials;
  const client = (): Client => {
    const { write_key: write, admin_key: admin } = credentials();
    return new Client(platform.url, { write, admin });
  };
  let port = 0;
  let platform: Platform;
  after(() => platform?.kill('group'));

  test('keys are made, for the owner only, and work', async () => {
    port = await freePort();
    platform = await Platform.start(dataDir, port, [], NO_PRESETS);
    assert.equal(statSync(credentialsPath).mode & 0o777, 0o600);
    const { write_key: write, admin_key: admin } = credentials();
    assert.match(write, /^aev_w_\w{33}$/);
    assert.match(admin, /^aev_a_\w{33}$/);
    const body = '{"type":"t","id":"first"}';
    assert.equal((await client().post(body)).status, 202);
    assert.equal((await client().ask('/api/events', { key: write })).status, 403);
    assert.equal((await client().ask('/api/events', { key: `${admin.slice(0, -1)}-` })).status, 401);
    assert.equal((await client().ask('/api/events', { key: admin })).status, 200);
  });

  test('the printed commands work as they were printed', async () => {
    const screen = await until('the screen is there', () => {
      return platform.output.includes('Ctrl-C stops') && platform.output;
    });
    assert.ok(screen.includes(platform.url) && screen.includes(credentials().write_key));
    assert.ok(!screen.includes(credentials().admin_key), 'the admin key was printed');
    const [send = '', read = '', ...others] = printedCommands(screen);
    assert.equal(others.length, 0);
    const sent = await paste(send);
    assert.equal(sent.status, 202, sent.body);
    assert.equal((JSON.parse(sent.body) as { accepted: number }).accepted, 1);
    await client().settled();
    const { status, body } = await paste(read);
    assert.equal(status, 200, body);
    const { events } = JSON.parse(body) as { events: { user_id?: string; context?: object }[] };
    const event = events.find(({ user_id }) => user_id === 'ada');
    assert.deepEqual(event?.context, { page: '/hello' });
  });

  test('Ctrl-C ends it with 0; the second start is ready with little work, with the same keys and events', async (context) => {
    const before = credentials();
    const stopMs = await timed(async () => assert.equal(await platform.stop(), 0, platform.output));
    const startMs = await timed(async () => {
      platform = await Platform.start(dataDir, port, [], NO_PRESETS);
    });
    context.diagnostic(`stopped in ${stopMs} ms, ready again in ${startMs} ms`);
    const workMs = processorMs(platform.pid);
    assert.ok(workMs > 0 && workMs < PROMISED_MS, `the second start took ${workMs} ms of the processors`);
    assert.deepEqual(credentials(), before);
    assert.equal(await client().count(), 2);
    assert.equal((await client().post('{"type":"t","id":"first"}')).status, 202);
    const { total } = await client().settled();
    assert.equal(total.duplicate, 1, 'the id of the first run was forgotten');
    assert.equal(await platform.stop(), 0);
  });
});

const timed = async (work: () => Promise<void>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return Math.round(performance.now() - startMs);
};

describe('a running platform', { timeout: 300_000 }, () => {
  const dataDir = join(scratch, 'running');
  let platform: Platform;
  after(() => platform?.kill('group'));

  test('preset keys replace those of the file', async () => {
    platform = await Platform.start(dataDir, await freePort(), [], NO_PRESETS);
    const made = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Credentials;
    assert.equal(await platform.stop(), 0);
    platform = await Platform.start(dataDir, platform.port);
    const client = new Client(platform.url);
    await client.send({ type: 'preset', id: 'preset' });
    assert.equal((await client.ask('/api/events', { key: made.admin_key })).status, 401);
    assert.equal((await client.ask('/api/events')).status, 200);
    const again = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Credentials;
    assert.notEqual(again.write_key, made.write_key);
  });

  test('its port is taken: the second says so and leaves nothing behind', async () => {
    const args = ['start', '--data-dir', join(scratch, 'second'), '--port', String(platform.port)];
    const { code, stderr } = await aevum(args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`port ${platform.port} .*in use`, 'i'));
    assert.match(stderr, /--port/);
    assert.doesNotMatch(stderr, /^\s+at /m, 'a stack was printed');
  });

  test('its data folder is taken: the second says by whom, the first goes on', async () => {
    const args = ['start', '--data-dir', dataDir, '--port', String(await freePort())];
    const { code, stderr } = await aevum(args);
    assert.equal(code, 1, stderr);
    assert.ok(stderr.includes(`process ${platform.pid}`) && stderr.includes(dataDir), stderr);
    assert.match(stderr, /Stop that one first, or choose another/);
    const client = new Client(platform.url);
    await client.send({ type: 'preset', id: 'after the second' });
    assertBalanced(await client.settled());
    assert.equal(await client.count({ types: ['preset'] }), 2);
  });

  test('Ctrl-C in the middle of the load loses nothing that was acknowledged', async () => {
    const load = new Load(platform.url, 'ctrl-c', 4);
    await until('the load flows', () => load.acknowledged.size > 2_000);
    assert.equal(await platform.stop(), 0, platform.output);
    const acknowledged = new Set(load.acknowledged);
    platform = await Platform.start(dataDir, platform.port);
    await load.finish();
    const client = new Client(platform.url);
    const ledger = await client.settled();
    assertBalanced(ledger);
    assert.equal(await client.count(), ledger.total.stored);
    assert.equal(await platform.stop(), 0);
    const stored = await readStored(dataDir);
    assert.deepEqual(
      [...acknowledged, ...load.acknowledged].filter((id) => stored.ids.get(id) !== 1).slice(0, 10),
      [],
    );
    assert.equal(stored.ids.size, ledger.total.stored);
    assert.deepEqual(stored.rollup, stored.raw);
  });
});

describe('what cannot be started', { timeout: 300_000 }, () => {
  test('all that is wrong with the configuration is said at once', async () => {
    const file = join(scratch, 'wrong.json');
    writeFileSync(file, '{"prt": 9000, "stale-limit-ms": "soon"}');
    const args = ['start', '--config', file, '--dat-dir', '/nowhere', '--host', ''];
    const { code, stderr } = await aevum(args, { env: { AEVUM_PORT: 'many', AEVUM_QUERY_TIMEOUT: '1s' } });
    assert.equal(code, 2, stderr);
    for (const said of [
      /--dat-dir .*Did you mean "--data-dir"\?/,
      /--host must be/,
      /"stale-limit-ms" in .*wrong\.json must be a duration/,
      /unknown option "prt"\. Did you mean "port"\?/,
      /AEVUM_PORT must be a whole number/,
      /AEVUM_QUERY_TIMEOUT .*Did you mean AEVUM_QUERY_TIMEOUT_MS\?/,
    ])
      assert.match(stderr, said);
  });

  test('a file of options that cannot be read, or is no JSON', async () => {
    const dir = join(scratch, 'folder.json');
    mkdirSync(dir);
    const broken = join(scratch, 'broken.json');
    writeFileSync(broken, '{"port": 9000,}');
    for (const [path, said] of [
      [join(scratch, 'absent.json'), /absent\.json does not exist/],
      [dir, /folder\.json cannot be read/],
      [broken, /broken\.json is not valid JSON/],
    ] as const) {
      const { code, stderr } = await aevum(['start', '--config', path]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, said);
    }
  });

  test('a data folder that cannot be written', async () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    const impossible: [string, RegExp][] = [
      [file, /is not a folder/],
      [join(file, 'below'), /is not a folder/],
      ['/proc/aevum', /--data-dir/],
    ];
    if (process.getuid?.() !== 0) {
      const readOnly = join(scratch, 'read-only');
      mkdirSync(readOnly, { mode: 0o500 });
      impossible.push([readOnly, /is not writable/]);
    }
    for (const [dataDir, said] of impossible) {
      const { code, stderr } = await aevum(['start', '--data-dir', dataDir, '--port', '0']);
      assert.equal(code, 1, stderr);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /^\s+at /m, 'a stack was printed');
    }
  });

  test('preset keys that are none', async () => {
    const args = ['start', '--data-dir', join(scratch, 'presets'), '--port', '0'];
    for (const [env, said] of [
      [{ AEVUM_WRITE_KEY: 'short' }, /AEVUM_WRITE_KEY .*at least 16 characters/],
      [{ AEVUM_ADMIN_KEY: 'aev_a_mistyped' }, /AEVUM_ADMIN_KEY .*mistyped/],
    ] as const) {
      const { code, stderr } = await aevum(args, { env });
      assert.equal(code, 1, stderr);
      assert.match(stderr, said);
    }
  });
});

/** A program that starts the platform as its child, with a channel to it, as `npm start` on an older Node does. */
const PARENT = `import { exitLike, runChild } from ${JSON.stringify(join(ROOT, 'scripts/setup/become.mjs'))};
exitLike(await runChild(process.execPath, process.argv.slice(2), ['inherit', 'inherit', 'inherit', 'ipc']));`;

const WAYS: Readonly<Record<string, () => readonly [string, readonly string[]]>> = {
  'npm start': () => ['npm', ['start', '--']],
  'a parent that passes signals on': () => {
    const path = join(scratch, 'parent.mjs');
    writeFileSync(path, PARENT);
    return [process.execPath, [path, MAIN, 'start']];
  },
};

describe('the end of the parent', { timeout: 300_000 }, () => {
  const started: ChildProcess[] = [];
  after(() =>
    started.forEach(({ pid, exitCode }) => exitCode === null && pid && process.kill(-pid, 'SIGKILL')),
  );

  /** Starts the platform in a way; resolves with the parent and all processes below it. */
  const start = async (way: string, dataDir: string): Promise<[ChildProcess, ProcessEntry[]]> => {
    const [program, args] = WAYS[way]?.() ?? ['false', []];
    const port = await freePort();
    const options = ['--data-dir', dataDir, '--port', String(port)];
    const parent = spawn(program, [...args, ...options], { cwd: ROOT, detached: true, stdio: 'ignore' });
    started.push(parent);
    await until('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/api/ready`)).ok);
    return [parent, descendantsOf(parent.pid ?? 0)];
  };

  const gone = async (all: readonly ProcessEntry[]): Promise<void> => {
    const left = () => all.filter(({ pid }) => isRunning(pid));
    await until('all processes are gone', () => left().length === 0).catch((error: unknown) =>
      assert.fail(`${String(error)}: ${JSON.stringify(left())}`),
    );
  };

  for (const way of Object.keys(WAYS)) {
    test(`SIGTERM to ${way} leaves no process behind`, async () => {
      const [parent, below] = await start(way, join(scratch, 'orphans'));
      assert.ok(below.length >= 2, JSON.stringify(below));
      const ended = once(parent, 'exit');
      parent.kill('SIGTERM');
      const [code, signal] = await ended;
      await gone(below);
      assert.ok(code === 0 || signal === 'SIGTERM', `it ended with ${String(code ?? signal)}`);
    });
  }

  test('kill -9 of a parent leaves no process behind', async () => {
    const [parent, below] = await start('a parent that passes signals on', join(scratch, 'orphans'));
    parent.kill('SIGKILL');
    await sleep(0);
    await gone(below);
  });
});
