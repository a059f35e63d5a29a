/**
 * Compiles the server's TypeScript ahead of its start, into a folder that all its processes read (Node's compile cache). Without it each process loads the compiler of
 * TypeScript: 25 to 40 MB and a third of a second of processor time (docs/decisions/012-compiled-ahead.md).
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache/compiled');
const COMPILE = fileURLToPath(new URL('compile.mjs', import.meta.url));
const TIME_LIMIT_MS = 30_000;

/** What the sources and the runtime are, as far as sizes and times tell. */
export const stampOf = (sourceDir, runtime) => {
  const sources = readdirSync(sourceDir, { recursive: true }).filter((name) => name.endsWith('.ts'));
  const files = [realpathSync(runtime), COMPILE, ...sources.map((name) => join(sourceDir, name))];
  return files
    .map((path) => {
      const { size, mtimeMs } = statSync(path);
      return `${path} ${size} ${mtimeMs}`;
    })
    .join('\n');
};

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * Compiles what is new and returns the variables to start `runtime` with. Where nothing can be written, or the user has a compile cache already or wants none, it does nothing and
 * returns none: this only saves, so whatever fails here is left to the start itself to tell.
 */
export const compileAhead = (runtime, env = process.env, folder = FOLDER) => {
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return {};
  const variables = { NODE_COMPILE_CACHE: folder };
  const stampPath = join(folder, 'stamp');
  try {
    const stamp = stampOf(join(ROOT, 'src'), runtime);
    if (read(stampPath) === stamp) return variables;
    // What is out of date is of no use to anybody; other processes have read what they need.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(stampPath, stamp);
  } catch {
    return {};
  }
  spawnSync(runtime, [COMPILE], {
    env: { ...env, ...variables },
    stdio: 'ignore',
    timeout: TIME_LIMIT_MS,
  });
  return variables;
};
