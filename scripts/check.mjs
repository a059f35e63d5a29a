/** `npm check`: everything about the source that needs no running: types, lint, format, structure, generated docs, lockfile. All of it runs; exit code 1 if any fails. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup/setup.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const STEPS = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { name: 'pages', args: ['node_modules/typescript/bin/tsc', '-p', 'dashboard'] },
  { name: 'client', args: ['node_modules/typescript/bin/tsc', '-p', 'sdk/js'] },
  {
    name: 'lint',
    args: ['node_modules/oxlint/bin/oxlint', '-c', 'oxlint.json', '--type-aware', '--deny-warnings', '.'],
  },
  { name: 'format', args: ['node_modules/@biomejs/biome/bin/biome', 'format', '.'], fix: 'npm run format' },
  { name: 'tidy', args: ['scripts/test/run.mjs', 'test/tidy.test.ts'] },
  { name: 'docs', args: ['scripts/docs.mjs', '--check'], fix: 'npm run docs' },
  {
    name: 'lockfile',
    args: ['scripts/complete-lockfile.mjs', '--check'],
    fix: 'node scripts/complete-lockfile.mjs',
  },
];

const runtime = await setUp({ tools: true });
const failed = STEPS.filter(({ name, args, fix }) => {
  const startedMs = performance.now();
  const { status, stdout, stderr, error } = spawnSync(runtime, args, { cwd: ROOT, encoding: 'utf8' });
  const ok = status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(8)} ${Math.round(performance.now() - startedMs)} ms`);
  if (!ok)
    console.log(
      `${error?.message ?? ''}${stdout}${stderr}${fix === undefined ? '' : `Mend it with: ${fix}\n`}`,
    );
  return !ok;
});
console.log(
  failed.length === 0 ? 'All checks pass.' : `Failed: ${failed.map(({ name }) => name).join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
