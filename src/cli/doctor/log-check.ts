import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataLayout } from '../../config/data-layout.ts';
import { formatBytes } from '../../config/units.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import type { LogGap, LogRecord } from '../../log/log.ts';
import { openSegmentReader, type SegmentReader } from '../../log/segment/segment-log.ts';
import { type Check, failed, type Finding, ok, warning } from './check.ts';
import { brokersFinding } from './network-checks.ts';

const TOPICS = ['raw', 'governed'] as const;
const READ_BYTES = 4 * 1024 * 1024;
const GAPS_SHOWN_MAX = 3;
const MINUTE_MS = 60_000;

interface TopicSurvey {
  readonly topic: string;
  readonly records: number;
  readonly payloadBytes: number;
  readonly gaps: readonly LogGap[];
  readonly last: LogRecord | undefined;
}

const hasTopic = ({ log }: DataLayout, topic: string): boolean => existsSync(join(log, topic));

const openReader = (layout: DataLayout, topic: string): Promise<SegmentReader> =>
  openSegmentReader({ dir: layout.log, name: topic, telemetry: quietTelemetry(), durable: 'found' });

/** Reads a topic from its first record to its last; every checksum on the way is compared. */
const surveyTopic = async (layout: DataLayout, topic: string): Promise<TopicSurvey> => {
  const reader = await openReader(layout, topic);
  try {
    const { first, next } = await reader.extent();
    const gaps: LogGap[] = [];
    let records = 0;
    let payloadBytes = 0;
    for (let at = first; at < next; ) {
      const read = await reader.read(at, READ_BYTES);
      records += read.records.length;
      payloadBytes += read.records.reduce((sum, { payload }) => sum + payload.length, 0);
      gaps.push(...read.gaps);
      if (read.next <= at) break;
      at = read.next;
    }
    return { topic, records, payloadBytes, gaps, last: await reader.last() };
  } finally {
    await reader.close();
  }
};

/** Every record of the log is there and whole. */
export const logCheck: Check = {
  name: 'Log',
  run: async (context) => {
    const { config, layout } = context;
    if (config.log === 'kafka') return brokersFinding(context);
    const surveys: TopicSurvey[] = [];
    for (const topic of TOPICS) if (hasTopic(layout, topic)) surveys.push(await surveyTopic(layout, topic));
    return surveys.length === 0 ? ok('empty') : findingOf(surveys);
  },
};

const findingOf = (surveys: readonly TopicSurvey[]): Finding => {
  const sizes = surveys.map(
    ({ topic, records, payloadBytes }) => `${topic}: ${records} records, ${sizeText(payloadBytes)}`,
  );
  const gaps = surveys.flatMap((survey) =>
    survey.gaps.map((gap) => `${survey.topic} ${gap.from} to ${gap.to - 1}: ${gap.detail}`),
  );
  if (gaps.length === 0) return ok(`${sizes.join('; ')}; all checksums right`);
  const more = gaps.length > GAPS_SHOWN_MAX ? `; and ${gaps.length - GAPS_SHOWN_MAX} more` : '';
  return failed(
    `${gaps.length} damaged stretches: ${gaps.slice(0, GAPS_SHOWN_MAX).join('; ')}${more}`,
    'The disk returns other bytes than were written: check it (smartctl, dmesg) and restore from a backup. The server skips damaged records and reports them; it does not lose the others.',
  );
};

const sizeText = (bytes: number): string =>
  bytes < 1024 ** 2 ? formatBytes(bytes) : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

/** Time of the raw topic's last append by the clock of then; 0 if it is empty. */
const newestAppendMs = async (layout: DataLayout): Promise<number> => {
  const reader = await openReader(layout, 'raw');
  try {
    return (await reader.last())?.appendedAtMs ?? 0;
  } finally {
    await reader.close();
  }
};

/** The clock has not gone back behind what the log was told. */
export const clockCheck: Check = {
  name: 'Clock',
  run: async ({ config, layout, clock }) => {
    const nowMs = clock.nowMs();
    const now = new Date(nowMs).toISOString();
    if (config.log === 'kafka' || !hasTopic(layout, 'raw')) return ok(now);
    const behindMs = (await newestAppendMs(layout)) - nowMs;
    if (behindMs <= 0) return ok(now);
    return warning(
      `${now} is ${Math.ceil(behindMs / MINUTE_MS)} min behind the newest record of the log`,
      'The clock was set back: events are judged fresh or stale by it. Let the machine take its time from the network (NTP).',
    );
  },
};
