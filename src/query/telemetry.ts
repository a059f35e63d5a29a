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

/** A question was answered with an answer that was given before. */
export const answeredAgain = defineEvent<{ readonly kind: string }>({
  name: 'query_answered_again',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_query_cache_hits_total',
      help: 'Questions answered from answers that were given before, by kind.',
      labels: ({ kind }) => ({ kind }),
    },
  ],
});

/** An answer was kept to be given again. */
export const answerKept = defineEvent<{ readonly bytes: number }>({
  name: 'query_answer_kept',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_query_cache_bytes',
      help: 'Memory that kept answers take, at most.',
      value: ({ bytes }) => bytes,
    },
  ],
});

/** A question that is answered later has ended. */
export const jobEnded = defineEvent<{ readonly kind: string; readonly state: string }>({
  name: 'query_job_ended',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_query_jobs_total',
      help: 'Questions that were answered later, by kind and how they ended.',
      labels: ({ kind, state }) => ({ kind, state }),
    },
  ],
});

/** A question that is answered later failed for a reason that is nobody's business but the operator's. */
export const jobBroke = defineEvent<{ readonly id: string; readonly kind: string; readonly error: unknown }>({
  name: 'query_job_broke',
  level: 'error',
  message: ({ id, kind, error }) =>
    `The question ${id} (${kind}) failed: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [],
});

/** Questions that are answered later were looked through. */
export const jobsHeld = defineEvent<{ readonly pending: number; readonly bytes: number }>({
  name: 'query_jobs_held',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_query_jobs_pending',
      help: 'Questions that run or wait to be answered later.',
      value: ({ pending }) => pending,
    },
    {
      kind: 'gauge',
      name: 'aevum_query_jobs_bytes',
      help: 'Memory that their answers take, at most.',
      value: ({ bytes }) => bytes,
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
