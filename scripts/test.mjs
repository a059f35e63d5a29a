/** `npm test`: sets up like `npm start`, then runs the tests on the pinned runtime. Arguments: see scripts/test/run.mjs, or --help. */

import { fileURLToPath } from 'node:url';
import { becomeNode } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

const runtime = await setUp({ tools: true });
await becomeNode(runtime, [
  fileURLToPath(new URL('test/run.mjs', import.meta.url)),
  ...process.argv.slice(2),
]);
