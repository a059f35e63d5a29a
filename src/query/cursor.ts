import { z } from '@hono/zod-openapi';

import { bind, bindInstant, type Sql, sql } from './sql.ts';
import { invalidAt } from '../http/request-problem.ts';

/** The last row of a page, in the order of the list: time, position, id. */
export interface PageEnd {
  readonly timeMs: number;
  readonly position: string;
  readonly id: string;
}

/** The parts that say where a page ends as text for `next_cursor`. */
export const cursorOf = (parts: readonly (number | string)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Reads the parts of a cursor. Throws ApiError `invalid_request` for a text that is none. */
export const cursorParts = <Parts>(cursor: string, shape: z.ZodType<Parts>): Parts => {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidAt('cursor', 'is not a cursor. Send the "next_cursor" of the page before as it is.');
  }
};

const shape = z.tuple([z.number().int(), z.string().regex(/^\d{1,20}$/u), z.string()]);

/** A page's end as text for `next_cursor`. */
export const encodeCursor = ({ timeMs, position, id }: PageEnd): string => cursorOf([timeMs, position, id]);

/** Reads a cursor. Throws ApiError `invalid_request` for a text that is none. */
export const decodeCursor = (cursor: string): PageEnd => {
  const [timeMs, position, id] = cursorParts(cursor, shape);
  return { timeMs, position, id };
};

/** Rows behind the end of a page, newest first by the given time column. */
export const behind = (end: PageEnd, timeColumn: Sql): Sql => {
  const time = bindInstant(end.timeMs);
  const position = bind('UInt64', end.position);
  return sql`${timeColumn} <= ${time} AND (${timeColumn} < ${time} OR position < ${position} OR (position = ${position} AND id < ${bind('String', end.id)}))`;
};

/** Rows behind the end of a page, oldest first. */
export const ahead = (end: PageEnd, timeColumn: Sql): Sql => {
  const time = bindInstant(end.timeMs);
  const position = bind('UInt64', end.position);
  return sql`${timeColumn} >= ${time} AND (${timeColumn} > ${time} OR position > ${position} OR (position = ${position} AND id > ${bind('String', end.id)}))`;
};
