import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuditLog } from '../access/audit.ts';
import { ensureCredentials } from '../access/credentials.ts';
import { openKeyRing } from '../access/keys.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { dataLayout } from '../config/data-layout.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { openSegmentWriter } from '../log/segment/segment-log.ts';

/** The command line as its users run it; `aevum start` with a stand-in for the platform. */

const STAND_IN = new URL('./testing/stand-in.ts', import.meta.url).pathname;

/** Nothing of the environment of whoever runs the tests, but for what finds and speeds up Node. */
const BARE = {
  PATH: process.env['PATH'],
  ...('NODE_COMPILE_CACHE' in process.env ? { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] } : {}),
};

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const aevum = (
  cwd: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Outcome => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [STAND_IN, ...words], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...BARE, ...variables },
  });
  return { code: status, out: stdout, err: stderr };
};

const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-cli-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

test('every command has help with examples', (t) => {
  const dir = folder(t);
  for (const words of [[], ['start'], ['simulate'], ['keys'], ['verify'], ['doctor'], ['version']]) {
    const { code, out } = aevum(dir, [...words, '--help']);
    assert.equal(code, 0);
    assert.match(out, /Examples?:\n/, words.join(' '));
  }
  assert.match(aevum(dir, ['keys', 'create', '--help']).out, /--scope <scopes>/);
  assert.equal(aevum(dir, []).code, 2);
});

test('mistakes on the command line: one message, a suggestion, exit code 2', (t) => {
  const dir = folder(t);
  const unknown = aevum(dir, ['start', '--prot', '80', 'extra', '--data-dri=x', '--port', '1.5']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /--prot is no option of aevum start\. Did you mean "--port"/);
  assert.match(unknown.err, /--data-dri is no option.*"--data-dir"/);
  assert.match(unknown.err, /"extra" is not expected/);
  assert.match(unknown.err, /--port must be a whole number, not "1\.5"/);
  const command = aevum(dir, ['strat']);
  assert.equal(command.code, 2);
  assert.match(command.err, /Did you mean start\?/);
  assert.equal(aevum(dir, ['keys', 'create', '--scope', 'write']).code, 2, 'without a name');
});

test('an option that npm kept for itself is noticed', (t) => {
  const { code, err } = aevum(folder(t), ['start', '9000'], {
    npm_lifecycle_event: 'start',
    npm_config_port: 'true',
  });
  assert.equal(code, 2);
  assert.match(err, /--port was taken by npm.*npm start -- --port <port>/);
});

test('what stands in the way of starting is said, with exit code 1', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'file'), '');
  const notFolder = aevum(dir, ['start', '--data-dir', 'file/data']);
  assert.deepEqual([notFolder.code, /not a folder/.test(notFolder.err)], [1, true], notFolder.err);
  writeFileSync(join(dir, 'aevum.config.json'), '{"port": ');
  const broken = aevum(dir, ['start']);
  assert.deepEqual([broken.code, /not valid JSON/.test(broken.err)], [1, true], broken.err);
  rmSync(join(dir, 'aevum.config.json'));
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const taken = aevum(dir, ['start', '--port', String(port)]);
  assert.equal(taken.code, 1);
  assert.match(
    taken.err,
    new RegExp(`^aevum: port ${port} of 127\\.0\\.0\\.1 is in use.*--port ${port + 1}\\n$`),
  );
});

const started = async (t: TestContext, variables: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [STAND_IN, 'start', '--port', '0'], {
    cwd: folder(t),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...BARE, ...variables },
  });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Ctrl-C stops')) resolve();
      });
  });
  await ready;
  return { child, output: () => output };
};

test('the first Ctrl-C stops cleanly, also when it arrives twice', async (t) => {
  const { child, output } = await started(t);
  child.kill('SIGINT');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.match(output(), /Stopped in \d+ ms/);
});

test('a second Ctrl-C, later, ends at once', async (t) => {
  const { child, output } = await started(t, { STAND_IN_STOP_MS: '600000' });
  const ended = once(child, 'exit');
  // Signals that come while the process stands still are one.
  while (child.exitCode === null) {
    child.kill('SIGINT');
    await sleep(700);
  }
  assert.deepEqual(await ended, [130, null]);
  assert.match(output(), /Stopped at once/);
});

