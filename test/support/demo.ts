import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoAnswer } from '../../src/contract/demo.ts';
import type { Platform } from './platform.ts';

const LIMIT_MS = 600_000;

/** Waits until all of the demo's history is in. Throws where it fails, or takes longer than ten minutes. */
export const untilDemoLive = async (platform: Platform): Promise<void> => {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const { state, message } = await platform.json<DemoAnswer>('/api/demo');
    if (state === 'live') return;
    if (state === 'failed' || performance.now() > limit)
      throw new Error(`the demo is ${state}: ${message ?? 'it took too long'}`);
    await sleep(200);
  }
};
