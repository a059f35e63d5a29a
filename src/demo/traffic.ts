import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises';
import { createSimulation, type SimulatedEvent } from '../simulate/simulation.ts';
import type { DemoJob, DemoProgress, RequestLimits } from './messages.ts';
import { historyOf, liveOf } from './plan.ts';

/** The demo's events on their way: history as fast as the platform takes it, and beside it what is live, each event when it is due. */

/** Takes a body of events, one a line; resolves when it is acknowledged. Rejects when it never will be. */
export type Deliver = (body: string, isHistory: boolean) => Promise<void>;

/** What sending the demo's events needs. */
export interface Traffic {
  readonly job: DemoJob;
  readonly deliver: Deliver;
  readonly onProgress: (progress: DemoProgress) => void;
  /** Ends both; what is under way is waited for. */
  readonly signal: AbortSignal;
}

/** Requests of history under way at once: the platform decodes one while another waits for the disk. */
const IN_FLIGHT_MAX = 3;
/** Events generated in one go: about 4 ms, in which nothing live is sent. */
const SKIP_EVENTS = 1_000;
/** Live events are gathered at least this long: they look no less live, and cost fewer requests. */
const LIVE_GATHER_MS = 50;
/** Further behind than this, what is live begins anew at the present: nobody wants to see the past go by. */
const LIVE_BEHIND_MAX_MS = 10_000;

/** Bodies of the history from an event on, of which each says how many events it holds. */
function* bodiesOf(
  next: () => SimulatedEvent,
  untilMs: number,
  { eventsMax, bytesMax }: RequestLimits,
): Generator<{ readonly text: string; readonly count: number }> {
  let lines: string[] = [];
  let bytes = 0;
  for (let event = next(); event.atMs < untilMs; event = next()) {
    const more = Buffer.byteLength(event.json) + 1;
    if (lines.length > 0 && (lines.length >= eventsMax || bytes + more > bytesMax)) {
      yield { text: lines.join('\n'), count: lines.length };
      lines = [];
      bytes = 0;
    }
    lines.push(event.json);
    bytes += more;
  }
  if (lines.length > 0) yield { text: lines.join('\n'), count: lines.length };
}

/** Sends what is left of the history. Acknowledgements are counted in the order of the events, so that the count says what need not be sent again. */
export const sendHistory = async ({ job, deliver, onProgress, signal }: Traffic): Promise<void> => {
  if (job.isFilled) return;
  const { plan, limits } = job;
  const simulation = createSimulation(historyOf(plan));
  for (let skipped = 0; skipped < job.backfilled; skipped++) {
    if (skipped % SKIP_EVENTS === 0) await yieldOnce();
    if (signal.aborted) return;
    simulation.next();
  }
  let { backfilled } = job;
  const underWay: { readonly count: number; readonly sent: Promise<void> }[] = [];
  const settleOldest = async (): Promise<void> => {
    const oldest = underWay.shift();
    if (oldest === undefined) return;
    await oldest.sent;
    backfilled += oldest.count;
    onProgress({ backfilled, isFilled: false });
  };
  for (const { text, count } of bodiesOf(() => simulation.next(), plan.startedMs, limits)) {
    const sent = deliver(text, true);
    // It is looked at when its turn has come.
    sent.catch(() => undefined);
    underWay.push({ count, sent });
    if (underWay.length >= IN_FLIGHT_MAX) await settleOldest();
    await yieldOnce();
    if (signal.aborted) break;
  }
  while (underWay.length > 0) await settleOldest();
  if (!signal.aborted) onProgress({ backfilled, isFilled: true });
};

/** Sends live events until it is told to end. */
export const sendLive = async ({ job, deliver, signal }: Traffic): Promise<void> => {
  while (!signal.aborted) {
    const simulation = createSimulation(liveOf(job.plan, Date.now()));
    let next = simulation.next();
    while (!signal.aborted && Date.now() - next.atMs < LIVE_BEHIND_MAX_MS) {
      await pause(Math.max(LIVE_GATHER_MS, next.atMs - Date.now()), undefined, { signal }).catch(
        () => undefined,
      );
      const due: string[] = [];
      for (; next.atMs <= Date.now() && due.length < job.limits.eventsMax; next = simulation.next())
        due.push(next.json);
      if (due.length > 0 && !signal.aborted) await deliver(due.join('\n'), false);
    }
  }
};
