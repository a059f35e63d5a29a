import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';

/** A wall clock that goes back by up to this much is taken to be corrected in small steps (NTP): time of receipt stands still until it catches up. */
export const HOLD_BACK_MAX_MS = 5_000;
/** Jumps of at least this much against the monotonic clock are reported. */
const JUMP_REPORTED_MS = 60_000;

/** The wall clock moved by `jumpMs` more than time passed. */
export const CLOCK_JUMPED = defineEvent<{ readonly jumpMs: number }>({
  name: 'clock_jumped',
  level: 'warn',
  message: ({ jumpMs }) =>
    `The clock of this machine jumped ${jumpMs > 0 ? 'forward' : 'back'} by ${Math.round(Math.abs(jumpMs) / 1000)} s. Events are judged and stored by the new time; unless the machine was asleep, check that its time is synchronised.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_clock_jumps_total',
      help: 'Jumps of the wall clock of a minute or more.',
    },
  ],
});

/**
 * Time of receipt, milliseconds since the epoch. It follows the wall clock, except that small steps back are held: within a process it does not decrease,
 * unless the clock is set back by more than HOLD_BACK_MAX_MS. Then it follows at once, for a time that is known to be wrong must not be kept: held, it would
 * call every event of the coming hours stale, or none.
 */
export const createReceiptClock = (clock: Clock, telemetry: Telemetry): (() => number) => {
  let last = Number.NEGATIVE_INFINITY;
  let offsetMs = clock.nowMs() - clock.monotonicMs();
  return function receiptMs() {
    const nowMs = clock.nowMs();
    const newOffsetMs = nowMs - clock.monotonicMs();
    const jumpMs = newOffsetMs - offsetMs;
    offsetMs = newOffsetMs;
    if (Math.abs(jumpMs) >= JUMP_REPORTED_MS) telemetry.emit(CLOCK_JUMPED, { jumpMs });
    const isSmallStepBack = nowMs < last && last - nowMs <= HOLD_BACK_MAX_MS;
    if (!isSmallStepBack) last = nowMs;
    return last;
  };
};
