import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises';
import { createSimulation, type SimulatedEvent } from '../simulate/simulation.ts';
import type { Deliver } from './deliver.ts';
import type { DemoJob, DemoProgress, RequestLimits } from './messages.ts';
import { historyOf, liveOf } from './plan.ts';

/** The demo's events on their way: history as fast as the platform takes it, and beside it what is live, each event when it is due. */

/** What sending history needs. */
export interface HistoryOptions {
  readonly job: DemoJob;
  /** Each takes one request at a time. */
  readonly lanes: readonly Deliver[];
  readonly onProgress: (progress: DemoProgress) => void;
  /** Ends it; what is under way is waited for. */
  readonly signal: AbortSignal;
}

/** What sending live events needs. */
export interface LiveOptions {
  readonly job: DemoJob;
  readonly deliver: Deliver;
  readonly signal: AbortSignal;
}

/** Events generated in one go: some milliseconds, in which nothing live is sent. */
const SKIP_EVENTS = 1_000;
/** Live events are gathered at least this long: they look no less live, and cost fewer requests. */
const LIVE_GATHER_MS = 50;
/** Further behind than this, what is live begins anew at the present: nobody wants to see the past go by. */
const LIVE_BEHIND_MAX_MS = 10_000;

/** The events up to a time, as many at once as a request may hold. */
function* bodiesOf(
  next: () => SimulatedEvent,
  untilMs: number,
  { eventsMax, bytesMax }: RequestLimits,
): Generator<readonly string[]> {
  let lines: string[] = [];
  let bytes = 0;
  for (let event = next(); event.atMs < untilMs; event = next()) {
    const more = Buffer.byteLength(event.json) + 1;
    if (lines.length > 0 && (lines.length >= eventsMax || bytes + more > bytesMax)) {
      yield lines;
      lines = [];
      bytes = 0;
    }
    lines.push(event.json);
    bytes += more;
  }
  if (lines.length > 0) yield lines;
}

/** Sends what is left of the history. Acknowledgements are counted in the order of the events, so that the count says what need not be sent again. */
export const sendHistory = async ({ job, lanes, onProgress, signal }: HistoryOptions): Promise<void> => {
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
  let lane = 0;
  for (const lines of bodiesOf(() => simulation.next(), plan.startedMs, limits)) {
    if (underWay.length >= lanes.length) await settleOldest();
    const sent = lanes[lane]?.(lines) ?? Promise.reject(new Error('there is no lane'));
    lane = (lane + 1) % lanes.length;
    // It is looked at when its turn has come.
    sent.catch(() => undefined);
    underWay.push({ count: lines.length, sent });
    await yieldOnce();
    if (signal.aborted) break;
  }
  while (underWay.length > 0) await settleOldest();
  if (!signal.aborted) onProgress({ backfilled, isFilled: true });
};

/** Sends live events until it is told to end. */
export const sendLive = async ({ job, deliver, signal }: LiveOptions): Promise<void> => {
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
      if (due.length > 0 && !signal.aborted) await deliver(due);
    }
  }
};
