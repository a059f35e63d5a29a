/** Runs the test files on Node's own runner and ends with one line of totals. Exit code 0 only if something ran and nothing failed. */

import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { createReport } from './report.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_FILES = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.mjs'];
const CONCURRENCY = 2;
/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 20 * 60_000;

const HELP = `npm test                          all tests
npm test -- src/log               the test files whose path contains this (several: any of them)
npm test -- --name "torn tail"    the tests whose name matches this pattern
npm test -- --coverage            with a table of line coverage
npm test -- --concurrency 1       files at a time (default ${CONCURRENCY})
`;

const options = {
  name: { type: 'string', multiple: true },
  coverage: { type: 'boolean', default: false },
  concurrency: { type: 'string', default: String(CONCURRENCY) },
  help: { type: 'boolean', default: false },
};

const main = async () => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const found = globSync(TEST_FILES, { cwd: ROOT }).sort();
  const files = found.filter(
    (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
  );
  const report = createReport(ROOT, process.stdout);
  if (files.length > 0) await runFiles(files, values, report);
  else process.stdout.write(`No test file's path contains ${positionals.join(' or ')}.\n`);
  const { passed, failed } = report.finish();
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

const runFiles = async (files, { name, coverage, concurrency }, report) => {
  const stream = run({
    cwd: ROOT,
    files,
    concurrency: Number(concurrency),
    timeout: FILE_TIMEOUT_MS,
    coverage,
    ...(coverage ? { coverageIncludeGlobs: ['src/**/*.ts'], coverageExcludeGlobs: ['**/*.test.ts'] } : {}),
    ...(name === undefined ? {} : { testNamePatterns: name.map((pattern) => new RegExp(pattern)) }),
  });
  for await (const event of stream) report.take(event);
};

await main();
