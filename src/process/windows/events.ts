import { defineEvent } from '../../lib/telemetry.ts';

/** What keeping the windows of metrics reports. */

const byMetric = ({ metric }: { metric: string }): { metric: string } => ({ metric });

/** Events of some positions were put into windows. */
export const WINDOWS_STEPPED = defineEvent<{
  metric: string;
  events: number;
  changes: number;
  joined: number;
  late: number;
  behind: number;
  windows: number;
  keys: number;
  ms: number;
}>({
  name: 'windows_stepped',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_windows_events_total',
      help: 'Events put into session and count windows of metrics.',
      value: ({ events }) => events,
    },
    {
      kind: 'counter',
      name: 'aevum_windows_changes_total',
      help: 'Windows of metrics that were written: begun, changed, or joined into another.',
      value: ({ changes }) => changes,
    },
    {
      kind: 'counter',
      name: 'aevum_windows_joined_total',
      help: 'Windows that a late event joined into another.',
      value: ({ joined }) => joined,
    },
    {
      kind: 'counter',
      name: 'aevum_windows_late_keys_total',
      help: 'Keys whose windows were read back because events came for windows that are not in memory.',
      value: ({ late }) => late,
    },
    {
      kind: 'gauge',
      name: 'aevum_windows_in_memory',
      help: 'Windows of a metric that are in memory: those that events may still change soonest.',
      value: ({ windows }) => windows,
      labels: byMetric,
    },
    {
      kind: 'gauge',
      name: 'aevum_windows_keys_in_memory',
      help: 'Keys of a metric that have windows in memory.',
      value: ({ keys }) => keys,
      labels: byMetric,
    },
    {
      kind: 'gauge',
      name: 'aevum_windows_behind_records',
      help: 'Loaded records whose events are not in the windows of a metric yet.',
      value: ({ behind }) => behind,
      labels: byMetric,
    },
    {
      kind: 'histogram',
      name: 'aevum_windows_step_seconds',
      help: 'Time to put the events of some positions into windows, reading and writing included.',
      value: ({ ms }) => ms / 1_000,
    },
  ],
});

/** Windows left memory. Nothing is lost: they are in the warehouse, and events for them cost a look-up. */
export const WINDOWS_EVICTED = defineEvent<{ windows: number; cause: 'closed' | 'limit' }>({
  name: 'windows_evicted',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_windows_evicted_total',
      help: 'Windows that left memory: no more events are expected for them (closed), or there were too many (limit). They are in the warehouse; events for them cost a look-up.',
      value: ({ windows }) => windows,
      labels: ({ cause }) => ({ cause }),
    },
  ],
});

/** A step failed; its metric is tried again, from what was written. */
export const WINDOWS_FAILED = defineEvent<{ metric: string; reason: string; retryMs: number }>({
  name: 'windows_failed',
  level: 'warn',
  message: ({ metric, reason, retryMs }) =>
    `Putting events into the windows of metric ${metric} failed: ${reason}. Trying again in ${retryMs} ms; events are taken in and loaded.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_windows_failures_total',
      help: 'Steps of putting events into windows that failed.',
    },
  ],
});

/** The windows of a metric are being kept. */
export const WINDOWS_BEGUN = defineEvent<{ metric: string; version: number; next: number; windows: number }>({
  name: 'windows_begun',
  level: 'info',
  message: ({ metric, version, next, windows }) =>
    `Windows of metric ${metric} (version ${version}) go on at governed position ${next}, ${windows} of them in memory.`,
});

/** The windows of a metric that is no more, or not in this version, were deleted. */
export const WINDOWS_DELETED = defineEvent<{ metric: string; version: number }>({
  name: 'windows_deleted',
  level: 'info',
  message: ({ metric, version }) => `The windows of metric ${metric} (version ${version}) were deleted.`,
});
