import type { StatementValue } from '../lib/statement-value.ts';

/** How the events of a metric are put into windows. */
export type WindowKind =
  /** A pause that is longer than this ends a window. */
  | { readonly kind: 'session'; readonly gapMs: number }
  /** Each window has so many events. */
  | { readonly kind: 'count'; readonly every: number };

/**
 * A metric whose windows are kept, as the processor is told of it. The statement reads its events of the governed positions from {from:UInt64} up to, not including, {to:UInt64}; `query/window-source.ts`
 * writes it. A metric with another meaning has another version: windows of the one before are deleted.
 */
export interface WindowMetric {
  readonly project: string;
  /** Its id, unique over all projects. */
  readonly metric: string;
  readonly version: number;
  readonly window: WindowKind;
  readonly statement: { readonly text: string; readonly params: Readonly<Record<string, StatementValue>> };
}

/** How far the windows of a metric have come. */
export interface WindowState {
  readonly project: string;
  readonly metric: string;
  readonly version: number;
  /** Events of governed positions before this are in its windows; undefined: not known yet. */
  readonly next: number | undefined;
  /** Up to here there are events to be put into windows. */
  readonly end: number;
  /** How long it has not come forward though there is something to do, milliseconds. */
  readonly stuckMs: number;
  /** Why not, as far as is known. */
  readonly trouble: string | null;
}

/** Events that are older than a metric's windows are still taken: this is how much later than it began a window can change, at most, without an import of history. */
export const isFinal = (
  window: { readonly endMs: number; readonly isComplete: boolean },
  kind: WindowKind,
  { watermarkMs, latenessMs }: { readonly watermarkMs: number; readonly latenessMs: number },
): boolean =>
  kind.kind === 'count' ? window.isComplete : window.endMs + kind.gapMs + latenessMs < watermarkMs;
