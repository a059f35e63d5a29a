import type { Axis } from './buckets.ts';
import { bind, integerArray, type Sql, sql } from './sql.ts';

/** Which bucket of the axis something belongs to that happened at `at`, an expression in milliseconds: the bucket's number where all are equally wide, its first instant where not. */
export const bucketSql = ({ starts, widthMs }: Axis, at: Sql): Sql =>
  widthMs === undefined
    ? sql`roundDown(${at}, ${integerArray(starts)})`
    : sql`intDiv(${at} - ${bind('Int64', String(starts[0] ?? 0))}, ${bind('Int64', String(widthMs))})`;

/** From what `bucketSql` calls a bucket to its place on the axis. */
export const placeOnAxis = ({ starts, widthMs }: Axis): ((bucket: number | string) => number) => {
  if (widthMs !== undefined) return Number;
  const places = new Map(starts.map((ms, index) => [ms, index]));
  return (bucket) => places.get(Number(bucket)) ?? 0;
};
