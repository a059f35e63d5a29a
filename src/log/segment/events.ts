import { defineEvent } from '../../lib/telemetry.ts';

/** What happens in a segment log, as telemetry. */

interface Committed {
  readonly topic: string;
  readonly records: number;
  readonly bytes: number;
  readonly ms: number;
}
const topicOf = (fields: { readonly topic: string }) => ({ topic: fields.topic });

/** One group commit became durable. */
export const LOG_COMMITTED = defineEvent<Committed>({
  name: 'log_committed',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_log_commits_total',
      help: 'Group commits (fdatasync) of a topic.',
      labels: topicOf,
    },
    {
      kind: 'counter',
      name: 'aevum_log_records_total',
      help: 'Records appended durably.',
      labels: topicOf,
      value: (fields) => fields.records,
    },
    {
      kind: 'counter',
      name: 'aevum_log_bytes_total',
      help: 'Bytes appended durably, frames included.',
      labels: topicOf,
      value: (fields) => fields.bytes,
    },
    {
      kind: 'histogram',
      name: 'aevum_log_commit_seconds',
      help: 'Time of a group commit: write and fdatasync.',
      labels: topicOf,
      value: (fields) => fields.ms / 1000,
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    },
  ],
});

/** A topic was opened for writing. */
export const LOG_OPENED = defineEvent<{
  readonly topic: string;
  readonly next: number;
  readonly segments: number;
  readonly epoch: number;
  readonly ms: number;
}>({
  name: 'log_opened',
  level: 'debug',
  message: (f) =>
    `log ${f.topic}: opened at position ${f.next}, ${f.segments} segments, epoch ${f.epoch}, ${Math.round(f.ms)} ms`,
});

/** The end of a topic was incomplete or damaged when it was opened: it was cut off. Usual after a crash; then nothing in it was acknowledged. */
export const LOG_TAIL_DROPPED = defineEvent<{
  readonly topic: string;
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}>({
  name: 'log_tail_dropped',
  level: 'warn',
  message: (f) =>
    `log ${f.topic}: dropped an unfinished write of ${f.bytes} bytes at the end of ${f.file}, byte ${f.offset} (${f.reason}); ` +
    'usual after a crash or power loss: what was being written had not been acknowledged',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_log_tail_dropped_total',
      help: 'Unfinished writes cut off when opening a topic.',
      labels: topicOf,
    },
  ],
});

/** Stored bytes are not what was written. Readers pass over them and report the positions lost as a gap. */
export const LOG_CORRUPTION = defineEvent<{
  readonly topic: string;
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}>({
  name: 'log_corruption',
  level: 'error',
  message: (f) => `log ${f.topic}: damage in ${f.file} at byte ${f.offset}: ${f.reason}. Check the disk.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_log_corruptions_total',
      help: 'Damaged places found in a topic.',
      labels: topicOf,
    },
  ],
});

/** An append was refused because the disk is full or the topic's byte limit is reached. */
export const LOG_FULL = defineEvent<{
  readonly topic: string;
  readonly reason: string;
  readonly records: number;
}>({
  name: 'log_full',
  level: 'warn',
  message: (f) => `log ${f.topic}: full, ${f.records} records refused: ${f.reason}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_log_full_total',
      help: 'Records refused because the disk or the topic was full.',
      labels: topicOf,
      value: (fields) => fields.records,
    },
  ],
});

/** The writer gave up for good: a write or fsync failed. */
export const LOG_FAILED = defineEvent<{
  readonly topic: string;
  readonly file: string;
  readonly reason: string;
}>({
  name: 'log_failed',
  level: 'error',
  message: (f) =>
    `log ${f.topic}: writing ${f.file} failed: ${f.reason}. The segment is sealed; nothing more is accepted until the log is opened anew.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_log_failures_total',
      help: 'Writers that gave up after an I/O error.',
      labels: topicOf,
    },
  ],
});

/** Something that only costs speed went wrong (index file, pre-writing, truncating a sealed segment). */
export const LOG_HICCUP = defineEvent<{
  readonly topic: string;
  readonly what: string;
  readonly reason: string;
}>({
  name: 'log_hiccup',
  level: 'warn',
  message: (f) => `log ${f.topic}: ${f.what}: ${f.reason} (harmless, but slower)`,
});
