import { z } from '@hono/zod-openapi';

import { bind, bindInstant, type Sql, sql } from './sql.ts';
import { invalidAt } from './problem.ts';

/** The last row of a page, in the order of the list: time, position, id. */
export interface PageEnd {
  readonly timeMs: number;
  readonly position: string;
  readonly id: string;
}

const shape = z.tuple([z.number().int(), z.string().regex(/^\d{1,20}$/u), z.string()]);

/** A page's end as text for `next_cursor`. */
export const encodeCursor = ({ timeMs, position, id }: PageEnd): string =>
  Buffer.from(JSON.stringify([timeMs, position, id])).toString('base64url');

/** Reads a cursor. Throws ApiError `invalid_request` for a text that is none. */
export const decodeCursor = (cursor: string): PageEnd => {
  try {
    const [timeMs, position, id] = shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { timeMs, position, id };
  } catch {
    throw invalidAt('cursor', 'is not a cursor. Send the "next_cursor" of the page before as it is.');
  }
};

/** Rows behind the end of a page, newest first by the given time column. */
export const behind = (end: PageEnd, timeColumn: Sql): Sql => {
  const time = bindInstant(end.timeMs);
  const position = bind('UInt64', end.position);
  return sql`${timeColumn} <= ${time} AND (${timeColumn} < ${time} OR position < ${position} OR (position = ${position} AND id < ${bind('String', end.id)}))`;
};
