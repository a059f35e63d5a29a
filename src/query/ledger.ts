import {
  LEDGER_MINUTES_MAX,
  type LedgerAccounts,
  type LedgerAnswer,
  type LedgerMinute,
  type LedgerQuery,
} from '../contract/ledger.ts';
import { asOf, type Standing } from './freshness.ts';
import { isoOf, parseInstant } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';

/** The ledger's grain. */
export const MINUTE_MS = 60_000;

/** Minutes that a per-minute ledger shows unless told otherwise. */
const DEFAULT_MINUTES = 60;

/** Unbalanced minutes that an answer names. */
export const UNBALANCED_MAX = 100;

const REFUSED_ACCOUNTS = ['duplicate', 'stale', 'quarantined', 'blocked'] as const;

/** Minutes of receipt that are asked for. `fromMs` undefined: from the beginning; `toMs` undefined: to the end, which may lie ahead of a clock that was set back. */
export interface LedgerRange {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** Reads the range of a request, widened to whole minutes. Throws ApiError `invalid_request`. */
export const ledgerRange = (query: LedgerQuery, nowMs: number): LedgerRange => {
  const instant = (path: string, text: string) => parseInstant(text, { path, nowMs, timeZone: 'UTC' });
  const toMs = minuteAfter(query.until === undefined ? nowMs : instant('until', query.until) - 1);
  const defaultFromMs = query.by === 'minute' ? toMs - DEFAULT_MINUTES * MINUTE_MS : undefined;
  const sinceMs = query.since === undefined ? defaultFromMs : instant('since', query.since);
  const isOpen = query.by === 'total' && query.until === undefined;
  if (sinceMs === undefined) return { fromMs: undefined, toMs: isOpen ? undefined : toMs };
  const fromMs = Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS;
  if (fromMs >= toMs) throw invalidAt('since', 'must lie before "until".');
  if (query.by === 'minute' && (toMs - fromMs) / MINUTE_MS > LEDGER_MINUTES_MAX) {
    throw invalidAt(
      'since',
      `At most ${LEDGER_MINUTES_MAX.toLocaleString('en')} minutes are listed. Ask for a shorter range, or for by=total.`,
    );
  }
  return { fromMs, toMs: isOpen ? undefined : toMs };
};

/** The end of the minute that an instant lies in. */
const minuteAfter = (ms: number): number => (Math.floor(ms / MINUTE_MS) + 1) * MINUTE_MS;

/** A sum of the ledger, or the warehouse's own count as account `counted`. `minute_ms` is 0 in a ledger over all time. */
export interface LedgerRow {
  readonly minute_ms: number | string;
  readonly account: string;
  readonly reason: string;
  readonly n: number | string;
}

/** A minute in which the books differ. */
export interface UnbalancedRow {
  readonly project: string;
  readonly minute_ms: number | string;
  readonly received: number | string;
  readonly accounted: number | string;
  readonly booked_as_stored: number | string;
  readonly counted: number | string;
}

/** Books of one project, or of all but some: ids. */
export type Books = string | { readonly but: readonly string[] };

const projectScope = (books: Books): readonly Sql[] => {
  if (typeof books === 'string') return [sql`project = ${bind('String', books)}`];
  return books.but.length === 0 ? [] : [sql`project NOT IN (${bind('Array(String)', books.but)})`];
};

const scope = (books: Books, range: LedgerRange, column: Sql, standing: Standing): Sql =>
  joinSql(
    [
      ...projectScope(books),
      ...(range.fromMs === undefined ? [] : [sql`${column} >= ${bindInstant(range.fromMs)}`]),
      ...(range.toMs === undefined ? [] : [sql`${column} < ${bindInstant(range.toMs)}`]),
      // A load writes table after table: rows of one that is under way must not be seen in one table and missed in another.
      sql`position < ${bind('UInt64', String(standing.governedLoaded))}`,
    ],
    ' AND ',
  );

const receiptMinute = sql`intDiv(toUnixTimestamp64Milli(received_at), 60000) * 60000`;

/** Sums by account and reason, a minute or over all. */
export const ledgerStatement = (
  query: LedgerQuery,
  project: string,
  range: LedgerRange,
  standing: Standing,
): Statement => {
  const perMinute = query.by === 'minute';
  const booked = perMinute ? sql`toUnixTimestamp64Milli(minute)` : sql`toInt64(0)`;
  const stored = perMinute ? receiptMinute : sql`toInt64(0)`;
  return toStatement(sql`SELECT ${booked} AS minute_ms, toString(account) AS account, toString(reason) AS reason, sum(events) AS n
    FROM ledger WHERE ${scope(project, range, sql`minute`, standing)} GROUP BY minute_ms, account, reason
    UNION ALL
    SELECT ${stored} AS minute_ms, 'counted' AS account, '' AS reason, count() AS n
    FROM events WHERE ${scope(project, range, sql`received_at`, standing)} GROUP BY minute_ms`);
};

/** The minutes in which what was received is not what was accounted for, or the warehouse holds another number of rows than were booked as stored. */
export const unbalancedStatement = (books: Books, range: LedgerRange, standing: Standing): Statement =>
  toStatement(sql`SELECT project, minute_ms, sum(r) AS received, sum(o) + sum(c) AS accounted, sum(s) AS booked_as_stored, sum(c) AS counted FROM (
      SELECT toString(project) AS project, toUnixTimestamp64Milli(minute) AS minute_ms, sumIf(events, account = 'received') AS r,
        sumIf(events, account NOT IN ('received', 'stored')) AS o, sumIf(events, account = 'stored') AS s, toUInt64(0) AS c
      FROM ledger WHERE ${scope(books, range, sql`minute`, standing)} GROUP BY project, minute_ms
      UNION ALL
      SELECT toString(project) AS project, ${receiptMinute} AS minute_ms, toUInt64(0) AS r, toUInt64(0) AS o, toUInt64(0) AS s, count() AS c
      FROM events WHERE ${scope(books, range, sql`received_at`, standing)} GROUP BY project, minute_ms
    )
    GROUP BY project, minute_ms HAVING received != accounted OR booked_as_stored != counted
    ORDER BY minute_ms, project LIMIT ${bind('UInt64', UNBALANCED_MAX)}`);

const accountsOf = (rows: readonly LedgerRow[], pending: number): LedgerAccounts => {
  const sum = (account: string) =>
    rows.reduce((total, row) => (row.account === account ? total + Number(row.n) : total), 0);
  const reasons: Record<string, number> = {};
  for (const row of rows) {
    if (row.reason !== '' && row.account !== 'received' && row.account !== 'stored') {
      reasons[row.reason] = (reasons[row.reason] ?? 0) + Number(row.n);
    }
  }
  const [duplicate = 0, stale = 0, quarantined = 0, blocked = 0] = REFUSED_ACCOUNTS.map(sum);
  const received = sum('received') + pending;
  const stored = sum('counted');
  const difference = received - (stored + duplicate + stale + quarantined + blocked + pending);
  return { received, stored, duplicate, stale, quarantined, blocked, pending, difference, reasons };
};

/** The answer for the rows of both statements. */
export const ledgerAnswer = (
  query: LedgerQuery,
  range: LedgerRange,
  standing: Standing,
  rows: readonly LedgerRow[],
  unbalanced: readonly UnbalancedRow[],
): LedgerAnswer => {
  const pending = standing.pending.filter(
    ({ minute }) =>
      minute >= (range.fromMs ?? Number.NEGATIVE_INFINITY) &&
      minute < (range.toMs ?? Number.POSITIVE_INFINITY),
  );
  const total = accountsOf(
    rows,
    pending.reduce((sum, { events }) => sum + events, 0),
  );
  return {
    balanced: unbalanced.length === 0 && total.difference === 0,
    unbalanced_minutes: unbalanced.map((row) => isoOf(Number(row.minute_ms))),
    as_of: asOf(standing),
    range: {
      from: range.fromMs === undefined ? null : isoOf(range.fromMs),
      to: isoOf(range.toMs ?? minuteAfter(standing.nowMs)),
    },
    total,
    ...(query.by === 'minute' ? { minutes: minutesOf(rows, pending) } : {}),
  };
};

const minutesOf = (rows: readonly LedgerRow[], pending: Standing['pending']): LedgerMinute[] => {
  const byMinute = new Map<number, LedgerRow[]>();
  for (const { minute } of pending) byMinute.set(minute, []);
  for (const row of rows) {
    const minute = Number(row.minute_ms);
    byMinute.set(minute, [...(byMinute.get(minute) ?? []), row]);
  }
  const pendingOf = (minute: number) => pending.find((entry) => entry.minute === minute)?.events ?? 0;
  return [...byMinute]
    .sort(([a], [b]) => a - b)
    .map(([minute, of]) => ({ minute: isoOf(minute), ...accountsOf(of, pendingOf(minute)) }));
};
