import { seenEvents, type Sight } from './seen.ts';
import { bind, joinSql, type Sql, sql } from './sql.ts';

/**
 * The events of users, in the order of users as far as that is filled, and behind that from the events themselves: each exactly once, because both branches part at the same position.
 */

/** How far the table `user_events` is filled. */
export interface UserOrderSource {
  /** Events of governed records before this are in it. */
  covered(): number;
  /** Whether an event of the governed records from `from` up to `to`, all loaded, may name a user; false only where none does. */
  mayName(user: string, from: number, to: number): boolean;
}

/** Nothing is filled: everything is read from the events. For tests and warehouses that are not filled. */
export const noUserOrder: UserOrderSource = { covered: () => 0, mayName: () => true };

/** Columns that both tables have by the same name. */
const COLUMNS = sql`user_id, time, position, id, type, session_id, country, region, device_type, os, browser, currency, value`;

/** As `user_events` is filled with. */
export const TRAITS = sql`if(type = 'identify', JSONExtractRaw(properties, 'traits'), '')`;

/** How far rows are in the order of users. */
export interface OrderReach {
  /** Events of governed records before this are in it. */
  readonly covered: number;
  /** Whether others may be behind it; default: yes. */
  readonly hasTail?: boolean;
}

/** Whose rows, and how far they are in the order of users. */
export interface UserRowsScope extends Sight, OrderReach {
  readonly project: string;
}

/** A statement to read from, in brackets. `conditions` are put to each branch and may name what both have. */
export const userRows = (scope: UserRowsScope, conditions: readonly Sql[]): Sql => {
  const { project, covered, hasTail = true } = scope;
  const seam = bind('UInt64', covered);
  const where = (part: Sql): Sql =>
    joinSql([seenEvents(project, scope), sql`user_id != ''`, part, ...conditions], ' AND ');
  const ordered = sql`SELECT ${COLUMNS}, traits FROM user_events WHERE ${where(sql`position < ${seam}`)}`;
  if (!hasTail) return sql`(${ordered})`;
  return sql`(${ordered}
    UNION ALL SELECT ${COLUMNS}, ${TRAITS} AS traits FROM events WHERE ${where(sql`position >= ${seam}`)})`;
};
