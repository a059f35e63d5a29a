import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataLayout } from '../../config/data-layout.ts';
import { formatBytes } from '../../config/units.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { openSegmentReader } from '../../log/segment/segment-log.ts';
import { type TopicReport, verifyTopic } from '../../log/segment/verify.ts';
import { type Check, failed, type Finding, ok } from '../../doctor/check.ts';
import { clockCheckBy } from '../../doctor/clock-check.ts';
import { brokersFinding } from './network-checks.ts';

const TOPICS = ['raw', 'governed'] as const;
const GAPS_SHOWN_MAX = 3;

interface TopicSurvey extends TopicReport {
  readonly topic: string;
}

const hasTopic = ({ log }: DataLayout, topic: string): boolean => existsSync(join(log, topic));

/** Every record of the log is there and whole. */
export const logCheck: Check = {
  name: 'Log',
  about: 'Every record of the log is there and whole.',
  run: async (context) => {
    const { config, layout } = context;
    if (config.log === 'kafka') return brokersFinding(context);
    const surveys: TopicSurvey[] = [];
    for (const topic of TOPICS)
      if (hasTopic(layout, topic))
        surveys.push({ topic, ...(await verifyTopic(layout.log, topic, quietTelemetry())) });
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
  const reader = await openSegmentReader({
    dir: layout.log,
    name: 'raw',
    telemetry: quietTelemetry(),
    durable: 'found',
  });
  try {
    return (await reader.last())?.appendedAtMs ?? 0;
  } finally {
    await reader.close();
  }
};

/** The clock has not gone back behind what the log was told. */
export const clockCheck: Check = clockCheckBy(async ({ config, layout }) =>
  config.log === 'kafka' || !hasTopic(layout, 'raw') ? 0 : newestAppendMs(layout),
);