test('it stops when whoever started it is gone', async (t) => {
  const { child } = await started(t);
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('keys: made, listed, revoked, on the same file that a server has open', async (t) => {
  const dir = folder(t);
  assert.match(aevum(dir, ['keys', 'list']).err, /holds no catalog yet/);
  const layout = dataLayout(join(dir, 'data'));
  const log = await openSegmentWriter({
    dir: layout.log,
    name: 'raw',
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  await log.close();
  const catalog = await openCatalog(layout.catalog);
  t.after(() => catalog.close());
  const around = { catalog, clock: systemClock, telemetry: quietTelemetry() };
  const ring = await openKeyRing({ ...around, audit: createAuditLog(around) });
  t.after(() => ring.close());
  await ensureCredentials({ catalog, keys: ring, clock: systemClock, path: layout.credentials, presets: {} });

  const made = aevum(dir, ['keys', 'create', '--scope', 'read', '--name', 'Grafana', '--json']);
  assert.equal(made.code, 0, made.err);
  const { key, id } = JSON.parse(made.out) as { key: string; id: string };
  await ring.refresh();
  assert.deepEqual(
    [...(ring.authenticate(key)?.permissions ?? [])],
    ['data:read', 'personal:read', 'platform:read'],
  );

  const page = ['keys', 'create', '--scope', 'write', '--name', 'page', '--json'];
  const limits = ['--expires', '90d', '--origin', 'https://a.example', 'https://*.b.example'];
  const limited = JSON.parse(aevum(dir, [...page, ...limits]).out) as { id: string; origins: string[] };
  assert.deepEqual(limited.origins, ['https://a.example', 'https://*.b.example']);
  for (const [flags, message] of [
    [['--expires', 'soon'], /Write it as 12h/],
    [['--expires', '2020-01-01'], /expired already/],
    [['--origin', 'a.example'], /not an origin/],
    [['--scope', 'everything'], /Scopes are ingest, read, sql, admin/],
    [['--scope', 'read', '--origin', 'https://a.example'], /only send events/],
  ] as const) {
    const { code, err } = aevum(dir, [...page, ...flags]);
    assert.notEqual(code, 0, flags.join(' '));
    assert.match(err, message);
  }
  const rotated = JSON.parse(aevum(dir, ['keys', 'rotate', limited.id, '--grace', '0m', '--json']).out) as {
    id: string;
  };
  assert.notEqual(rotated.id, limited.id);
  assert.match(aevum(dir, ['keys', 'rotate', limited.id]).err, /in force/);

  const listed = aevum(dir, ['keys', 'list']).out;
  assert.match(listed, new RegExp(`${limited.id} .* expired `));
  assert.match(listed, new RegExp(`${rotated.id} .* active until `));
  assert.match(listed, /Grafana/);
  assert.ok(!listed.includes(key));

  assert.equal(aevum(dir, ['keys', 'revoke', id]).out, `Revoked ${id}.\n`);
  await ring.refresh();
  assert.equal(ring.authenticate(key), undefined);
  assert.equal(aevum(dir, ['keys', 'revoke', 'none']).code, 1);
  assert.match(
    aevum(dir, ['keys', 'create', '--scope', 'read', '--name', 'x', '--project', 'none']).err,
    /no project "none"/,
  );
});

test('doctor finds a flipped byte in the log, and a clock that went back', async (t) => {
  const dir = folder(t);
  const layout = dataLayout(join(dir, 'data'));
  const future = { ...systemClock, nowMs: () => Date.now() + 3_600_000 };
  const log = await openSegmentWriter({
    dir: layout.log,
    name: 'raw',
    clock: future,
    telemetry: quietTelemetry(),
    segmentBytes: 1 << 20,
  });
  for (let n = 0; n < 3; n++) await log.append({ rows: 1 }, [Buffer.alloc(200, n + 1)]);
  await log.close();
  const examine = () => {
    const { code, out } = aevum(dir, ['doctor', '--json', '--port', '0']);
    const findings = JSON.parse(out) as { check: string; state: string; detail: string }[];
    return { code, find: (name: string) => findings.find(({ check }) => check === name) };
  };
  const before = examine();
  assert.deepEqual(
    [before.code, before.find('Log')?.state, before.find('Clock')?.state],
    [0, 'ok', 'warning'],
  );
  assert.match(before.find('Log')?.detail ?? '', /raw: 3 records, 600 B; all checksums right/);
  assert.equal(before.find('Engine')?.state, 'ok');

  const payload = Buffer.alloc(200, 2);
  const [segment = ''] = globSync(join(layout.log, 'raw', '*')).filter((path) =>
    readFileSync(path).includes(payload),
  );
  const bytes = readFileSync(segment);
  bytes[bytes.indexOf(payload) + 50] = 99;
  writeFileSync(segment, bytes);
  const after = examine();
  assert.deepEqual([after.code, after.find('Log')?.state], [1, 'failed']);
  assert.match(after.find('Log')?.detail ?? '', /damaged/);
});

test('version names program, runtime and engine', (t) => {
  const { aevum: program, node } = JSON.parse(aevum(folder(t), ['version', '--json']).out) as Record<
    string,
    string
  >;
  assert.deepEqual([program, node], [aevum(tmpdir(), ['--version']).out.trim(), process.version]);
});
