/** Hands the terminal over to another Node process, as `exec` would: same arguments, signals, and exit code, and no orphan. */

import { spawn } from 'node:child_process';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/**
 * Runs `runtime` with `args` in place of this process. Where Node can replace the process (from 22.15 and 23.11 on), it does. Elsewhere a child runs: signals
 * are passed on to it, its exit code or signal becomes ours, and it learns from its closed IPC channel when we are killed.
 */
export const becomeNode = async (runtime, args) => {
  if (typeof process.execve === 'function') process.execve(runtime, [runtime, ...args], process.env);
  const outcome = await runChild(runtime, args, ['inherit', 'inherit', 'inherit', 'ipc']);
  exitLike(outcome);
};

/** Runs `runtime` with `args` as a child with this process's terminal; signals are passed on. Resolves with how it ended: `{code, signal}`. */
export const runChild = async (runtime, args, stdio = 'inherit', env = process.env) => {
  const child = spawn(runtime, args, { stdio, env });
  child.channel?.unref();
  const forwards = FORWARDED_SIGNALS.map((signal) => [signal, () => child.kill(signal)]);
  for (const [signal, forward] of forwards) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  } finally {
    for (const [signal, forward] of forwards) process.off(signal, forward);
  }
};

/** Ends this process as the child ended: with its code, or by its signal. */
export const exitLike = ({ code, signal }) => {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
};
