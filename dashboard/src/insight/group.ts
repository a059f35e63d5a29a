/** A group of a break-down: fields and their values, null where absent. Null for `other`, and without a break-down. */
export type Group = Readonly<Record<string, string | null>> | null;

/** What somebody wants a closer look at: a press on a part of what is drawn. */
export type Drill =
  /** Actors of a funnel: who got to a step (from 1), or got to it and no further. */
  | { readonly kind: 'converted' | 'dropped'; readonly step: number; readonly group: Group }
  /** A bucket of a time axis: from, and to (not included), ISO 8601. */
  | { readonly kind: 'bucket'; readonly from: string; readonly to: string }
  /** A group of a break-down. */
  | { readonly kind: 'group'; readonly group: Group }
  /** Actors of a retention cohort who came back so many periods after its own; 0: all of it. */
  | { readonly kind: 'cohort'; readonly start: string; readonly period: number; readonly group: Group }
  /** A value of a field. */
  | { readonly kind: 'value'; readonly field: string; readonly value: string | null }
  /** One actor. */
  | { readonly kind: 'actor'; readonly actor: 'user' | 'session'; readonly id: string };

/** Told when a part is pressed. */
export type OnDrill = (drill: Drill) => void;
