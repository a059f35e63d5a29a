/** Progress of an install, of which npm itself shows none: the bytes under node_modules, against what a finished install has. */

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BAR_CELLS = 28;
const REDRAW_MS = 500;
const PLAIN_STEP_MS = 5_000;
const MB = 1_000_000;
/** While npm works, never claim to be done. */
const FRACTION_MAX = 0.99;

/** Bytes of all files under `folder`; 0 if there is none. Files that vanish meanwhile do not matter. */
export const bytesUnder = (folder) => {
  let sum = 0;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += bytesUnder(path);
    else if (entry.isFile()) sum += sizeOf(path);
  }
  return sum;
};

const entriesOf = (folder) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
};

const sizeOf = (path) => {
  try {
    return lstatSync(path).size;
  } catch {
    return 0;
  }
};

/** One line of progress: a bar where `width` (columns of the terminal) allows, else numbers. */
export const progressLine = (bytes, bytesExpected, elapsedMs, width) => {
  const fraction = Math.min(FRACTION_MAX, bytes / bytesExpected);
  const figures = `${String(Math.floor(fraction * 100)).padStart(2)} %  ${Math.round(bytes / MB)} of about ${Math.round(bytesExpected / MB)} MB  ${Math.round(elapsedMs / 1000)} s`;
  const filled = Math.round(fraction * BAR_CELLS);
  const bar = `${'━'.repeat(filled)}${'╌'.repeat(BAR_CELLS - filled)}`;
  return `  ${figures.length + BAR_CELLS + 5 > width ? '' : `${bar}  `}${figures}`;
};

/** Shows progress on stderr until the returned function is called: a bar redrawn in place on a terminal, a plain line now and then elsewhere. */
export const showProgress = (folder, bytesExpected, stream = process.stderr) => {
  const startedMs = performance.now();
  const draw = () => {
    const line = progressLine(
      bytesUnder(folder),
      bytesExpected,
      performance.now() - startedMs,
      stream.isTTY ? stream.columns : 0,
    );
    stream.write(stream.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  };
  if (stream.isTTY) draw();
  const timer = setInterval(draw, stream.isTTY ? REDRAW_MS : PLAIN_STEP_MS);
  return () => {
    clearInterval(timer);
    if (stream.isTTY) stream.write('\r\x1b[2K');
  };
};
