import { defineEvent } from '../../lib/telemetry.ts';

/** What de-duplication reports. */

interface Range {
  readonly from: number;
  readonly next: number;
}

/** The state as it was found on start. */
export const UNIQUE_OPENED = defineEvent<{ runs: number; entries: number; next: number; ms: number }>({
  name: 'unique_opened',
  level: 'info',
  message: ({ runs, entries, next, ms }) =>
    `De-duplication knows ${entries} ids (${runs} runs) up to governed position ${next}, opened in ${Math.round(ms)} ms.`,
});

/** A file of the state is not what was written. */
export const UNIQUE_DAMAGED = defineEvent<{ file: string; detail: string } & Range>({
  name: 'unique_damaged',
  level: 'error',
  message: ({ detail, from, next }) =>
    `De-duplication state is damaged: ${detail}. Ids of governed positions ${from} to ${next} are read again from the governed topic.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_unique_damages_total',
      help: 'Damaged pages or files of the de-duplication state.',
    },
  ],
});

/** Ids that neither the state nor the governed topic has any more. */
export const UNIQUE_LOST = defineEvent<{ reason: string } & Range>({
  name: 'unique_lost',
  level: 'error',
  message: ({ reason, from, next }) =>
    `Ids of governed positions ${from} to ${next} are no longer known (${reason}): an event of those that is sent again would be stored again.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_unique_lost_ranges_total',
      help: 'Ranges of governed positions whose ids could not be recovered.',
    },
  ],
});

/** The whole state was set aside. */
export const UNIQUE_DISCARDED = defineEvent<{ reason: string }>({
  name: 'unique_discarded',
  level: 'error',
  message: ({ reason }) =>
    `De-duplication state is discarded and built anew from the governed topic: ${reason}.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_unique_discards_total',
      help: 'Times that the de-duplication state was discarded as a whole.',
    },
  ],
});

/** A run was built: a hot table sealed, or runs merged. */
export const UNIQUE_BUILT = defineEvent<{ kind: 'seal' | 'merge'; entries: number; ms: number }>({
  name: 'unique_built',
  level: 'debug',
  message: ({ kind, entries, ms }) => `${kind} of ${entries} ids took ${Math.round(ms)} ms.`,
  metrics: [
    {
      kind: 'histogram',
      name: 'aevum_unique_build_seconds',
      help: 'Time to build a run of de-duplication state.',
      value: ({ ms }) => ms / 1000,
      labels: ({ kind }) => ({ kind }),
    },
  ],
});

/** Building a run failed; it is tried again. */
export const UNIQUE_BUILD_FAILED = defineEvent<{ kind: 'seal' | 'merge'; reason: string; retryMs: number }>({
  name: 'unique_build_failed',
  level: 'error',
  message: ({ kind, reason, retryMs }) =>
    `De-duplication state cannot be written (${kind}): ${reason}. Trying again in ${retryMs} ms.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_unique_build_failures_total',
      help: 'Failed attempts to build a run of de-duplication state.',
    },
  ],
});

/** The hot log cannot be written; the governed topic is kept instead until the table is sealed. */
export const UNIQUE_HOT_LOG_DEAD = defineEvent<{ reason: string }>({
  name: 'unique_hot_log_dead',
  level: 'warn',
  message: ({ reason }) =>
    `The log of recent ids cannot be written: ${reason}. The governed topic keeps them until they are sealed.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_unique_hot_log_failures_total',
      help: 'Hot logs that could not be written.',
    },
  ],
});

/** How large the state is, now and then. */
export const UNIQUE_SIZE = defineEvent<{ entries: number; runs: number; bytes: number; pagesRead: number }>({
  name: 'unique_size',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_unique_entries',
      help: 'Ids that de-duplication knows.',
      value: ({ entries }) => entries,
    },
    {
      kind: 'gauge',
      name: 'aevum_unique_runs',
      help: 'Sealed runs of de-duplication state.',
      value: ({ runs }) => runs,
    },
    {
      kind: 'gauge',
      name: 'aevum_unique_memory_bytes',
      help: 'Memory of de-duplication: hot tables, filters, fences and page cache.',
      value: ({ bytes }) => bytes,
    },
    {
      kind: 'gauge',
      name: 'aevum_unique_pages_read',
      help: 'Pages of runs that were read since the start.',
      value: ({ pagesRead }) => pagesRead,
    },
  ],
});
