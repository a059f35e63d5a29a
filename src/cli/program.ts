import { Command, CommanderError } from 'commander';
import { registerDemo } from './demo-command.ts';
import { registerDoctor } from './doctor-command.ts';
import { EXIT_USAGE, failureOf } from './failure.ts';
import { registerKeys } from './keys-command.ts';
import { registerLogin, registerLogout } from './login-command.ts';
import { registerSimulate } from './simulate-command.ts';
import { registerSql } from './sql-command.ts';
import { registerStart, type StartNode } from './start-command.ts';
import { registerUsers } from './users-command.ts';
import { registerVerify } from './verify-command.ts';
import { readVersions } from './versions.ts';

const EXAMPLES = `
Examples:
  aevum start                         start the platform at http://127.0.0.1:8080
  aevum import orders.csv --help      how to load history from a file
  aevum demo start                    a made-up web shop to look around in, in a project of its own
  aevum simulate --rate 100           send events of a made-up web shop
  aevum sql "SELECT count() FROM events"
  aevum login                         print a link that signs in to the dashboard
  aevum keys create --scope read --name "Grafana"
  aevum users invite ada@example.com --role analyst    print a link by which somebody joins
  aevum verify                        check that the audit log is as it was written
  aevum doctor                        check the machine and the data, and say what to do

In a checkout, "npm start" is "aevum start", and node bin/aevum.mjs is aevum.`;

/** Parts of the program that are loaded only when they run. */
export interface ProgramParts {
  readonly startNode: () => Promise<StartNode>;
  readonly registerImport: (program: Command) => void;
}

/** The command line: every command with its options, help and examples. */
export const createProgram = (parts: ProgramParts): Command => {
  const program = new Command('aevum')
    .description(
      'Real-time event analytics in one process: durable, exactly counted, every event accounted for.',
    )
    .addHelpText('after', EXAMPLES);
  registerStart(program, parts.startNode);
  parts.registerImport(program);
  registerDemo(program);
  registerSimulate(program);
  registerSql(program);
  registerKeys(program);
  registerUsers(program);
  registerLogin(program);
  registerLogout(program);
  registerVerify(program);
  registerDoctor(program);
  registerVersion(program);
  program.version(readVersions().aevum, '-v, --version', 'print the version');
  return settle(program, 'aevum');
};

const registerVersion = (program: Command): void => {
  program
    .command('version')
    .description('print the versions of the program, of Node and of the engine')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', '\nExample:\n  aevum version --json')
    .action(({ json }: { json?: true }) => {
      const versions = readVersions();
      const lines = [
        `aevum   ${versions.aevum}`,
        `node    ${versions.node}`,
        `engine  ${versions.engine ?? 'not installed'}`,
      ];
      process.stdout.write(
        json === true ? `${JSON.stringify(versions, null, 2)}\n` : `${lines.join('\n')}\n`,
      );
    });
};

/** Commander hands these down only to commands made after them. */
const settle = (command: Command, path: string): Command => {
  for (const below of command.commands) settle(below, `${path} ${below.name()}`);
  return command.exitOverride().showHelpAfterError(`See: ${path} --help`);
};

/** Runs a command line (without node and script). Resolves with the exit code; everything worth saying has been said. */
export const runProgram = async (program: Command, words: readonly string[]): Promise<number> => {
  try {
    if (words.length === 0) {
      program.outputHelp();
      return EXIT_USAGE;
    }
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const { message, exitCode } = failureOf(error);
    process.stderr.write(`aevum: ${message}\n`);
    return exitCode;
  }
};
