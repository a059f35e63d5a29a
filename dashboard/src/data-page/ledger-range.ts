import { STEPS, type Step } from './stretches.ts';

/** Which receipts are looked at. */
export const SPANS = [
  { value: '1h', text: '1 h', since: 'now-1h', steps: ['minute'] },
  { value: '24h', text: '24 h', since: 'now-24h', steps: ['hour', 'minute'] },
  { value: '7d', text: '7 days', since: 'now-7d', steps: ['day', 'hour'] },
  { value: '30d', text: '30 days', since: 'now-30d', steps: [] },
  { value: 'all', text: 'All', since: undefined, steps: [] },
] as const satisfies readonly {
  value: string;
  text: string;
  since: string | undefined;
  steps: readonly Step[];
}[];

export type Span = (typeof SPANS)[number];

/** What of the ledger is shown. */
export interface LedgerView {
  readonly span: Span;
  /** How long its stretches are; undefined: the span is too long for the minutes that they are made of. */
  readonly step: Step | undefined;
  /** The stretch that is looked at by itself: its first minute. */
  readonly at: string | undefined;
}

const DEFAULT = SPANS[1];

/** What an address says. */
export const ledgerViewOf = (search: string): LedgerView => {
  const parameters = new URLSearchParams(search);
  const span: Span = SPANS.find(({ value }) => value === parameters.get('span')) ?? DEFAULT;
  const steps: readonly Step[] = span.steps;
  const wanted = STEPS.find((step) => step === parameters.get('by'));
  const at = parameters.get('at');
  return {
    span,
    step: wanted !== undefined && steps.includes(wanted) ? wanted : steps[0],
    at: at === null || Number.isNaN(Date.parse(at)) ? undefined : at,
  };
};
