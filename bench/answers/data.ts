/** Projects of millions of events, made once and kept: by the demo as far as it goes, and from there by copies inside the engine. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/lib/clock.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { WEB_FILLING } from '../../src/query/web-fill.ts';
import { createWarehouse, type Warehouse } from '../../src/warehouse/client.ts';
import { startEngine } from '../../src/warehouse/engine/supervise.ts';
import { migrate } from '../../src/warehouse/migrations.ts';
import { ROLLUP_15M } from '../../src/warehouse/rollup-15m.ts';
import { TRAITS_SQL, USER_EVENT_COLUMNS } from '../../src/warehouse/user-order.ts';
import { WebSessions } from '../../src/warehouse/web-sessions.ts';
import { untilDemoLive } from '../../test/support/demo.ts';
import { freePort, Platform } from '../../test/support/platform.ts';
import { SCRATCH } from '../lib/bench-platform.ts';

const MILLION = 1_000_000;
/** Events of the demo; more are copies of them. */
const SIMULATED_MAX = 2 * MILLION;
const DAYS = 30;
const ENGINE_MEMORY_BYTES = 4 * 1024 ** 3;
const READY_MS = 120_000;
const MERGE_LIMIT_MS = 300_000;

/** A copy has users of its own up to so many copies, then those of an earlier copy again: at 100 million about 50 events a user. */
const COPIES_WITH_OWN_USERS = 6;
/** A copy lies so much earlier than the one before. */
const COPY_SHIFT_SECONDS = 37;

/** The project that holds them. */
export const PROJECT = 'demo';

/** Simulates the first events through the whole platform. */
const simulate = async (dataDir: string, events: number): Promise<void> => {
  const platform = await Platform.start(dataDir, await freePort());
  try {
    await platform.json('/api/demo', { days: DAYS, events, rate: 1 });
    await untilDemoLive(platform);
    await sleep(2_000);
  } finally {
    await platform.stop();
  }
};

const withEngine = async (dataDir: string, work: (warehouse: Warehouse) => Promise<void>): Promise<void> => {
  const telemetry = quietTelemetry();
  const engine = await startEngine({
    dataDir: join(dataDir, 'warehouse'),
    memoryBytesMax: ENGINE_MEMORY_BYTES,
    secret: randomBytes(16).toString('hex'),
    telemetry,
  });
  await engine.ready(READY_MS);
  const { url, username, password } = engine;
  const warehouse = createWarehouse({ url, username, password, database: 'aevum', telemetry });
  try {
    await work(warehouse);
  } finally {
    await warehouse.close();
    await engine.stop();
  }
};

const countOf = async (warehouse: Warehouse, sql: string): Promise<number> => {
  const { rows } = await warehouse.query<{ n: number | string }>(sql, {}, { class: 'control' });
  return Number(rows[0]?.n ?? 0);
};

/** Copies what was simulated until there are so many events; rollups follow by their views, as they do for loads. */
const multiply = async (warehouse: Warehouse, events: number): Promise<void> => {
  await warehouse.command('DROP TABLE IF EXISTS bench_base');
  await warehouse.command(
    `CREATE TABLE bench_base ENGINE = MergeTree ORDER BY (type, time) AS SELECT * FROM events WHERE project = '${PROJECT}'`,
  );
  const base = await countOf(warehouse, 'SELECT count() AS n FROM bench_base');
  for (let copy = 1; base * copy < events; copy++) {
    const rows = Math.min(base, events - base * copy);
    await warehouse.command(
      `INSERT INTO events SELECT * REPLACE(
         concat(id, '-${copy}') AS id, time - toIntervalSecond(${copy * COPY_SHIFT_SECONDS}) AS time,
         if(user_id = '', '', concat(user_id, '-${copy % COPIES_WITH_OWN_USERS}')) AS user_id,
         if(session_id = '', '', concat(session_id, '-${copy}')) AS session_id)
       FROM bench_base LIMIT ${rows}`,
    );
    console.error(`${Math.round((base * copy + rows) / MILLION)} M events`);
  }
  await warehouse.command('DROP TABLE bench_base');
};

const HALF_DAY_SECONDS = 43_200;

/** Puts all of them into the order of users, which the platform does by the position of records: those of copies are no order. */
const orderByUser = async (warehouse: Warehouse): Promise<void> => {
  await warehouse.command('TRUNCATE TABLE user_events');
  const ends = `toUnixTimestamp(min(time)) AS first, toUnixTimestamp(max(time)) AS last`;
  const { rows } = await warehouse.query<{ first: number | string; last: number | string }>(
    `SELECT ${ends} FROM events WHERE project = '${PROJECT}'`,
    {},
    { class: 'control' },
  );
  const [row] = rows;
  for (let from = Number(row?.first ?? 0); from <= Number(row?.last ?? -1); from += HALF_DAY_SECONDS)
    await warehouse.command(
      `INSERT INTO user_events (${USER_EVENT_COLUMNS}, traits) SELECT ${USER_EVENT_COLUMNS}, ${TRAITS_SQL} FROM events
       WHERE project = '${PROJECT}' AND user_id != '' AND time >= fromUnixTimestamp(${from}) AND time < fromUnixTimestamp(${from + HALF_DAY_SECONDS})
       ORDER BY project, user_id, time, position`,
    );
};

