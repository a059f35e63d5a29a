/** The command line with a platform that does nothing: for tests of the command line alone. Told what to do by variables. */

import { setTimeout as sleep } from 'node:timers/promises';
import { createProgram, runProgram } from '../program.ts';
import type { StartNode } from '../start-command.ts';

const { STAND_IN_STOP_MS: stopMs = '50' } = process.env;

const startNode: StartNode = async (_config, { onProgress }) => {
  onProgress('Doing nothing');
  const alive = setInterval(() => undefined, 1_000);
  return {
    url: 'http://127.0.0.1:8080',
    signInUrl: 'http://127.0.0.1:8080/login?token=stand-in',
    credentials: { writeKey: 'aev_w_stand_in' },
    stop: async () => {
      await sleep(Number(stopMs));
      clearInterval(alive);
    },
  };
};

const program = createProgram({ startNode: async () => startNode, registerImport: () => undefined });
process.exitCode = await runProgram(program, process.argv.slice(2));
