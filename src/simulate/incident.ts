/** What can go wrong in the shop, and when it does. */

/**
 * `spike`: five times the traffic, all of it to one product. `checkout_outage`: every payment times out. `card_testing`: a few users try stolen cards with tiny amounts.
 * `broken_deploy`: a release of the web shop sends the value of purchases as text with a currency sign, and leaves the page out of page views.
 */
export const INCIDENTS = ['spike', 'checkout_outage', 'card_testing', 'broken_deploy'] as const;
export type IncidentKind = (typeof INCIDENTS)[number];

/** An incident and its time, `[fromMs, untilMs)`, milliseconds since 1970. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Traffic during a spike, compared with what it would be. */
export const SPIKE_FACTOR = 5;
/** Attempts of card testers, compared with all other traffic of the shop. */
export const CARD_TESTING_FACTOR = 0.5;

/** Whether an incident of the kind is going on. */
export const isGoingOn = (incidents: readonly Incident[], kind: IncidentKind, atMs: number): boolean =>
  incidents.some((each) => each.kind === kind && atMs >= each.fromMs && atMs < each.untilMs);
