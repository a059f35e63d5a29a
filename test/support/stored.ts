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
}

const RAW = `SELECT concat(type, ' ', toString(count()), ' ', toString(sum(ifNull(toDecimal128(value, 6), 0))))
  FROM aevum.events GROUP BY type ORDER BY type FORMAT TSV`;
const ROLLUP = `SELECT concat(type, ' ', toString(sum(events)), ' ', toString(sum(value_sum)))
  FROM aevum.rollup_10s GROUP BY type ORDER BY type FORMAT TSV`;

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
  ])) as [{ raw: string[]; rollup: string[] }];
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
  process.send?.({ raw: lines(RAW), rollup: lines(ROLLUP) }, () => process.exit(0));
};

const [, , store, idsFile] = process.argv;
if (process.env['AEVUM_TEST_STORED'] === '1' && store !== undefined && idsFile !== undefined)
  serve(store, idsFile);
