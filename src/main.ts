/** argv -> command. What a command needs is loaded when it runs. */

import { createProgram, runProgram } from './cli/program.ts';
import { registerImport } from './import/import-command.ts';

/** Whoever read our output went away (`| head`). A server goes on; a command has said enough. */
const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error;
};
process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);

const startNode = async () => (await import('./node.ts')).startNode;
const program = createProgram({
  startNode,
  registerImport: (command) => registerImport(command, startNode),
});
process.exitCode = await runProgram(program, process.argv.slice(2));
