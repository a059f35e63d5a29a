/** Turns the events of test files (`events.mjs`) into what a person wants to read: a line a file with its failures in brief, then each failure in full, one line of totals. */

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUTPUT_CHARS_MAX = 20_000;
const INDENT = '    ';

/** What of a file's failures is told as soon as it ends: whoever keeps only what stands around the first FAIL sees what failed and why. */
const BRIEF_FAILURES_MAX = 5;
const BRIEF_LINES_MAX = 12;
const BRIEF_LINE_CHARS_MAX = 500;

/**
 * `take` every event, with the file that was run (a test in it may be written in another); `endFile` when a file has ended; `finish` writes the failures and the totals and returns the counts. A file may end with a `problem` of its own, which counts
 * as a failed test, and with `output`, which is shown if something in it failed.
 */
export const createReport = (root, stream) => {
  const colour = (code, text) =>
    stream.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const perFile = new Map();
  const failures = [];
  const skips = new Map();
  const outputs = new Map();
  const nameOf = (file) => relative(root, file?.startsWith('file:') ? fileURLToPath(file) : (file ?? root));

  const add = (name, outcome) => {
    totals[outcome] += 1;
    const counts = perFile.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    counts[outcome] += 1;
    perFile.set(name, counts);
  };

  const count = ({ kind, name, skip, todo }, file, outcome) => {
    if (kind === 'suite') return;
    const isSkipped = skip !== undefined && skip !== false;
    if (isSkipped) skips.set(`${nameOf(file)}: ${name}`, skip);
    add(nameOf(file), isSkipped || (todo !== undefined && todo !== false) ? 'skipped' : outcome);
  };

  const takeFailure = (event, file) => {
    count(event, file, 'failed');
    if (event.failureType === 'subtestsFailed') return;
    const place = event.file === file ? '' : ` (${nameOf(event.file)})`;
    failures.push({
      file: nameOf(file),
      line: event.line,
      name: `${event.name}${place}`,
      error: event.error ?? 'It says nothing.',
    });
  };

  const takeOutput = ({ message }, file) =>
    outputs.set(nameOf(file), `${outputs.get(nameOf(file)) ?? ''}${message}`.slice(-OUTPUT_CHARS_MAX));

  const takers = {
    'test:pass': (event, file) => count(event, file, 'passed'),
    'test:fail': takeFailure,
    'test:stdout': takeOutput,
    'test:stderr': takeOutput,
    'test:coverage': ({ summary }) => writeCoverage(summary, nameOf, stream),
  };

  const endFile = (file, { ms, problem, output = '' }) => {
    const name = nameOf(file);
    if (problem !== undefined) {
      add(name, 'failed');
      failures.push({ file: name, line: 1, name: 'the file as a whole', error: problem });
    }
    if (output !== '') outputs.set(name, output.slice(-OUTPUT_CHARS_MAX));
    const counts = perFile.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    const mark = counts.failed === 0 ? colour(32, 'ok  ') : colour(31, 'FAIL');
    const failed = counts.failed > 0 ? `, ${counts.failed} failed` : '';
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    stream.write(
      `${mark} ${name}  ${colour(2, `${counts.passed} passed${failed}${skipped}, ${Math.round(ms)} ms`)}\n`,
    );
    writeBrief(failures.filter((failure) => failure.file === name));
  };

  const writeFailure = ({ file, line, name }, error) =>
    stream.write(`\n${colour(31, `${file}:${line ?? 1}  ${name}`)}\n${indent(error)}\n`);

  const writeBrief = (all) => {
    for (const failure of all.slice(0, BRIEF_FAILURES_MAX)) writeFailure(failure, brief(failure.error));
    if (all.length > BRIEF_FAILURES_MAX)
      stream.write(`\n${all.length - BRIEF_FAILURES_MAX} more failed; all are told at the end.\n`);
    if (all.length > 0) stream.write('\n');
  };

  const finish = () => {
    for (const [name, reason] of skips)
      stream.write(`\nskipped  ${name}${typeof reason === 'string' && reason !== '' ? ` (${reason})` : ''}`);
    if (skips.size > 0) stream.write('\n');
    for (const failure of failures) writeFailure(failure, failure.error);
    for (const file of new Set(failures.map((failure) => failure.file))) {
      if (outputs.has(file)) stream.write(`\nOutput of ${file}:\n${indent(outputs.get(file))}\n`);
    }
    const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
    stream.write(`\n${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
    return totals;
  };

  const take = (event, file = event.file) => takers[event.type]?.(event, file);
  return { take, endFile, finish };
};

const brief = (text) => {
  const lines = text.split('\n').map((line) => line.slice(0, BRIEF_LINE_CHARS_MAX));
  return (lines.length > BRIEF_LINES_MAX ? [...lines.slice(0, BRIEF_LINES_MAX - 1), '...'] : lines).join(
    '\n',
  );
};

const indent = (text) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${INDENT}${line}`)
    .join('\n');

const writeCoverage = (summary, nameOf, stream) => {
  const files = summary.files.map(({ path, coveredLinePercent }) => ({
    name: nameOf(path),
    percent: coveredLinePercent,
  }));
  stream.write('\nLines covered (files that no test imports are missing):\n');
  for (const { name, percent } of files.sort((a, b) => a.percent - b.percent))
    stream.write(`${percent.toFixed(1).padStart(6)} %  ${name}\n`);
  stream.write(`${summary.totals.coveredLinePercent.toFixed(1).padStart(6)} %  all of them\n`);
};
