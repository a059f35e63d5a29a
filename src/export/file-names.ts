import type { ExportFormat } from '../contract/exports.ts';

/** Names of files and folders. What people choose was checked when it was saved: nothing here leads out of a folder. */

const NAME_MAX = 60;

/** A name as a part of a path: lower-case letters, digits and hyphens. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, NAME_MAX)
    .replaceAll(/^-+|-+$/gu, '') || 'export';

/** What words in a pattern of file names stand for. */
export interface FileWords {
  readonly name: string;
  readonly dueMs: number;
  /** Where the range of the answer begins. */
  readonly fromMs: number;
  readonly timeZone: string;
}

/** Whether the clock shows a time for the second time, as it was put back: both have files of their own. */
const isAgain = (at: Temporal.ZonedDateTime): boolean =>
  at.toPlainDateTime().toZonedDateTime(at.timeZoneId).epochMilliseconds !== at.epochMilliseconds;

/** The name of the file of a run. */
export const fileNameOf = (pattern: string, words: FileWords, format: ExportFormat): string => {
  const local = (ms: number): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(words.timeZone);
  const due = local(words.dueMs);
  const values: Readonly<Record<string, string>> = {
    name: slugOf(words.name),
    date: due.toPlainDate().toString(),
    time:
      due.toPlainTime().toString({ smallestUnit: 'minute' }).replace(':', '') + (isAgain(due) ? '-2' : ''),
    from: local(words.fromMs).toPlainDate().toString(),
  };
  return `${pattern.replaceAll(/\{(\w+)\}/gu, (_, word: string) => values[word] ?? '')}.${format}`;
};
