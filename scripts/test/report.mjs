/** Turns the events of Node's test runner into what a person wants to read: a line a file, each failure in full, one line of totals. */

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const OUTPUT_CHARS_MAX = 20_000;
const CAUSES_MAX = 5;
const INTERNAL_FRAME = /^\s+at .*[( ]node:/;
const INDENT = '    ';

/** `take` every event of the runner; `finish` writes the failures and the totals and returns the counts. */
export const createReport = (root, stream) => {
  const colour = (code, text) =>
    stream.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  const skips = new Map();
  const outputs = new Map();
  const nameOf = (file) => relative(root, file?.startsWith('file:') ? fileURLToPath(file) : (file ?? root));

  const count = (data, outcome) => {
    if (data.details?.type === 'suite') return;
    if (data.skip !== undefined && data.skip !== false) {
      skips.set(`${nameOf(data.file)}: ${data.name}`, data.skip);
      totals.skipped += 1;
    } else if (data.todo !== undefined && data.todo !== false) totals.skipped += 1;
    else totals[outcome] += 1;
  };

  const takeFailure = (data) => {
    count(data, 'failed');
    const causedBelow = data.details?.error?.failureType === 'subtestsFailed';
    if (!causedBelow)
      failures.push({
        file: nameOf(data.file),
        line: data.line,
        name: data.name,
        error: data.details?.error,
      });
  };

  const takeFile = ({ file, counts, duration_ms: ms, success }) => {
    if (file === undefined) return;
    const mark = success ? colour(32, 'ok  ') : colour(31, 'FAIL');
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    stream.write(
      `${mark} ${nameOf(file)}  ${colour(2, `${counts.passed} passed${skipped}, ${Math.round(ms)} ms`)}\n`,
    );
  };

  const takeOutput = ({ file, message }) =>
    outputs.set(nameOf(file), `${outputs.get(nameOf(file)) ?? ''}${message}`.slice(-OUTPUT_CHARS_MAX));

  const takers = {
    'test:pass': (data) => count(data, 'passed'),
    'test:fail': takeFailure,
    'test:stdout': takeOutput,
    'test:stderr': takeOutput,
    'test:summary': takeFile,
    'test:coverage': ({ summary }) => writeCoverage(summary, nameOf, stream),
  };

  return {
    take: ({ type, data }) => takers[type]?.(data),
    finish: () => {
      for (const [name, reason] of skips)
        stream.write(
          `\nskipped  ${name}${typeof reason === 'string' && reason !== '' ? ` (${reason})` : ''}`,
        );
      if (skips.size > 0) stream.write('\n');
      for (const failure of failures)
        stream.write(
          `\n${colour(31, `${failure.file}:${failure.line ?? 1}  ${failure.name}`)}\n${describe(failure.error)}\n`,
        );
      for (const file of new Set(failures.map((failure) => failure.file))) {
        if (outputs.has(file)) stream.write(`\nOutput of ${file}:\n${indent(outputs.get(file))}\n`);
      }
      const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
      stream.write(`\n${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
      return totals;
    },
  };
};

/** The runner wraps what a test threw; what it threw, and what that was caused by, is what a person wants to see. */
const describe = (error) => {
  const chain = [];
  for (let at = error?.cause ?? error; at !== undefined && chain.length < CAUSES_MAX; at = at?.cause)
    chain.push(at);
  return indent(chain.map(textOf).join('\ncaused by: '));
};

const textOf = (thrown) => {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown);
  return text
    .split('\n')
    .filter((line) => !INTERNAL_FRAME.test(line))
    .join('\n');
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
