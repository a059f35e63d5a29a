import { defineEvent } from '../lib/telemetry.ts';

const MS_PER_SECOND = 1_000;
const SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A run of an export has written its file. */
export const exportWritten = defineEvent<{
  readonly id: string;
  readonly format: string;
  readonly bytes: number;
  readonly elapsedMs: number;
}>({
  name: 'export_written',
  level: 'info',
  message: ({ id, bytes, elapsedMs }) =>
    `The export ${id} wrote ${bytes} bytes in ${Math.round(elapsedMs)} ms.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_export_files_total',
      help: 'Files that exports wrote, by format.',
      labels: ({ format }) => ({ format }),
    },
    {
      kind: 'counter',
      name: 'aevum_export_bytes_total',
      help: 'Bytes of these files.',
      value: ({ bytes }) => bytes,
    },
    {
      kind: 'histogram',
      name: 'aevum_export_seconds',
      help: 'From the beginning of a run to its file, seconds.',
      value: ({ elapsedMs }) => elapsedMs / MS_PER_SECOND,
      buckets: SECONDS,
    },
  ],
});

/** A run of an export did not succeed. */
export const exportFailed = defineEvent<{
  readonly id: string;
  readonly error: unknown;
  readonly retryMs: number | null;
}>({
  name: 'export_failed',
  level: 'warn',
  message: ({ id, error, retryMs }) =>
    `A run of the export ${id} failed${retryMs === null ? ' for good' : `; the next try is in ${Math.round(retryMs / MS_PER_SECOND)} s`}. ${reasonOf(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_export_failures_total',
      help: 'Tries to run an export that failed; `final`: that were not tried again.',
      labels: ({ retryMs }) => ({ final: String(retryMs === null) }),
    },
  ],
});

/** An export does not run any more. */
export const exportStopped = defineEvent<{ readonly id: string; readonly reason: string }>({
  name: 'export_stopped',
  level: 'warn',
  message: ({ id, reason }) => `The export ${id} is stopped. ${reason}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_exports_stopped_total',
      help: 'Exports stopped as their owner lost the right.',
    },
  ],
});

/** A file that is not kept any more could not be deleted. */
export const exportNotPruned = defineEvent<{ readonly id: string; readonly error: unknown }>({
  name: 'export_not_pruned',
  level: 'warn',
  message: ({ id, error }) =>
    `Old files of the export ${id} could not be deleted; that is tried again after the next run. ${reasonOf(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_export_prune_failures_total',
      help: 'Times that old files of exports could not be deleted.',
    },
  ],
});
