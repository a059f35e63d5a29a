import { EXIT_INTERRUPTED } from './failure.ts';

/** Asks to stop: Ctrl-C, `kill`, a closed terminal, or the end of the process that started us (seen by the closed IPC channel). */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The wish to stop, as it stands. */
export interface StopWish {
  readonly requested: Promise<void>;
  isRequested(): boolean;
}

/**
 * One Ctrl-C can arrive twice: from the terminal, which signals the whole group, and passed on by npm or our own bootstrap. What follows within this time is the
 * same wish.
 */
const ECHO_MS = 500;

/** Resolves `requested` with the first wish to stop; calls `onForce` at a second one. */
export const onStopSignals = (onForce: () => void): StopWish => {
  let firstMs: number | undefined;
  const requested = new Promise<void>((resolve) => {
    const wish = (): void => {
      const nowMs = performance.now();
      firstMs ??= nowMs;
      resolve();
      if (nowMs - firstMs > ECHO_MS) onForce();
    };
    for (const signal of STOP_SIGNALS) process.on(signal, wish);
    if (process.channel !== undefined) {
      process.once('disconnect', wish);
      process.channel?.unref();
    }
  });
  return { requested, isRequested: () => firstMs !== undefined };
};

/** For a command that works through something: aborts with the first wish to stop, and says `message`; a second one ends the program at once. */
export const abortOnStop = (message: string): AbortSignal => {
  const controller = new AbortController();
  const { requested } = onStopSignals(() => process.exit(EXIT_INTERRUPTED));
  void requested.then(() => {
    process.stderr.write(`\n${message} (again to stop at once)\n`);
    controller.abort();
  });
  return controller.signal;
};
