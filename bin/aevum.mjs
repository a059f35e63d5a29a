#!/usr/bin/env node
/**
 * The way in: plain JavaScript that any Node from 20 on runs. Installs what package-lock.json pins where that is not there yet (the Node 26 runtime
 * included), then becomes `node src/main.ts` on that runtime.
 */

import { fileURLToPath } from 'node:url';
import { becomeNode } from '../scripts/setup/become.mjs';
import { compileAhead } from '../scripts/setup/compiled.mjs';
import { RUNTIME_FLAGS } from '../scripts/setup/runtime-flags.mjs';
import { setUp } from '../scripts/setup/setup.mjs';

const runtime = await setUp({ tools: false });
Object.assign(process.env, compileAhead(runtime));
await becomeNode(runtime, [
  ...RUNTIME_FLAGS,
  fileURLToPath(new URL('../src/main.ts', import.meta.url)),
  ...process.argv.slice(2),
]);
