import type { ExportAnswer, ExportSchedule } from '../../../src/contract/exports.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** When an export runs, in words. */
export const scheduleWords = (schedule: ExportSchedule | null): string => {
  if (schedule === null) return 'when asked to';
  const { timezone } = schedule;
  if (schedule.every === 'hour') return `every hour at :${two(schedule.minute)} (${timezone})`;
  const at = `at ${schedule.at} (${timezone})`;
  if (schedule.every === 'day') return `every day ${at}`;
  if (schedule.every === 'week') return `every ${schedule.on} ${at}`;
  return `every month on day ${schedule.day} ${at}`;
};

/** What an export writes, in words. */
export const contentWords = ({ what }: Pick<ExportAnswer, 'what'>): string => {
  if (what.kind === 'sql') return 'SQL';
  return what.kind === 'insight' ? 'a saved insight' : `a question: ${what.question.kind}`;
};

/** How an export is: what its row says of it. */
export type ExportState = 'stopped' | 'paused' | 'failed' | 'running' | 'waiting' | 'done' | 'new';

/** How an export is. */
export const stateOf = ({
  stopped,
  paused,
  last_run: last,
}: Pick<ExportAnswer, 'stopped' | 'paused' | 'last_run'>): ExportState => {
  if (stopped !== null) return 'stopped';
  if (last?.state === 'running' || last?.state === 'waiting') return last.state;
  if (last?.state === 'failed') return 'failed';
  if (paused) return 'paused';
  return last === null ? 'new' : 'done';
};
