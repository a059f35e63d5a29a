import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runFile } from './run-file.mjs';

const LIMITS = { fileMs: 60_000, exitMs: 60_000 };

/** Runs a test file with this text; `{dir}` in it is a folder that lives as long as the test. */
const ran = async (t, text, limits = {}) => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-run-file-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'it.test.mjs');
  await writeFile(file, `import { test } from 'node:test';\n${text.replaceAll('{dir}', dir)}`);
  const events = [];
  const outcome = await runFile(file, {
    root: dir,
    limits: { ...LIMITS, ...limits },
    onEvent: (event) => events.push(event),
  });
  return { ...outcome, dir, kinds: events.map(({ type, name }) => `${type.slice(5)} ${name ?? ''}`.trim()) };
};

test('a file that ends by itself has no problem, whatever its tests did', async (t) => {
  const { problem, output, kinds } = await ran(
    t,
    `console.log('said'); test('good', () => {}); test('bad', () => { throw new Error('no'); });`,
  );
  assert.equal(problem, undefined);
  assert.equal(output, 'said\n');
  assert.deepEqual(
    kinds.filter((kind) => /^(pass|fail)/.test(kind)),
    ['pass good', 'fail bad'],
  );
});

test('a process that a failed test leaves behind, holding the output, holds up nobody', async (t) => {
  const { problem, dir } = await ran(
    t,
    `import { spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     test('leaves one behind', () => {
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       writeFileSync('{dir}/pid', String(child.pid));
       throw new Error('and fails');
     });`,
    { exitMs: 500 },
  );
  assert.match(problem, /something was left open/);
  assert.match(problem, /Open handles:\n[^]*process pid/);
  const pid = Number(await readFile(join(dir, 'pid'), 'utf8'));
  // Gone, or dead and not yet collected by whoever inherited it.
  assert.match(
    spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '',
    /^(Z.*)?\s*$/,
  );
});

test('a test that never ends is named, and the file is ended', async (t) => {
  const { problem } = await ran(
    t,
    `test('waits for ever', () => new Promise((resolve) => setInterval(() => resolve, 1000)));`,
    { fileMs: 2_000 },
  );
  assert.match(problem, /not finished after 2 s/);
  assert.match(problem, /Under way: "waits for ever"/);
});

test('a blocked main thread is told, and the file is ended', async (t) => {
  const { problem } = await ran(t, `test('spins', () => { for (;;); });`, { fileMs: 2_000 });
  assert.match(problem, /main thread did not answer/);
});

test('a file that dies is a problem: by signal, by exit, before its first test', async (t) => {
  assert.match(
    (await ran(t, `test('dies', () => process.kill(process.pid, 'SIGKILL'));`)).problem,
    /SIGKILL/,
  );
  assert.match(
    (await ran(t, `test('leaves', () => process.exit(0));`)).problem,
    /exit code 0 before its tests/,
  );
  const { problem, output } = await ran(t, `import './nowhere.mjs';`);
  assert.match(problem, /exit code 1 before its tests/);
  assert.match(output, /nowhere\.mjs/);
});

test('nothing is left of its own scratch folder', async (t) => {
  const { output } = await ran(t, `test('tells', () => console.log(process.execArgv.join('\\n')));`);
  const scratch = /--report-directory=(.*)/.exec(output)[1];
  assert.equal(existsSync(scratch), false);
});
