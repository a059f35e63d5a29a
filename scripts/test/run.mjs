/** Runs the test files, each in a process of its own, and ends with one line of totals. Exit code 0 only if something ran and nothing failed. */

import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { compileAhead } from '../setup/compiled.mjs';
import { plainEvent } from './events.mjs';
import { createReport } from './report.mjs';
import { runFile } from './run-file.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_FILES = [
  'src/**/*.test.ts',
  'test/**/*.test.ts',
  'scripts/**/*.test.mjs',
  'dashboard/src/**/*.test.ts',
  'sdk/js/{src,test}/**/*.test.ts',
];
/** What a file that takes long mentions, the longest first: rounds of crashes, a browser, a platform, an engine. These begin first, so that the run does not end with one file going on alone. */
const LONGEST = [
  /AEVUM_CRASH_ROUNDS/,
  /openBrowser|openDashboard/,
  /support\/platform/,
  /openTest(Engine|Warehouse)/,
];
/** One more than the processors: somebody always waits for something. */
const CONCURRENCY = availableParallelism() + 1;
const LIMITS = { fileMs: 15 * 60_000, exitMs: 30_000 };
/** Whatever is not done by then is reported as failed. */
const RUN_LIMIT_MS = 45 * 60_000;
const EXIT_INTERRUPTED = 130;

const HELP = `npm test                          all tests
npm test -- src/log               the test files whose path contains this (several: any of them)
npm test -- --name "torn tail"    the tests whose name matches this pattern
npm test -- --coverage            with a table of line coverage (without the limits of time)
npm test -- --concurrency 1       files at a time (default ${CONCURRENCY})
`;

const options = {
  name: { type: 'string', multiple: true, default: [] },
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
  const files = longestFirst(
    globSync(TEST_FILES, { cwd: ROOT }).filter(
      (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
    ),
  );
  const report = createReport(ROOT, process.stdout);
  // What Node compiled for one test file is there for the next, and for what they start. Coverage is less exact with it.
  if (!values.coverage) Object.assign(process.env, compileAhead(process.execPath));
  if (files.length === 0) process.stdout.write(`No test file's path contains ${positionals.join(' or ')}.\n`);
  else await (values.coverage ? runForCoverage : runFiles)(files, values, report);
  const { passed, failed } = report.finish();
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

/** By what they start; of those that start the same, the longer text first. */
const longestFirst = (files) =>
  files
    .map((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const place = LONGEST.findIndex((mention) => mention.test(text));
      return { file, place: place < 0 ? LONGEST.length : place, length: text.length };
    })
    .sort((a, b) => a.place - b.place || b.length - a.length)
    .map(({ file }) => file);

const runFiles = async (files, { name, concurrency }, report) => {
  const waiting = [...files];
  const overall = AbortSignal.timeout(RUN_LIMIT_MS);
  const interrupted = new AbortController();
  const signal = AbortSignal.any([overall, interrupted.signal]);
  for (const it of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(it, () => interrupted.abort());
  const args = name.map((pattern) => `--test-name-pattern=${pattern}`);
  const work = async () => {
    for (let file; (file = waiting.shift()) !== undefined; ) {
      if (interrupted.signal.aborted) return;
      const path = join(ROOT, file);
      const onEvent = (event) => report.take(event, path);
      const outcome = signal.aborted
        ? { ms: 0, problem: 'It was not run: the time for the whole run was over.' }
        : await runFile(file, { root: ROOT, args, limits: LIMITS, signal, onEvent });
      report.endFile(path, outcome);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
  if (interrupted.signal.aborted) process.exit(EXIT_INTERRUPTED);
};

/** By Node's own runner: only it merges the coverage of several files. */
const runForCoverage = async (files, { name, concurrency }, report) => {
  const stream = run({
    cwd: ROOT,
    files,
    concurrency: Number(concurrency),
    coverage: true,
    coverageIncludeGlobs: ['src/**/*.ts'],
    coverageExcludeGlobs: ['**/*.test.ts'],
    ...(name.length === 0 ? {} : { testNamePatterns: name.map((pattern) => new RegExp(pattern)) }),
  });
  for await (const event of stream) {
    const plain = plainEvent(event);
    if (plain === undefined) continue;
    report.take(plain);
    if (plain.type === 'test:summary' && plain.file !== undefined)
      report.endFile(plain.file, { ms: event.data.duration_ms });
  }
};

await main();
