import type { StoredEvent } from '../../../src/contract/event.ts';
import type { LiveEvents } from '../../../src/contract/live.ts';
import type { StreamAction } from './stream.ts';

/** What comes sooner after the one before is shown together: as often as one can read, not as often as it comes. */
const FLUSH_MS = 200;
/** While somebody scrolls, no more often than this. */
const SCROLLING_FLUSH_MS = 1_000;
/** Then it is looked this often whether that is over. */
const LOOK_MS = 50;
/** Of what arrives in between no more than this is kept: the list could not show it anyway. */
const BUFFER_MAX = 2_000;

interface Buffer {
  events: StoredEvent[];
  position: string | null;
  missed: number;
  gap: boolean;
  leftOut: number;
}

const emptyBuffer = (): Buffer => ({ events: [], position: null, missed: 0, gap: false, leftOut: 0 });

/** What goes on around the stream. */
export interface Surroundings {
  /** Milliseconds of a clock that only goes forward. */
  readonly nowMs: () => number;
  readonly isScrolling: () => boolean;
}

/** Collects what arrives and hands it on at a readable pace, and out of the way of whoever scrolls. */
export const pacedBy = (dispatch: (action: StreamAction) => void, { nowMs, isScrolling }: Surroundings) => {
  let buffer = emptyBuffer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushedMs = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (isScrolling() && nowMs() - flushedMs < SCROLLING_FLUSH_MS) {
      timer = setTimeout(flush, LOOK_MS);
      return;
    }
    timer = undefined;
    flushedMs = nowMs();
    const arrived = buffer;
    buffer = emptyBuffer();
    dispatch({ kind: 'received', ...arrived });
  };
  return {
    push: ({ events, position, missed, gap, left_out }: LiveEvents): void => {
      buffer.events = [...buffer.events, ...events].slice(-BUFFER_MAX);
      buffer.position = position;
      buffer.missed += missed;
      buffer.gap ||= gap === true;
      buffer.leftOut += left_out ?? 0;
      timer ??= setTimeout(flush, Math.max(0, flushedMs + FLUSH_MS - nowMs()));
    },
    cancel: (): void => clearTimeout(timer),
  };
};
