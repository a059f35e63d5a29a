import type { TraceReceipt } from '../../../src/contract/events.ts';

/** One stage of the way of an event. */
export interface Step {
  readonly name: string;
  /** When it was reached; null: not yet, or not known. */
  readonly at: string | null;
  /** How long it took; null: not known. */
  readonly ms: number | null;
  /** Where in which log. */
  readonly place: string | null;
  readonly isDone: boolean;
}

/** The way of one receipt: received, logged, decided, queryable. Refused events end with their decision. */
export const stepsOf = (receipt: TraceReceipt): Step[] => {
  const { received_at, logged, decided, loaded, stages, state } = receipt;
  const steps: Step[] = [
    { name: 'Received', at: received_at, ms: null, place: null, isDone: true },
    {
      name: 'Durable in the log',
      at: logged?.at ?? null,
      ms: stages.receive_to_log_ms,
      place: logged === null ? null : `raw ${logged.position}`,
      isDone: logged !== null,
    },
    {
      name: state === 'stored' || state === 'pending' ? 'Decided' : `Decided: ${state}`,
      at: decided?.at ?? null,
      ms: stages.log_to_decide_ms,
      place: typeof decided?.position === 'string' ? `governed ${decided.position}` : null,
      isDone: decided !== null,
    },
  ];
  if (state === 'stored' || state === 'pending')
    steps.push({
      name: 'Queryable',
      at: loaded?.at ?? null,
      ms: stages.decide_to_load_ms,
      place: null,
      isDone: loaded !== null,
    });
  return steps;
};

/** What is still not known of an event that was received so long ago never will be. */
const KNOWN_AFTER_MS = 60_000;

/** Whether nothing about it will change any more. The times of its stages may become known a moment later than that it is stored. */
export const isSettled = ({ state, received_at, loaded, stages }: TraceReceipt, nowMs: number): boolean => {
  if (state === 'pending') return false;
  if (nowMs - Date.parse(received_at) > KNOWN_AFTER_MS) return true;
  return stages.log_to_decide_ms !== null && (state !== 'stored' || loaded !== null);
};

/** Shares of the whole way for the bar, in percent; empty where no time is known. */
export const stageShares = ({ stages }: TraceReceipt): readonly number[] => {
  const all = [stages.receive_to_log_ms, stages.log_to_decide_ms, stages.decide_to_load_ms].map(
    (ms) => ms ?? 0,
  );
  const whole = all.reduce((sum, ms) => sum + ms, 0);
  return whole === 0 ? [] : all.map((ms) => (ms / whole) * 100);
};
