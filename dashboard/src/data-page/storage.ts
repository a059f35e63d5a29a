import type { MetricsAnswer } from '../../../src/contract/system.ts';

/** What a table of the warehouse holds. */
export interface StoredTable {
  readonly name: string;
  /** What it is there for, where it is a table of the platform's own. */
  readonly words: string | undefined;
  readonly rows: number;
  readonly bytes: number;
}

const WORDS: Readonly<Record<string, string>> = {
  events: 'every stored event',
  refused: 'refused events, with reason and bytes',
  user_events: 'events in the order of users',
  rollup_10s: 'counts in panes of ten seconds',
  rollup_15m: 'counts in panes of 15 minutes',
  ledger: 'the books, by the minute',
  metric_windows: 'session and count windows of metrics',
  web_sessions: 'sessions that ended, for web analytics',
  web_replaced: 'which of those count no more',
  web_long: 'sessions of more than a day',
  web_days: 'lists of web analytics, by day',
  web_steps: 'how far web analytics have come',
  records: 'which records of the log are loaded',
  migrations: 'changes of the schema',
};

/** Tables with their rows and bytes, the largest first. */
export const storedTables = (metrics: MetricsAnswer['metrics']): readonly StoredTable[] => {
  const tables = new Map<string, { rows: number; bytes: number }>();
  for (const { name, labels, value } of metrics) {
    const measure = /^aevum_warehouse_table_(rows|bytes)$/.exec(name)?.[1];
    const table = labels['table'];
    if (measure === undefined || table === undefined) continue;
    const known = tables.get(table) ?? { rows: 0, bytes: 0 };
    tables.set(table, { ...known, [measure]: value });
  }
  return [...tables]
    .map(([name, sizes]) => ({ name, words: Object.hasOwn(WORDS, name) ? WORDS[name] : undefined, ...sizes }))
    .sort((a, b) => b.bytes - a.bytes);
};
