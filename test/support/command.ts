import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { MAIN } from './platform.ts';
import { PATIENCE_MS } from './until.ts';

/** A command that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** Runs a program to its end; kills it after `timeoutMs` (then `code` is null). */
export const run = async (
  program: string,
  args: readonly string[],
  { env = {}, cwd, timeoutMs = PATIENCE_MS }: RunOptions = {},
): Promise<Ended> => {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
};

/** Runs `aevum` with these words to its end. */
export const aevum = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  run(process.execPath, [MAIN, ...args], options);
