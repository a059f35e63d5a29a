/** Looking at the system calls of a process, or failing them, by Debian's `strace`. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { until } from './until.ts';

const PATIENCE_MS = 1_000;

/** A tracer that watches. */
export interface Tracer {
  /** Resolves when it is gone; the process goes on. */
  detach(): Promise<void>;
}

/** Whether tracing is impossible here: the test is skipped then, or fails where tracing is required. */
export const tracingIsAbsent = (t: TestContext): boolean => {
  if (spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0) return false;
  assert.equal(process.env['AEVUM_REQUIRE_STRACE'], undefined, 'strace is required, and cannot trace here');
  t.skip('strace is not installed, or may not trace here');
  return true;
};

/** Attaches to a process with all its threads and resolves once it watches. `options` are strace's. */
export const attachTracer = async (pid: number, options: readonly string[]): Promise<Tracer> => {
  const tracer = spawn('strace', ['-f', '-qq', ...options, '-p', String(pid)], { stdio: 'ignore' });
  const isTraced = (): boolean => !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  await until('the tracer is attached', isTraced);
  return {
    async detach() {
      if (tracer.exitCode !== null || tracer.signalCode !== null) return;
      const gone = once(tracer, 'exit');
      tracer.kill('SIGINT');
      // It may wait for threads of a process that was killed, and does not hear of it any more.
      const killer = setTimeout(() => tracer.kill('SIGKILL'), PATIENCE_MS);
      await gone;
      clearTimeout(killer);
    },
  };
};
