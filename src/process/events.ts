import { defineEvent } from '../lib/telemetry.ts';
import type { Position } from '../log/log.ts';

/** What the processor reports. */

/** A batch was decided and is durable. */
export const PROCESS_DECIDED = defineEvent<{
  rows: number;
  stored: number;
  records: number;
  bytes: number;
  decideMs: number;
  appendMs: number;
}>({
  name: 'process_decided',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_process_rows_total',
      help: 'Rows that were decided, those refused at receipt included.',
      value: ({ rows }) => rows,
    },
    {
      kind: 'counter',
      name: 'aevum_process_stored_total',
      help: 'Rows that were decided to be stored.',
      value: ({ stored }) => stored,
    },
    {
      kind: 'counter',
      name: 'aevum_process_raw_records_total',
      help: 'Raw records that were decided.',
      value: ({ records }) => records,
    },
    {
      kind: 'histogram',
      name: 'aevum_process_decide_seconds',
      help: 'Time to decide one batch.',
      value: ({ decideMs }) => decideMs / 1000,
    },
    {
      kind: 'histogram',
      name: 'aevum_process_append_seconds',
      help: 'Time until a governed record is durable.',
      value: ({ appendMs }) => appendMs / 1000,
    },
  ],
});

/** A stretch of a topic cannot be read: it is passed over. */
export const PROCESS_GAP = defineEvent<{
  topic: 'raw' | 'governed';
  from: Position;
  to: Position;
  detail: string;
}>({
  name: 'process_gap',
  level: 'error',
  message: ({ topic, from, to, detail }) =>
    `Positions ${from} to ${to} of the ${topic} topic cannot be read and are passed over: ${detail}.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_process_gap_positions_total',
      help: 'Positions of a topic that were passed over because they cannot be read.',
      value: ({ from, to }) => to - from,
      labels: ({ topic }) => ({ topic }),
    },
  ],
});

/** A record was read, but its payload is not one. */
export const PROCESS_UNREADABLE = defineEvent<{
  topic: 'raw' | 'governed';
  position: Position;
  rows: number;
  detail: string;
}>({
  name: 'process_unreadable',
  level: 'error',
  message: ({ topic, position, rows, detail }) =>
    `Record ${position} of the ${topic} topic (${rows} rows) is unreadable: ${detail}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_process_unreadable_rows_total',
      help: 'Rows of records that could not be decoded.',
      value: ({ rows }) => rows,
      labels: ({ topic }) => ({ topic }),
    },
  ],
});

/** The governed topic does not take a record at present: it is offered again. Nothing is lost, processing waits. */
export const PROCESS_BLOCKED = defineEvent<{ reason: string; retryMs: number }>({
  name: 'process_blocked',
  level: 'warn',
  message: ({ reason, retryMs }) =>
    `The governed topic takes no record: ${reason}. Trying again in ${retryMs} ms.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_process_blocked_total',
      help: 'Times that the governed topic refused a record.',
    },
  ],
});

/** One load reached the warehouse. */
export const LOAD_DONE = defineEvent<{
  from: Position;
  to: Position;
  rows: number;
  bytes: number;
  ms: number;
}>({
  name: 'load_done',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_load_rows_total',
      help: 'Events that were loaded into the warehouse.',
      value: ({ rows }) => rows,
    },
    {
      kind: 'counter',
      name: 'aevum_load_bytes_total',
      help: 'Bytes that were sent to the warehouse.',
      value: ({ bytes }) => bytes,
    },
    {
      kind: 'histogram',
      name: 'aevum_load_seconds',
      help: 'Time of one load, all tables.',
      value: ({ ms }) => ms / 1000,
    },
  ],
});

/** A load failed; it is tried again with the same token. */
export const LOAD_FAILED = defineEvent<{ reason: string; attempt: number; retryMs: number }>({
  name: 'load_failed',
  level: 'warn',
  message: ({ reason, attempt, retryMs }) =>
    `Loading failed (attempt ${attempt}): ${reason}. Trying again in ${retryMs} ms.`,
  metrics: [{ kind: 'counter', name: 'aevum_load_failures_total', help: 'Failed attempts to load.' }],
});

/** Loading begins: where the warehouse stands. */
export const LOAD_STARTED = defineEvent<{ from: Position; redo: boolean }>({
  name: 'load_started',
  level: 'info',
  message: ({ from, redo }) =>
    `Loading goes on at governed position ${from}${redo ? ', repeating the load that was under way' : ''}.`,
});

/** The load intent does not agree with the warehouse. */
export const LOAD_INTENT_LOST = defineEvent<{ detail: string }>({
  name: 'load_intent_lost',
  level: 'error',
  message: ({ detail }) => `The load intent cannot be used: ${detail}.`,
});
