import { openSqlBench, type SqlBench } from '../../src/sql/testing/sql-bench.ts';

/** Stands in every text of every row of `theirs`, and in no statement. */
export const FOREIGN_MARK = 'zqforeignzq';
/** The value of every row of `theirs`. */
export const FOREIGN_VALUE = 73_519_842;
/** Rows of each project. */
export const OWN_ROWS = 1_000;
export const FOREIGN_ROWS = 7_777;
/** So long may a statement take of which nobody expects an answer. */
export const BOUND_MS = 1_000;

const insertEvents = (project: string, rows: number, mark: string, value: number): string =>
  `INSERT INTO events (project, id, time, received_at, type, source, version, user_id, session_id, device_type, os, os_version, browser, app_version, country, region, page, referrer, currency, value, properties, position, raw_position)
   SELECT '${project}', concat('${mark}', toString(number)), now64(3) - number, now64(3), '${mark}', '${mark}', '${mark}', concat('${mark}', toString(number % 10)), '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', '${mark}', ${value}, '{"plan":"${mark}","n":5}', number, number FROM numbers(${rows})`;

const insertRefused = (project: string, mark: string): string =>
  `INSERT INTO refused (project, id, received_at, type, outcome, reason, detail, body, position)
   SELECT '${project}', '${mark}', now64(3), '${mark}', 'quarantined', '${mark}', '${mark}', '${mark}', number FROM numbers(100)`;

/** An engine with rows of two projects in the same granules. Dispose of it to stop it. */
export const openSqlWarehouse = async (): Promise<SqlBench> => {
  const bench = await openSqlBench();
  // `mine` has digits only, so that what takes its texts for numbers succeeds unless it meets a foreign one.
  for (const sql of [
    insertEvents('mine', OWN_ROWS, '0', 1),
    insertEvents('theirs', FOREIGN_ROWS, FOREIGN_MARK, FOREIGN_VALUE),
    insertRefused('mine', '0'),
    insertRefused('theirs', FOREIGN_MARK),
    'OPTIMIZE TABLE events FINAL',
    'OPTIMIZE TABLE refused FINAL',
  ])
    await bench.warehouse.command(sql);
  return bench;
};