/** Fills the rollup of 15 minutes, for the same reason by time. */
const rollUp = async (warehouse: Warehouse): Promise<void> => {
  await warehouse.command('TRUNCATE TABLE rollup_15m');
  const { rows } = await warehouse.query<Record<'first' | 'last' | 'position', number | string>>(
    'SELECT toUnixTimestamp(min(time)) AS first, toUnixTimestamp(max(time)) AS last, max(position) AS position FROM events',
    {},
    { class: 'control' },
  );
  const [row] = rows;
  const first = Number(row?.first ?? 0);
  for (
    let from = first - (first % HALF_DAY_SECONDS);
    from <= Number(row?.last ?? -1);
    from += HALF_DAY_SECONDS
  ) {
    const within = `time >= fromUnixTimestamp(${from}) AND time < fromUnixTimestamp(${from + HALF_DAY_SECONDS})`;
    await warehouse.command(`INSERT INTO ${ROLLUP_15M.insert.replaceAll('{rows}', within)}`, {
      to: Number(row?.position ?? 0) + 1,
    });
  }
};

/** Keeps sessions that ended as rows, as the platform does in the background. */
const keepSessions = async (warehouse: Warehouse): Promise<void> => {
  const next = await countOf(warehouse, 'SELECT max(position) + 1 AS n FROM events');
  await new WebSessions({
    ...{ warehouse, filling: WEB_FILLING, clock: systemClock, telemetry: quietTelemetry() },
    loaded: () => next,
    exclusive: (work) => work(),
  }).catchUp();
};

/** Books copies as received and stored, too: as long as the books do not add up, all that they are about is looked at once a minute, which took both cores for four seconds at 100 M. */
const bookCopies = (warehouse: Warehouse): Promise<void> =>
  warehouse.command(
    `INSERT INTO ledger (project, minute, account, reason, events, position)
     SELECT '${PROJECT}', minute, arrayJoin(['received', 'stored']), '', n, 0 FROM (
       SELECT minute, sum(rows) AS n FROM (
         SELECT toUnixTimestamp(toStartOfMinute(received_at)) AS minute, toInt64(count()) AS rows FROM events WHERE project = '${PROJECT}' GROUP BY minute
         UNION ALL SELECT toUnixTimestamp(minute), -toInt64(sum(events)) FROM ledger WHERE project = '${PROJECT}' AND account = 'stored' GROUP BY minute
       ) GROUP BY minute HAVING n > 0
     )`,
  );

const untilMerged = async (warehouse: Warehouse): Promise<void> => {
  const limit = performance.now() + MERGE_LIMIT_MS;
  while (
    performance.now() < limit &&
    (await countOf(warehouse, 'SELECT count() AS n FROM system.merges')) > 0
  )
    await sleep(1_000);
};

/** Does something to a data folder once; a file in it says that it was done. */
const once = async (
  dataDir: string,
  name: string,
  work: (warehouse: Warehouse) => Promise<void>,
): Promise<void> => {
  const done = join(dataDir, name);
  if (existsSync(done)) return;
  await withEngine(dataDir, async (warehouse) => {
    await migrate(warehouse);
    await work(warehouse);
    await untilMerged(warehouse);
  });
  await writeFile(done, new Date().toISOString());
};

/** The data folder of a platform that holds so many million events over 30 days. Made if it is not there; it takes minutes, and some 120 bytes an event. */
export const dataOf = async (millions: number): Promise<string> => {
  const dataDir = join(SCRATCH, 'aevum-bench-answers', `${millions}`);
  // Another name each time that rows are stored in another way: parts that are there would stay as they are.
  const made = join(dataDir, 'complete-with-fast-times');
  if (!existsSync(made)) {
    await rm(dataDir, { recursive: true, force: true });
    await mkdir(dataDir, { recursive: true });
    const events = millions * MILLION;
    await simulate(dataDir, Math.min(events, SIMULATED_MAX));
    await withEngine(dataDir, async (warehouse) => {
      if (events > SIMULATED_MAX) await multiply(warehouse, events);
    });
    await writeFile(made, new Date().toISOString());
  }
  // What is derived from the events since an earlier release made them.
  await once(dataDir, 'filled-with-wider-panes', rollUp);
  await once(dataDir, 'sessions-kept', keepSessions);
  // Parts that an earlier release made have no facts until they are merged.
  await once(dataDir, 'facts-of-users', orderByUser);
  await once(dataDir, 'copies-booked', bookCopies);
  // Parts of copies each hold all of the time; of events that came one after the other each holds a time of its own.
  await once(dataDir, 'panes-merged', (warehouse) => warehouse.command('OPTIMIZE TABLE rollup_10s FINAL'));
  return dataDir;
};
