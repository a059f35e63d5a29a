/** Builds the client into `dist` (or the folder named): modules for browsers and Node, one script for a script tag, and types. */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

const SCRIPT = { entry: 'script.ts', format: 'iife', file: 'aevum.js' };
const OUTPUTS = [
  { entry: 'browser.ts', format: 'es', file: 'browser.js' },
  { entry: 'node.ts', format: 'es', file: 'node.js' },
  SCRIPT,
];

const buildOne = ({ entry, format, file }, folder) =>
  build({
    root: PACKAGE,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      minify: 'oxc',
      reportCompressedSize: false,
      lib: {
        entry: resolve(PACKAGE, 'src', entry),
        formats: [format],
        name: 'aevumScript',
        fileName: () => file,
      },
      rolldownOptions: {
        external: [/^node:/],
        output: {
          comments: false,
          minify: { codegen: { removeWhitespace: true }, compress: true, mangle: { toplevel: true } },
        },
      },
    },
  });

/** Builds only the script for a script tag, into a folder. */
export const buildScript = (folder) => buildOne(SCRIPT, folder);

/** Builds everything into a folder that is emptied first. Throws if the types are wrong. */
export const buildClient = async (folder) => {
  rmSync(folder, { recursive: true, force: true });
  for (const output of OUTPUTS) await buildOne(output, folder);
  const args = ['-p', resolve(PACKAGE, 'tsconfig.build.json'), '--outDir', resolve(folder, 'types')];
  const { status, stdout } = spawnSync(process.execPath, [TSC, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The types cannot be built:\n${stdout}`);
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildClient(resolve(process.argv[2] ?? resolve(PACKAGE, 'dist')));
