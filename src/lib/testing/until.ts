import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;
/** Far longer than a machine under load stands still; only what never comes takes so long. */
export const PATIENCE_MS = 120_000;

/**
 * Asks again and again until the answer is neither undefined nor false, and resolves with it. Rejects after `timeoutMs`, naming what was waited for.
 * An answer that throws counts as none; the last error is part of the message.
 */
export const until = async <T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = PATIENCE_MS,
): Promise<T> => {
  const limit = performance.now() + timeoutMs;
  let trouble = '';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      trouble = '';
    } catch (error) {
      trouble = `: ${String(error)}`;
    }
    if (performance.now() > limit) throw new Error(`waited ${timeoutMs} ms in vain until ${what}${trouble}`);
    await sleep(POLL_MS);
  }
};
