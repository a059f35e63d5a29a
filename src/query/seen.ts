import { bind, type Sql, sql } from './sql.ts';

/** Up to where a question sees. */
export interface Sight {
  /** The last position of the governed log that is seen; undefined: all that is loaded. -1 is before the first. */
  readonly asOf: number | undefined;
}

/**
 * Which events a statement sees: those of one project, as of a position only what the governed log held up to there. Every statement that a question reads `events` or `user_events` with
 * begins its WHERE with this: `as-of.property.test.ts` looks at them all.
 */
export const seenEvents = (project: string, { asOf }: Sight): Sql =>
  asOf === undefined
    ? sql`project = ${bind('String', project)}`
    : sql`project = ${bind('String', project)} AND position < ${bind('UInt64', asOf + 1)}`;
