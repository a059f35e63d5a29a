/** Builds the dashboard, the client for other pages within it, when what is in `dashboard/dist` was not built from the sources that are there. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = fileURLToPath(new URL('build-dashboard.mjs', import.meta.url));
/** In `dist`: the stamp of what it was built from. */
export const STAMP_FILE = '.built-from';
/** What the pages and the client for other pages are made of. Contracts are shared with the server. */
const SOURCES = [
  'dashboard',
  'sdk/js/src',
  'sdk/js/scripts',
  'src/contract',
  'package-lock.json',
  'scripts/setup/build-dashboard.mjs',
];
const NO_SOURCES = /(^|\/)(node_modules|dist)(\/|$)|\.test\.tsx?$/;
const BUILD_LIMIT_MS = 180_000;
const OUTPUT_CHARS_MAX = 20_000;

/** What the sources are, by their contents. */
export const dashboardStamp = (root = ROOT) => {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesOf(root, source)).sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
};

const filesOf = (root, source) => {
  try {
    return readdirSync(join(root, source), { withFileTypes: true }).flatMap((entry) => {
      const path = join(source, entry.name);
      if (NO_SOURCES.test(relative('.', path).split(sep).join('/'))) return [];
      return entry.isDirectory() ? filesOf(root, path) : [path];
    });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [source];
    throw error;
  }
};

/** Whether the built pages are those of the sources. */
export const isDashboardBuilt = (root = ROOT) => {
  try {
    return readFileSync(join(root, 'dashboard/dist', STAMP_FILE), 'utf8') === dashboardStamp(root);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
};

/** Builds the dashboard with `runtime`. Resolves with undefined, or with what went wrong. Interrupting this process ends the build. */
export const buildDashboard = async (runtime) => {
  const child = spawn(runtime, [BUILD, dashboardStamp()], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_LIMIT_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
  });
  let output = '';
  const keep = (chunk) => {
    output = `${output}${chunk}`.slice(-OUTPUT_CHARS_MAX);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      // Not everything that takes part heeds NO_COLOR.
      else if (output.trim() !== '') resolve(stripVTControlCharacters(output).trim());
      else resolve(code === null ? `it was ended by ${signal}` : `exit code ${code}`);
    });
  });
};
