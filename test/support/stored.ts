import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';

/**
 * Reads a stopped platform's warehouse from outside: an engine of its own, in a process of its own (one process can open one store only), none of the platform's
 * code. What it finds is the evidence of the crash tests.
 */

/** What the warehouse holds. */
export interface Stored {
  /** How often each id is stored, over all projects. */
  readonly ids: ReadonlyMap<string, number>;
  /** `<type> <events> <value>` by type, from the raw events. */
  readonly raw: readonly string[];
  /** The same, from the rollup. */
  readonly rollup: readonly string[];
  /** `<key> <start> <end> <events>` by metric (`session`, `count`), of windows that are kept, all over the store. */
  readonly windows: Readonly<Record<WindowName, readonly string[]>>;
  /** The same, made of the raw events: sessions of users with a gap of GAP_MS, and every EVERY events. */
  readonly wanted: Readonly<Record<WindowName, readonly string[]>>;
}

type WindowName = 'session' | 'count';

/** What sessions and counts are made of. */
export const GAP_MS = 1_000;
export const EVERY = 300;

const RAW = `SELECT concat(type, ' ', toString(count()), ' ', toString(sum(ifNull(toDecimal128(value, 6), 0))))
  FROM aevum.events GROUP BY type ORDER BY type FORMAT TSV`;
const ROLLUP = `SELECT concat(type, ' ', toString(sum(events)), ' ', toString(sum(value_sum)))
  FROM aevum.rollup_10s GROUP BY type ORDER BY type FORMAT TSV`;

const LINE = `concat(key, ' ', toString(a), ' ', toString(b), ' ', toString(n))`;
const KEPT = (
  name: WindowName,
): string => `SELECT concat(key, ' ', toString(toUnixTimestamp64Milli(start)), ' ', toString(toUnixTimestamp64Milli(end)), ' ', toString(events)) AS line
  FROM aevum.metric_windows FINAL WHERE removed = 0 AND startsWith(metric, 'met_') AND ${name === 'session' ? "key != ''" : "key = ''"} ORDER BY line FORMAT TSV`;
const SESSIONS = `SELECT ${LINE} AS line FROM (SELECT user_id AS key, min(t) AS a, max(t) AS b, count() AS n FROM (
    SELECT user_id, t, sum(begins) OVER (PARTITION BY user_id ORDER BY t, id) AS w FROM (
      SELECT user_id, id, toUnixTimestamp64Milli(time) AS t, t - lagInFrame(t, 1, -1000000) OVER (PARTITION BY user_id ORDER BY t, id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) > ${GAP_MS} AS begins
      FROM aevum.events)) GROUP BY user_id, w) ORDER BY line FORMAT TSV`;
const COUNTS = `SELECT ${LINE} AS line FROM (SELECT '' AS key, min(t) AS a, max(t) AS b, count() AS n FROM (
    SELECT toUnixTimestamp64Milli(time) AS t, intDiv(row_number() OVER (ORDER BY position, t, id) - 1, ${EVERY}) AS w FROM aevum.events)
  GROUP BY w) ORDER BY line FORMAT TSV`;

/** Reads everything; the platform must be stopped. */
export const readStored = async (dataDir: string): Promise<Stored> => {
  const idsFile = join(dataDir, 'stored-ids.tsv');
  const child = fork(new URL(import.meta.url).pathname, [join(dataDir, 'warehouse', 'store'), idsFile], {
    env: { ...process.env, AEVUM_TEST_STORED: '1' },
  });
  const [answer] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`reading the store ended with ${String(code)}`)),
    ),
  ])) as [Omit<Stored, 'ids'>];
  const ids = new Map<string, number>();
  for (const line of readFileSync(idsFile, 'utf8').split('\n')) {
    const [id, times] = line.split('\t');
    if (id !== undefined && times !== undefined) ids.set(id, Number(times));
  }
  return { ids, ...answer };
};

const serve = (store: string, idsFile: string): void => {
  const session = new Session(store);
  const lines = (sql: string): string[] => session.query(sql).trim().split('\n');
  session.query(
    `SELECT id, count() FROM aevum.events GROUP BY id INTO OUTFILE '${idsFile}' TRUNCATE FORMAT TSV`,
  );
  const windows = { session: lines(KEPT('session')), count: lines(KEPT('count')) };
  const wanted = { session: lines(SESSIONS), count: lines(COUNTS) };
  process.send?.({ raw: lines(RAW), rollup: lines(ROLLUP), windows, wanted }, () => process.exit(0));
};

const [, , store, idsFile] = process.argv;
if (process.env['AEVUM_TEST_STORED'] === '1' && store !== undefined && idsFile !== undefined)
  serve(store, idsFile);
