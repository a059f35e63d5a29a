import type { RunningQueryAnswer } from '../../../src/contract/running.ts';
import { NUMBERS } from '../lib/numbers.ts';

/** A question as it is under way. */
export type Asked = RunningQueryAnswer;

const KINDS: Readonly<Record<string, string>> = {
  sql: 'SQL',
  web: 'Web analytics',
  events: 'List of events',
  users: 'List of users',
  sessions: 'Sessions',
  session: 'One session',
  user: 'One user',
  cohort_size: 'Size of a cohort',
  catalog: 'What events there are',
  trace: 'Trace of an event',
  ledger: 'Ledger',
  position: 'Position of a time',
  quarantine: 'Refused events',
};

const WAYS: Readonly<Record<Asked['way'], string>> = {
  request: 'asked directly',
  board: 'a tile of a board',
  share: 'by a share link',
  job: 'to be answered later',
  export: 'for an export',
  live: 'followed live',
};

/** What is asked, in words: `Funnel`, `SQL`. */
export const kindText = ({ kind }: Pick<Asked, 'kind'>): string => {
  const words = kind.replaceAll('_', ' ');
  return KINDS[kind] ?? `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
};

/** How it came, in words. */
export const wayText = ({ way }: Pick<Asked, 'way'>): string => WAYS[way];

/** Who asked: a name, or that it is for several. */
export const whoText = ({ asker }: Pick<Asked, 'asker'>): string => asker?.name ?? 'all who follow it';

/** How much of what it will read it has read, from 0 to 1; undefined: not known. */
export const progressOf = ({
  rows_read: read,
  rows_total: total,
}: {
  readonly rows_read: number | null;
  readonly rows_total: number | null;
}): number | undefined =>
  total === null || total <= 0 || read === null ? undefined : Math.min(1, read / total);

/** How long it has been under way, milliseconds: `elapsedMs` when it was told, `sinceMs` ago. */
export const agedMs = (elapsedMs: number, sinceMs: number): number => elapsedMs + Math.max(0, sinceMs);

/** A duration that goes on, to be read at a glance: tenths of seconds, then seconds, then minutes and seconds. */
export const underWayText = (ms: number): string => {
  if (ms < 10_000) return `${NUMBERS.fixed(ms / 1000, 1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = String(seconds % 60).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${rest} min`;
  return `${Math.floor(seconds / 3600)}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} h`;
};
