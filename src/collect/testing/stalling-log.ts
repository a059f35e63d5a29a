import { LogError, type LogErrorCode, type LogWriter } from '../../log/log.ts';

/** For tests: a log whose appends can be held up, or made to fail. */
export interface StallingLog extends LogWriter {
  /** Appends wait from now on. */
  stall(): void;
  /** Those that waited go on, and the next ones do not wait. */
  resume(): void;
  /** Appends are refused from now on; null: not any more. */
  fail(code: LogErrorCode | null): void;
  /** Appends called so far. */
  readonly appends: number;
}

/** Puts a log under control. */
export const stallingLog = (log: LogWriter): StallingLog => {
  let gate: PromiseWithResolvers<void> | undefined;
  let failure: LogErrorCode | null = null;
  let appends = 0;
  return {
    stall: () => void (gate ??= Promise.withResolvers<void>()),
    resume: () => {
      gate?.resolve();
      gate = undefined;
    },
    fail: (code) => void (failure = code),
    get appends() {
      return appends;
    },
    append: async (header, payload) => {
      appends++;
      await gate?.promise;
      if (failure !== null) throw new LogError(failure, `told to be ${failure}`);
      return log.append(header, payload);
    },
    trim: (before) => log.trim(before),
    read: (from, bytesMax) => log.read(from, bytesMax),
    changed: (from, timeoutMs) => log.changed(from, timeoutMs),
    last: () => log.last(),
    extent: () => log.extent(),
    close: () => log.close(),
  };
};
