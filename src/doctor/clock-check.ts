import { type Check, type DoctorContext, ok, warning } from './check.ts';

const MINUTE_MS = 60_000;

/** The clock has not gone back behind what the log was told. `newestMs`: when it was told last, by the clock of then; 0: never, or nobody knows. */
export const clockCheckBy = <Context extends DoctorContext>(
  newestMs: (context: Context) => Promise<number>,
): Check<Context> => ({
  name: 'Clock',
  about: 'The clock of the machine goes forward. Events are judged fresh or stale by it.',
  run: async (context) => {
    const nowMs = context.clock.nowMs();
    const now = new Date(nowMs).toISOString();
    const behindMs = (await newestMs(context)) - nowMs;
    if (behindMs <= 0) return ok(now);
    return warning(
      `${now} is ${Math.ceil(behindMs / MINUTE_MS)} min behind the newest record of the log`,
      'The clock was set back: events are judged fresh or stale by it. Let the machine take its time from the network (NTP).',
    );
  },
});
