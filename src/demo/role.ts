import { createDelivery, DeliveryRefused } from './deliver.ts';
import type { DemoJob, FromDemo, ToDemo } from './messages.ts';
import { sendHistory, sendLive } from './traffic.ts';

/** Entry of the process that sends the demo's events. It does what it is told by messages (`messages.ts`), and ends when the platform that forked it does. */

const EXIT_OK = 0;
const EXIT_REFUSED = 3;

const say = (message: FromDemo): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });

const run = async (job: DemoJob, signal: AbortSignal): Promise<void> => {
  const deliver = createDelivery({
    ...job,
    signal,
    onTrouble: (what) => void say({ kind: 'trouble', what }),
  });
  const onProgress = (progress: { backfilled: number; isFilled: boolean }): void =>
    void say({ kind: 'progress', progress });
  const traffic = { job, deliver, onProgress, signal };
  // Live first: it is what is looked at.
  await Promise.all([sendLive(traffic), sendHistory(traffic)]);
};

const stopping = new AbortController();

const start = async (job: DemoJob): Promise<void> => {
  let code = EXIT_OK;
  try {
    await run(job, stopping.signal);
  } catch (error) {
    if (error instanceof DeliveryRefused) {
      code = EXIT_REFUSED;
      await say({ kind: 'refused', what: error.message });
    } else if (!stopping.signal.aborted) throw error;
  }
  process.exit(code);
};

process.on('message', (message: ToDemo) => {
  if (message.kind === 'start') void start(message.job);
  else stopping.abort();
});
process.on('disconnect', () => process.exit(EXIT_OK));
// Ctrl-C reaches the whole group; the platform says when to end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
