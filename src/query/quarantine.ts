import type { QuarantineAnswer, QuarantineQuery, RefusedRow } from '../contract/events.ts';
import { behind, decodeCursor, encodeCursor } from './cursor.ts';
import { isoOf, parseInstant } from './instant.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';

/** A page ends early rather than carry more bytes of bodies than this (its first row always fits). */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/** A row of the statement. The body travels as base64: it is bytes, not always text. */
export interface QuarantineRow {
  readonly id: string;
  readonly type: string;
  readonly time_ms: number | string;
  readonly received_ms: number | string;
  readonly outcome: RefusedRow['outcome'];
  readonly reason: string;
  readonly detail: string;
  readonly body_base64: string;
  readonly position_text: string;
  readonly raw_position_text: string;
  readonly found: number | string;
}

/** The statement for one page, one row longer than the page. */
export const quarantineStatement = (query: QuarantineQuery, project: string, nowMs: number): Statement => {
  const order = sql`received_ms DESC, toUInt64(position_text) DESC, id DESC`;
  return toStatement(sql`SELECT * EXCEPT (body, bytes_before), base64Encode(body) AS body_base64 FROM (
      SELECT *, sum(length(body)) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before,
        count() OVER () AS found
      FROM (
        SELECT id, type, toUnixTimestamp64Milli(time) AS time_ms, toUnixTimestamp64Milli(received_at) AS received_ms, outcome, reason, detail, body,
          toString(position) AS position_text, toString(raw_position) AS raw_position_text
        FROM refused WHERE ${joinSql(conditionsOf(query, project, nowMs), ' AND ')}
        ORDER BY received_at DESC, position DESC, id DESC LIMIT ${bind('UInt64', query.limit + 1)}
      )
    )
    WHERE bytes_before < ${bind('UInt64', PAGE_BYTES_MAX)}
    ORDER BY ${order}`);
};

const conditionsOf = (query: QuarantineQuery, project: string, nowMs: number): Sql[] => {
  const { outcome, reason, type, since, until, cursor } = query;
  const instant = (path: string, text: string) =>
    bindInstant(parseInstant(text, { path, nowMs, timeZone: 'UTC' }));
  const conditions = [sql`project = ${bind('String', project)}`, sql`outcome = ${bind('String', outcome)}`];
  if (reason !== undefined) conditions.push(sql`reason = ${bind('String', reason)}`);
  if (type !== undefined) conditions.push(sql`type = ${bind('String', type)}`);
  if (since !== undefined) conditions.push(sql`received_at >= ${instant('since', since)}`);
  if (until !== undefined) conditions.push(sql`received_at < ${instant('until', until)}`);
  if (cursor !== undefined) conditions.push(behind(decodeCursor(cursor), sql`received_at`));
  return conditions;
};

const textOrNull = (text: string): string | null => (text === '' ? null : text);

/** The page for the rows of the statement. */
export const quarantineAnswer = (
  rows: readonly QuarantineRow[],
  query: QuarantineQuery,
): QuarantineAnswer => {
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = Number(rows[0]?.found ?? 0) > page.length;
  const nextCursor =
    last !== undefined && hasMore
      ? encodeCursor({ timeMs: Number(last.received_ms), position: last.position_text, id: last.id })
      : null;
  return { rows: page.map(toRefusedRow), next_cursor: nextCursor };
};

const toRefusedRow = (row: QuarantineRow): RefusedRow => ({
  id: textOrNull(row.id),
  type: textOrNull(row.type),
  timestamp: Number(row.time_ms) === 0 ? null : isoOf(Number(row.time_ms)),
  received_at: isoOf(Number(row.received_ms)),
  outcome: row.outcome,
  reason: row.reason,
  detail: row.detail,
  ...bodyOf(row.body_base64),
  position: row.position_text,
  raw_position: row.raw_position_text,
});

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const bodyOf = (base64: string): Pick<RefusedRow, 'body' | 'body_encoding'> => {
  if (base64 === '') return { body: null, body_encoding: 'utf-8' };
  try {
    return { body: strictUtf8.decode(Buffer.from(base64, 'base64')), body_encoding: 'utf-8' };
  } catch {
    return { body: base64, body_encoding: 'base64' };
  }
};
