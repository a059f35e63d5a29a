/** The attacks once more while the engine's system calls are watched: no file outside of its data folder is opened, no socket is connected, nothing is executed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sqlRequestSchema } from '../../src/contract/sql.ts';
import { until } from '../support/until.ts';
import { ATTACKS } from './sql-attacks.ts';
import { BOUND_MS, openSqlWarehouse } from './sql-warehouse.ts';

const CALLS =
  'open,openat,openat2,creat,connect,execve,execveat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat';
/** What the engine looks at by itself, whatever is asked: how much memory and processor there is. */
const OWN_BUSINESS = [/^\/proc\//, /^\/sys\//, /^\/dev\/(?:null|urandom|random)$/];

const canTrace = (): boolean => spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0;

/** Attaches to a process with all its threads, and resolves once it watches. */
const attach = async (pid: number, output: string): Promise<ChildProcess> => {
  const tracer = spawn(
    'strace',
    ['-f', '-qq', '-y', '-s', '300', '-e', `trace=${CALLS}`, '-o', output, '-p', String(pid)],
    {
      stdio: 'ignore',
    },
  );
  const isTraced = (): boolean => !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  await until('the tracer is attached', isTraced);
  return tracer;
};

const detach = async (tracer: ChildProcess): Promise<void> => {
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const gone = once(tracer, 'exit');
  tracer.kill('SIGINT');
  await gone;
};

/** Paths in a line of the trace: whole, or below the folder that the call names by its descriptor. */
const pathsOf = (line: string): string[] =>
  [...line.matchAll(/(?:AT_FDCWD|\d+)<([^>]*)>, "([^"]*)"|\((?:)"([^"]*)"/g)].map(
    ([, dir = '', below = '', whole = '']) => {
      const path = whole === '' ? below : whole;
      return path.startsWith('/') ? path : join(dir, path);
    },
  );

test('no attack opens a file outside of the data folder, or a socket', { timeout: 600_000 }, async (t) => {
  if (!canTrace()) {
    assert.equal(process.env['AEVUM_REQUIRE_STRACE'], undefined, 'strace is required, and cannot trace here');
    t.skip('strace is not installed, or may not trace here');
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'aevum-trace-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  await using warehouse = await openSqlWarehouse();
  const { pid } = warehouse.engine.engine;
  assert.ok(pid !== undefined);
  // What is loaded when first used has been used: of its own binaries the engine reads the symbols at its first error.
  for (const sql of ['SELECT count() FROM events', 'SELECT nothing_like_it FROM events'])
    await warehouse.service.answer('mine', sqlRequestSchema.parse({ sql })).catch(() => undefined);
  const trace = join(dir, 'trace');
  const tracer = await attach(pid, trace);
  t.after(() => detach(tracer));
  for (const { sql, parameters = {} } of ATTACKS) {
    const request = sqlRequestSchema.safeParse({ sql, parameters, timeout_ms: BOUND_MS });
    if (request.success) await warehouse.service.answer('mine', request.data).catch(() => undefined);
  }
  await detach(tracer);
  const lines = readFileSync(trace, 'utf8').split('\n');
  // The tracer sees what it is there to see: every spill and every read of a column opens a file of the data folder.
  const opened = lines.filter((line) => /\b(?:open|creat)\w*\(/.test(line));
  assert.ok(
    opened.some((line) => line.includes(warehouse.engine.dataDir)),
    `${opened.length} opens, none of them in the data folder`,
  );
  const strange = lines.filter((line) => {
    if (/\b(?:connect|execve)\w*\(/.test(line)) return true;
    const outside = pathsOf(line).filter((path) => !path.startsWith(`${warehouse.engine.dataDir}/`));
    return outside.some((path) => !OWN_BUSINESS.some((pattern) => pattern.test(path)));
  });
  t.diagnostic(`${ATTACKS.length} statements, ${opened.length} files opened`);
  assert.deepEqual(strange, []);
  assert.equal(warehouse.engine.engine.restarts, 0);
});
