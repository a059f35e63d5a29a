/**
 * Writes the pages that are generated from the source. Runs on the pinned Node (`npm run docs`), because it imports TypeScript.
 *
 *   node scripts/docs.mjs           writes them
 *   node scripts/docs.mjs --check   exit code 1 if one is not what would be written
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationReference } from '../src/config/reference.ts';
import { errorsReference } from '../src/event/errors-doc.ts';
import { sqlReference } from '../src/sql/reference.ts';

const PAGES = [
  { path: 'docs/reference/configuration.md', generate: configurationReference },
  { path: 'docs/reference/errors.md', generate: errorsReference },
  { path: 'docs/reference/sql-functions.md', generate: sqlReference },
];

const ROOT = new URL('../', import.meta.url);

const written = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

for (const { path, generate } of PAGES) {
  const file = fileURLToPath(new URL(path, ROOT));
  const page = generate();
  if (written(file) === page) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not current. Run: npm run docs`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page);
    console.log(`wrote ${path}`);
  }
}
