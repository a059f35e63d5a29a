import { SendError } from '../simulate/sender.ts';
import { createDelivery } from './deliver.ts';
import type { DemoJob, DemoProgress, FromDemo, ToDemo } from './messages.ts';
import { sendHistory, sendLive } from './traffic.ts';

/** Entry of the process that sends the demo's events. It does what it is told by messages (`messages.ts`), and ends when the platform that forked it does. */

/** Names the import of the history. */
const BACKFILL = 'demo';
/** Requests of history under way at once: the platform decodes one while another waits for the disk. */
const HISTORY_LANES = 3;
const EXIT_OK = 0;
const EXIT_REFUSED = 3;

const say = (message: FromDemo): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });

const run = async (job: DemoJob, signal: AbortSignal): Promise<void> => {
  const onTrouble = (what: string | null): void => void say({ kind: 'trouble', what });
  const onProgress = (progress: DemoProgress): void => void say({ kind: 'progress', progress });
  const deliver = createDelivery({ job, signal, onTrouble });
  const lanes = Array.from({ length: HISTORY_LANES }, () =>
    createDelivery({ job, signal, onTrouble, backfill: BACKFILL }),
  );
  // Live first: it is what is looked at.
  await Promise.all([sendLive({ job, deliver, signal }), sendHistory({ job, lanes, onProgress, signal })]);
};

const stopping = new AbortController();

const start = async (job: DemoJob): Promise<void> => {
  let code = EXIT_OK;
  try {
    await run(job, stopping.signal);
  } catch (error) {
    if (error instanceof SendError) {
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
