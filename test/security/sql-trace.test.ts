/** The attacks once more while the engine's system calls are watched: no file outside of its data folder is opened, no socket is connected, nothing is executed. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sqlRequestSchema } from '../../src/contract/sql.ts';
import { attachTracer, tracingIsAbsent } from '../support/strace.ts';
import { ATTACKS } from './sql-attacks.ts';
import { BOUND_MS, openSqlWarehouse } from './sql-warehouse.ts';

const CALLS =
  'open,openat,openat2,creat,connect,execve,execveat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat';
/** What the engine looks at by itself, whatever is asked: how much memory and processor there is. */
const OWN_BUSINESS = [/^\/proc\//, /^\/sys\//, /^\/dev\/(?:null|urandom|random)$/];

/** What attacks name is nobody's business but theirs. */
const NAMED = new Set(
  ATTACKS.flatMap(({ sql, parameters = {} }) =>
    [sql, ...Object.values(parameters)].flatMap((text) => text.match(/\/(?:proc|sys|dev)\/[\w/.]+/g) ?? []),
  ),
);

const isOwnBusiness = (path: string): boolean =>
  !NAMED.has(path) && OWN_BUSINESS.some((pattern) => pattern.test(path));

/** Paths in a line of the trace: whole, or below the folder that the call names by its descriptor. */
const pathsOf = (line: string): string[] =>
  [...line.matchAll(/(?:AT_FDCWD|\d+)<([^>]*)>, "([^"]*)"|\((?:)"([^"]*)"/g)].map(
    ([, dir = '', below = '', whole = '']) => {
      const path = whole === '' ? below : whole;
      return path.startsWith('/') ? path : join(dir, path);
    },
  );

test('no attack opens a file outside of the data folder, or a socket', { timeout: 600_000 }, async (t) => {
  if (tracingIsAbsent(t)) return;
  const dir = mkdtempSync(join(tmpdir(), 'aevum-trace-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  await using warehouse = await openSqlWarehouse();
  const { pid } = warehouse.engine.engine;
  assert.ok(pid !== undefined);
  // What is loaded when first used has been used: of its own binaries the engine reads the symbols at its first error.
  for (const sql of ['SELECT count() FROM events', 'SELECT nothing_like_it FROM events'])
    await warehouse.service.answer('mine', sqlRequestSchema.parse({ sql })).catch(() => undefined);
  const trace = join(dir, 'trace');
  const tracer = await attachTracer(pid, ['-y', '-s', '300', '-e', `trace=${CALLS}`, '-o', trace]);
  t.after(() => tracer.detach());
  for (const { sql, parameters = {} } of ATTACKS) {
    const request = sqlRequestSchema.safeParse({ sql, parameters, timeout_ms: BOUND_MS });
    if (request.success) await warehouse.service.answer('mine', request.data).catch(() => undefined);
  }
  await tracer.detach();
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
    return outside.some((path) => !isOwnBusiness(path));
  });
  t.diagnostic(`${ATTACKS.length} statements, ${opened.length} files opened`);
  assert.deepEqual(strange, []);
  assert.equal(warehouse.engine.engine.restarts, 0);
});
