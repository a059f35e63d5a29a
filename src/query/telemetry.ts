import { defineEvent } from '../lib/telemetry.ts';

const SECONDS_PER_MS = 0.001;

/** A question was answered. */
export const queryAnswered = defineEvent<{
  readonly kind: string;
  readonly source: string;
  readonly elapsedMs: number;
}>({
  name: 'query_answered',
  level: 'debug',
  metrics: [
    {
      kind: 'histogram',
      name: 'aevum_query_seconds',
      help: 'Time from a question to its answer.',
      value: ({ elapsedMs }) => elapsedMs * SECONDS_PER_MS,
      labels: ({ kind, source }) => ({ kind, source }),
    },
  ],
});

/** The ledger does not add up. */
export const ledgerUnbalanced = defineEvent<{ readonly minutes: readonly string[] }>({
  name: 'ledger_unbalanced',
  level: 'error',
  message: ({ minutes }) => `The ledger does not add up: ${minutes.join('; ')}`,
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_ledger_unbalanced_minutes',
      help: 'Minutes in which received events are not all accounted for.',
      value: ({ minutes }) => minutes.length,
    },
  ],
});

/** The ledger was checked and adds up. */
export const ledgerBalanced = defineEvent<object>({
  name: 'ledger_balanced',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_ledger_unbalanced_minutes',
      help: 'Minutes in which received events are not all accounted for.',
      value: () => 0,
    },
  ],
});
