import { defineEvent, type EventMetric } from '../lib/telemetry.ts';

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

/** A statement was refused for the memory that it took, and is read again. */
export const readAgainFrugally = defineEvent<object>({
  name: 'query_read_again',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_query_statements_read_again_total',
      help: 'Statements that took more memory than there was, and were read again with one thread and on disk.',
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

/** Something about a question that is answered later could not be written down. */
export const jobNotKept = defineEvent<{ readonly id: string; readonly error: unknown }>({
  name: 'query_job_not_kept',
  level: 'warn',
  message: ({ id, error }) =>
    `How the question ${id} is could not be written down; a restart may ask it anew. ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_query_jobs_not_kept_total',
      help: 'Changes of questions that are answered later which could not be written down.',
    },
  ],
});

/** Questions that were not answered when the program ended are asked anew. */
export const jobsResumed = defineEvent<{ readonly count: number }>({
  name: 'query_jobs_resumed',
  level: 'info',
  message: ({ count }) =>
    `${count === 1 ? 'One question was' : `${count} questions were`} to be answered later when the server ended: asked anew now.`,
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
      help: 'Answers that are kept of them, as JSON.',
      value: ({ bytes }) => bytes,
    },
  ],
});

/** Questions that are asked and not answered. */
export const questionsUnderWay: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_questions_under_way',
  help: 'Questions that run or wait for their turn.',
};

/** Whoever runs the platform ended a question. */
export const endedByOperator = defineEvent<{ readonly id: string; readonly kind: string }>({
  name: 'query_ended',
  level: 'info',
  message: ({ id, kind }) => `The question ${id} (${kind}) was ended.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_questions_ended_total',
      help: 'Questions that whoever runs the platform ended, by kind.',
      labels: ({ kind }) => ({ kind }),
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

/** Events of a user were asked for. */
export const userLookedUp = defineEvent<{ readonly hasTail: boolean }>({
  name: 'query_user_looked_up',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_query_user_lookups_total',
      help: 'Users whose events were asked for, by whether events that are not in the order of users yet had to be looked through (read) or are known to name others only (spared).',
      labels: ({ hasTail }) => ({ behind: hasTail ? 'read' : 'spared' }),
    },
  ],
});
