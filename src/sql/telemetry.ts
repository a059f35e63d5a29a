import { defineEvent } from '../lib/telemetry.ts';

const SECONDS_PER_MS = 0.001;

/** A statement of a user was answered. Its text is nowhere: it may hold what is nobody's business. */
export const sqlAnswered = defineEvent<{ readonly elapsedMs: number; readonly guardMs: number }>({
  name: 'sql_answered',
  level: 'debug',
  metrics: [
    {
      kind: 'histogram',
      name: 'aevum_sql_seconds',
      help: 'Time from a question in SQL to its answer, judging included.',
      value: ({ elapsedMs }) => elapsedMs * SECONDS_PER_MS,
    },
    {
      kind: 'histogram',
      name: 'aevum_sql_guard_seconds',
      help: 'Time that it took to judge a statement that was answered.',
      value: ({ guardMs }) => guardMs * SECONDS_PER_MS,
    },
  ],
});

/** A large answer was not written: its thread failed, or had not enough memory. */
export const sqlAnswerLost = defineEvent<{ readonly error: Error }>({
  name: 'sql_answer_lost',
  level: 'error',
  message: ({ error }) => `A large answer to a question in SQL could not be written: ${error.message}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_sql_answers_lost_total',
      help: 'Large answers to questions in SQL that were not written: their thread failed or had not enough memory.',
    },
  ],
});

/** A statement of a user was not run, or not understood. */
export const sqlRefused = defineEvent<{ readonly kind: 'refused' | 'invalid' }>({
  name: 'sql_refused',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_sql_refused_total',
      help: 'Questions in SQL that were not run: refused by the guard, or invalid.',
      labels: ({ kind }) => ({ kind }),
    },
  ],
});
