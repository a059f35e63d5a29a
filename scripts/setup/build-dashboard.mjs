/**
 * Builds the dashboard, and the script that pages of others load, into a folder of its own, and puts that into the place of `dashboard/dist` when it is whole. Run on the pinned Node by dashboard.mjs:
 *
 *   node scripts/setup/build-dashboard.mjs <stamp>
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { buildScript } from '../../sdk/js/scripts/build.mjs';
import { STAMP_FILE } from './dashboard.mjs';

const DASHBOARD = fileURLToPath(new URL('../../dashboard', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest']);
/** A smaller form than this share of the file is worth keeping. */
const WORTH_IT = 0.9;

/** Writes `x.br` and `x.gz` beside every file that gets smaller, so that serving costs nothing. */
const compressFolder = (folder) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !COMPRESSIBLE.has(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const brotli = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    const gzip = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
    if (brotli.length < bytes.length * WORTH_IT) writeFileSync(`${path}.br`, brotli);
    if (gzip.length < bytes.length * WORTH_IT) writeFileSync(`${path}.gz`, gzip);
  }
};

const [, , stamp] = process.argv;
const built = join(CACHE, `dashboard-${process.pid}`);
const replaced = `${built}-replaced`;
try {
  mkdirSync(CACHE, { recursive: true });
  await build({ root: DASHBOARD, logLevel: 'warn', build: { outDir: built, emptyOutDir: true } });
  await buildScript(join(built, 'sdk'));
  compressFolder(built);
  writeFileSync(join(built, STAMP_FILE), stamp);
  const dist = join(DASHBOARD, 'dist');
  try {
    renameSync(dist, replaced);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(built, dist);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  for (const folder of [built, replaced]) rmSync(folder, { recursive: true, force: true });
}
