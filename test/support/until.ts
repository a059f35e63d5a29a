import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Asks again and again until the answer is neither undefined nor false, and resolves with it. Rejects after `timeoutMs`, naming what was waited for.
 * An answer that throws counts as none; the last error is part of the message.
 */
export const until = async <T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
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
