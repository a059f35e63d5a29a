import { BatchSender } from '../simulate/sender.ts';
import type { DemoJob } from './messages.ts';

/** Takes events to the platform; resolves when they are acknowledged. Rejects when they never will be: refused, or stopped by the signal. */
export type Deliver = (lines: readonly string[]) => Promise<void>;

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly job: DemoJob;
  /** Declared as history of this name. */
  readonly backfill?: string;
  readonly signal: AbortSignal;
  /** Something keeps it from going on; null: it goes on. Told of the first acknowledgement as well. */
  readonly onTrouble: (what: string | null) => void;
}

/** A delivery with one request at a time: so it is known of every request whether it was acknowledged. It is patient without end. */
export const createDelivery = ({ job, signal, onTrouble, ...others }: DeliveryOptions): Deliver => {
  const { url, key } = job;
  const patienceMs = Number.POSITIVE_INFINITY;
  const sender = new BatchSender({ url, key, signal, onTrouble, patienceMs, inFlightMax: 1, ...others });
  let isFirst = true;
  return async function deliver(lines) {
    await sender.send(lines);
    if (sender.counts.unanswered > 0) throw new Error('stopped before an answer');
    if (isFirst) onTrouble(null);
    isFirst = false;
  };
};
