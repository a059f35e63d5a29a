import { AuditError } from '../access/audit.ts';
import { CredentialError } from '../access/credentials.ts';
import { KeyTermsError } from '../access/key-terms.ts';
import { ProjectError } from '../access/project-error.ts';
import { CatalogError } from '../catalog/catalog.ts';
import { ConfigError } from '../config/load.ts';
import { DirectoryLockedError } from '../lib/dir-lock.ts';
import { StartError } from '../lib/start-error.ts';
import { LogError } from '../log/log.ts';

/** Exit codes: something did not work; the command line was wrong; ended by Ctrl-C. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** A command cannot go on. The message says what is wrong and what to do; it is all that is printed. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = EXIT_FAILED) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** What to print and how to exit for anything that a command threw. */
export interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

/** Errors whose message already says, to the person at the terminal, what is wrong and what to do. */
const SELF_EXPLAINING = [
  AuditError,
  CatalogError,
  CredentialError,
  DirectoryLockedError,
  KeyTermsError,
  LogError,
  ProjectError,
  StartError,
];

/** Where a command was about to listen and write: for the messages of system errors. */
export interface FailureContext {
  readonly host?: string;
  readonly port?: number;
  readonly dataDir?: string;
}

/** Finds the words for an error. Only errors that nobody foresaw keep their stack. */
export const failureOf = (error: unknown, context: FailureContext = {}): Failure => {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError) return configFailure(error);
  if (SELF_EXPLAINING.some((kind) => error instanceof kind))
    return { message: messageOf(error), exitCode: EXIT_FAILED };
  const system = systemMessage(error as NodeJS.ErrnoException, context);
  if (system !== undefined) return { message: system, exitCode: EXIT_FAILED };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `This should not have happened; please report it:\n${stack}`, exitCode: EXIT_FAILED };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const configFailure = ({ problems }: ConfigError): Failure => {
  const lines = problems.map(({ where, message }) => `  ${where} ${message}`);
  return {
    message: `the configuration cannot be used:\n${lines.join('\n')}\nAll options: aevum start --help`,
    exitCode: problems.some(({ origin }) => origin === 'flag') ? EXIT_USAGE : EXIT_FAILED,
  };
};

/** Words for what the operating system refused, where the context tells what it was about. */
const systemMessage = (error: NodeJS.ErrnoException, context: FailureContext): string | undefined => {
  const { host = '127.0.0.1', port = 0, dataDir = '' } = context;
  const inDataDir = error?.path !== undefined && dataDir !== '' && error.path.startsWith(dataDir);
  switch (error?.code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use. Stop the program that listens there, or choose another: --port ${port + 1}`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine. Use --host 127.0.0.1, or --host 0.0.0.0 for all its addresses.`;
    case 'ENOTFOUND':
      return `the host ${host} is not known. Use an address of this machine: --host 127.0.0.1`;
    case 'EACCES':
    case 'EPERM':
      if (error.syscall === 'listen')
        return `port ${port} needs privileges that this user lacks. Choose one above 1023: --port 8080`;
      return inDataDir ? notWritable(dataDir) : undefined;
    case 'EROFS':
      return inDataDir ? notWritable(dataDir) : undefined;
    case 'ENOTDIR':
    case 'EEXIST':
      return inDataDir ? `${dataDir} is not a folder. Choose another: --data-dir <folder>` : undefined;
    case 'ENOSPC':
      return `the disk of ${dataDir} is full. Free some space; nothing that was acknowledged is lost.`;
    default:
      return undefined;
  }
};

const notWritable = (dataDir: string): string =>
  `${dataDir} is not writable by this user. Change its owner, or choose another folder: --data-dir <folder>`;
