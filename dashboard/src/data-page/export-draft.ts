import type { ExportFormat, ExportSchedule, NewExportInput } from '../../../src/contract/exports.ts';
import type { RangeInput } from '../../../src/contract/question.ts';

/** What can be exported from this page. */
export const EXPORT_KINDS = [
  { value: 'events', text: 'Events by hour and type' },
  { value: 'insight', text: 'A saved insight' },
  { value: 'sql', text: 'SQL' },
] as const;

/** An export that is being filled in. */
export interface ExportDraft {
  readonly name: string;
  readonly kind: (typeof EXPORT_KINDS)[number]['value'];
  readonly sql: string;
  readonly insight: string;
  readonly format: ExportFormat;
  readonly every: 'none' | 'hour' | 'day' | 'week' | 'month';
  readonly at: string;
  readonly timezone: string;
  readonly range: RangeInput;
  readonly keep: string;
}

const KEEP_MAX = 1_000;

const scheduleOf = ({ every, at, timezone }: ExportDraft): ExportSchedule | null => {
  if (every === 'none') return null;
  if (every === 'hour') return { every, minute: 0, timezone };
  if (every === 'day') return { every, at, timezone };
  return every === 'week' ? { every, on: 'monday', at, timezone } : { every, day: 1, at, timezone };
};

const contentOf = ({ kind, sql, insight, timezone }: ExportDraft): NewExportInput['what'] | undefined => {
  if (kind === 'sql') return sql.trim() === '' ? undefined : { kind, sql };
  if (kind === 'insight') return insight === '' ? undefined : { kind, insight };
  return { kind: 'question', question: { kind: 'trend', by: ['type'], interval: '1h', top: 100, timezone } };
};

/** The export that was filled in; undefined while something is missing. */
export const exportOf = (draft: ExportDraft): NewExportInput | undefined => {
  const what = contentOf(draft);
  const keep = Number(draft.keep);
  if (what === undefined || draft.name.trim() === '' || draft.at === '' || draft.timezone.trim() === '')
    return undefined;
  if (!Number.isInteger(keep) || keep < 1 || keep > KEEP_MAX) return undefined;
  // All of SQL is what the statement itself says: there is no range of all time for it.
  const isWhole = draft.kind === 'sql' && draft.range === 'all time';
  return {
    ...{ name: draft.name.trim(), what, format: draft.format, schedule: scheduleOf(draft), keep },
    ...(isWhole ? {} : { range: draft.range }),
  };
};
