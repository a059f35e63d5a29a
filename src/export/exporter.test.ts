import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ActorRights } from '../access/actor-rights.ts';
import { createAuditLog } from '../access/audit.ts';
import type { AuditActor } from '../access/audit-entry.ts';
import { ROLE_PERMISSIONS } from '../access/permissions.ts';
import { openCatalog } from '../catalog/catalog.ts';
import {
  EXPORT_LIMITS,
  type ExportAnswer,
  type ExportFilesAnswer,
  type ExportRunsAnswer,
  newExportSchema,
} from '../contract/exports.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import { startTestServer } from '../http/testing/test-server.ts';
import { Telemetry } from '../lib/telemetry.ts';
import { testService } from '../query/testing/test-warehouse.ts';
import { openSqlBench, type SqlBench } from '../sql/testing/sql-bench.ts';
import { Exporter, type ExporterOptions } from './exporter.ts';
import { ProjectFiles } from '../lib/project-files.ts';
import { registerExportRoutes } from './routes.ts';
import { ExportStore, type SavedExport } from './store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Noon of a Friday. */
const START_MS = Date.UTC(2026, 10, 20, 12);
const ADA: AuditActor = { kind: 'user', id: 'user_1', name: 'ada@example.com' };
const LOADED = 10;

let bench: SqlBench;
let root: string;
before(async () => {
  bench = await openSqlBench();
  root = await mkdtemp(join(tmpdir(), 'aevum-exports-'));
  // 30 days, an event each hour: country by day, user by hour, at positions that increase.
  await bench.warehouse.command(`INSERT INTO events (project, id, time, received_at, type, user_id, country, properties, position)
    SELECT 'shop', toString(number), toDateTime64('2026-11-01 00:30:00', 3, 'UTC') + number * 3600 AS time, time, if(number % 8 = 0, 'purchase', 'view'),
      concat('u', toString(number % 12)), if(intDiv(number, 24) % 2 = 0, 'DE', 'FR'), '{}', intDiv(number, 100) FROM numbers(720)`);
});
after(async () => {
  await rm(root, { recursive: true, force: true });
  await bench[Symbol.asyncDispose]();
});

let folders = 0;

/** Exports of a project of their own, with a clock that is moved by hand. */
const open = async (t: TestContext, part: Partial<ExporterOptions> = {}) => {
  const dir = join(root, String(++folders));
  const catalog = await openCatalog(':memory:');
  let nowMs = START_MS;
  const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
  const telemetry = new Telemetry(() => undefined);
  const audit = createAuditLog({ catalog, clock, telemetry });
  const store = new ExportStore({ catalog, audit, clock });
  const files = new ProjectFiles(dir, 0o640);
  const insights = new Map<string, QueryRequest>();
  let permissions = ROLE_PERMISSIONS.analyst;
  let troubled = 0;
  const rights: ActorRights = async () => permissions;
  const service = testService(bench, { nowMs: START_MS, next: LOADED });
  const make = (): Exporter =>
    new Exporter({
      ...{ store, files, rights, audit, clock, telemetry, service, sql: bench.service, rowsMax: 1_000 },
      questions: { questionOf: async (_project, id) => insights.get(id) },
      standing: () => ({ governedLoaded: LOADED, rawLoaded: LOADED, pending: [], nowMs }),
      settle: async () => undefined,
      onTrouble: (count) => (troubled = count),
      ...part,
    });
  let exporter = make();
  t.after(async () => {
    await exporter.close();
    await catalog.close();
  });
  return {
    ...{ dir, catalog, store, files, insights, telemetry, audit, service, clock, sql: bench.service },
    get exporter() {
      return exporter;
    },
    get troubled() {
      return troubled;
    },
    may(role: keyof typeof ROLE_PERMISSIONS | undefined) {
      permissions = role === undefined ? new Set() : ROLE_PERMISSIONS[role];
    },
    async restart() {
      await exporter.close();
      exporter = make();
      await exporter.recover();
    },
    save: (wanted: object): Promise<SavedExport> =>
      store.create(newExportSchema.parse({ name: 'Visits', ...wanted }), { project: 'shop', by: ADA }),
    /** Moves the clock, and lets everything that is due run to its end. */
    async goTo(ms: number) {
      nowMs = ms;
      await exporter.tick();
      await exporter.idle();
      await exporter.tick();
    },
  };
};

const DAILY = { every: 'day', at: '06:30', timezone: 'Europe/Berlin' };
const HOURLY = { every: 'hour', minute: 0, timezone: 'UTC' };
const TREND = { kind: 'trend', interval: '1h', by: ['country'], timezone: 'Europe/Berlin' };
const QUESTION = { kind: 'question', question: TREND };

const parquetRows = async (path: string): Promise<Record<string, unknown>[]> => {
  const bytes = await readFile(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return parquetReadObjects({ file: buffer, compressors });
};

test('an export writes the finished day when it is due, once, and the file is whole', async (t) => {
  const bed = await open(t);
  const made = await bed.save({
    ...{ what: QUESTION, format: 'parquet', schedule: DAILY, range: 'yesterday', file: 'visits_{from}' },
    folder: 'reports/daily',
  });
  assert.equal(made.dueAtMs, Date.parse('2026-11-21T05:30:00Z'));
  await bed.goTo(made.dueAtMs - 1);
  assert.deepEqual(await bed.store.runs(made.id), []);
  // It comes late, by three hours, and is of the day that it was due for all the same.
  await bed.goTo(made.dueAtMs + 3 * HOUR_MS);
  await bed.goTo(made.dueAtMs + 4 * HOUR_MS);
  const [run, ...others] = await bed.store.runs(made.id);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [run?.state, run?.file, run?.asOf, run?.attempts, run?.isByHand, run?.error],
    ['done', 'visits_2026-11-20.parquet', String(LOADED - 1), 1, false, null],
  );
  const folder = join(bed.dir, 'shop/reports/daily');
  assert.deepEqual(await readdir(folder), ['visits_2026-11-20.parquet']);
  const path = join(folder, 'visits_2026-11-20.parquet');
  const { size, mode } = await stat(path);
  assert.deepEqual([run?.bytes, mode & 0o777], [size, 0o640]);
  const rows = await parquetRows(path);
  assert.equal(rows.length, run?.rows);
  const total = rows.reduce((sum, row) => sum + Number(row['value']), 0);
  assert.equal(total, 24, JSON.stringify(rows[0]));
  const times = rows.flatMap((row) => Object.values(row).filter((cell) => cell instanceof Date));
  assert.equal(Math.min(...times.map(Number)), Date.parse('2026-11-19T23:00:00Z'));
  assert.equal((await bed.store.find('shop', made.id))?.dueAtMs, Date.parse('2026-11-22T05:30:00Z'));
});

test('what was missed while nothing ran is run once, and what was under way is begun anew', async (t) => {
  const bed = await open(t);
  const made = await bed.save({ what: QUESTION, schedule: HOURLY, range: 'last 1 hour' });
  await bed.goTo(START_MS + 10 * DAY_MS + 1);
  const runs = await bed.store.runs(made.id);
  assert.deepEqual(
    runs.map(({ state, dueAtMs }) => [state, dueAtMs]),
    [['done', START_MS + 10 * DAY_MS]],
  );
  // As if the program had been killed in the middle of writing.
  await bed.store.note(runs[0]?.id ?? '', { state: 'running' });
  await writeFile(join(bed.dir, 'shop/visits/x.csv.tmp'), 'half');
  await bed.restart();
  await bed.goTo(START_MS + 10 * DAY_MS + 2);
  const [again] = await bed.store.runs(made.id);
  assert.deepEqual([again?.state, again?.attempts], ['done', 2]);
  assert.deepEqual(await readdir(join(bed.dir, 'shop/visits')), [again?.file]);
  // One that ended the program each time is given up.
  await bed.store.note(again?.id ?? '', { state: 'running', attempts: EXPORT_LIMITS.attemptsMax });
  await bed.restart();
  const [given] = await bed.store.runs(made.id);
  assert.deepEqual(
    [given?.state, given?.error],
    ['failed', 'The server ended in the middle of the last try.'],
  );
});

test('a run that the end of the program ends was no try', { timeout: 300_000 }, async (t) => {
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const bed = await open(t, {
    settle: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        asked();
      }),
  });
  const made = await bed.save({ what: QUESTION });
  const run = await bed.store.runNow(made);
  await assert.rejects(bed.store.runNow(made), { code: 'conflict' });
  await bed.exporter.tick();
  await isAsked;
  await bed.exporter.close();
  const [left] = await bed.store.runs(made.id);
  assert.deepEqual([left?.id, left?.state, left?.attempts], [run.id, 'waiting', 0]);
});

test('however many ask at a time, so many runs are under way; one whose export is gone ends nothing', async (t) => {
  const ends: (() => void)[] = [];
  let most = 0;
  let now = 0;
  const bed = await open(t, {
    settle: () =>
      new Promise<void>((resolve) => {
        most = Math.max(most, ++now);
        ends.push(() => {
          now -= 1;
          resolve();
        });
      }),
  });
  const made = [];
  for (let index = 0; index < 6; index++)
    made.push(await bed.save({ name: `Export ${index}`, what: QUESTION }));
  for (const each of made) await bed.store.runNow(each);
  const [first, second] = made as [SavedExport, SavedExport];
  // As if it had been removed at the very moment at which somebody asked for a run.
  await bed.catalog.db.deleteFrom('exports').where('id', '=', first.id).execute();
  await assert.rejects(bed.store.runNow(first), { code: 'not_found' });
  await Promise.all(made.map(() => bed.exporter.tick()));
  const limit = performance.now() + 120_000;
  let done = 0;
  while (done < made.length - 1) {
    assert.ok(performance.now() < limit, `${done} runs are done`);
    for (const end of ends.splice(0)) end();
    await pause(5);
    await bed.exporter.tick();
    const runs = await bed.catalog.db.selectFrom('export_runs').select('state').execute();
    done = runs.filter(({ state }) => state === 'done').length;
  }
  assert.equal(most, EXPORT_LIMITS.runningMax);
  assert.deepEqual(await bed.store.runs(first.id), []);
  assert.equal((await bed.store.runs(second.id))[0]?.state, 'done');
});

test('a file that an export left behind in another folder is not its own any more', async (t) => {
  const bed = await open(t);
  const change = (made: SavedExport, more: object) =>
    bed.store.change(
      made.id,
      {
        ...newExportSchema.parse({ name: made.name, ...made.content, range: undefined, ...more }),
        version: made.version,
      },
      { project: 'shop', by: ADA },
    );
  const plain = await bed.save({ name: 'Open', what: QUESTION, file: 'latest' });
  const personal = await bed.save({
    name: 'Personal',
    what: { kind: 'sql', sql: 'SELECT user_id FROM events LIMIT 3' },
    file: 'latest',
  });
  for (const each of [plain, personal]) await bed.store.runNow(each);
  await assert.rejects(change(personal, { folder: 'elsewhere' }), { code: 'conflict' });
  await bed.goTo(START_MS);
  assert.deepEqual(
    (await bed.store.files(personal.id)).map(({ file, isPersonal }) => [file, isPersonal]),
    [['latest.csv', true]],
  );
  await change(personal, { folder: 'elsewhere' });
  const moved = await change(plain, { folder: 'personal' });
  assert.ok(moved !== undefined);
  // Else whoever may read the one could read what lies there of the other.
  assert.equal(await bed.store.fileOf(plain.id, 'latest.csv'), undefined);
  await bed.store.runNow(moved);
  await bed.goTo(START_MS + 1);
  assert.match(
    (await bed.store.runs(plain.id))[0]?.error ?? '',
    /There is a file "latest\.csv" in "personal" already, which this export did not write/u,
  );
  assert.match(await readFile(join(bed.dir, 'shop/personal/latest.csv'), 'utf8'), /^user_id/u);
});

test('whether a file lists people is as of what is in it', async (t) => {
  let asked = 0;
  const numbers = { kind: 'trend', interval: 'total', range: 'last 90 days' };
  const people = { ...numbers, by: ['user_id'] };
  const bed = await open(t, {
    // It is changed as soon as it was looked up.
    questions: { questionOf: async () => queryRequestSchema.parse(asked++ === 0 ? numbers : people) },
  });
  const made = await bed.save({ what: { kind: 'insight', insight: 'ins_1' }, file: 'latest' });
  await bed.store.runNow(made);
  await bed.goTo(START_MS);
  const read = () => readFile(join(bed.dir, 'shop/visits/latest.csv'), 'utf8');
  const [file] = await bed.store.files(made.id);
  assert.deepEqual([file?.isPersonal, (await read()).includes('u1')], [false, false]);
  await bed.store.runNow(made);
  // As if it ended between the file and the entry: the run before is not shown in the place of it.
  const done = bed.store.done.bind(bed.store);
  bed.store.done = () => Promise.reject(new Error('ended here'));
  await bed.goTo(START_MS + 1);
  bed.store.done = done;
  assert.ok((await read()).includes('u1'));
  assert.equal((await bed.store.fileOf(made.id, 'latest.csv'))?.isPersonal, true);
});

test('so many files are kept, and a file of the same name replaces the one before', async (t) => {
  const bed = await open(t);
  const many = await bed.save({ what: QUESTION, schedule: HOURLY, range: 'last 1 hour', keep: 2 });
  const one = await bed.save({
    name: 'Latest',
    what: QUESTION,
    schedule: HOURLY,
    file: 'latest',
    format: 'ndjson',
  });
  for (let hours = 1; hours <= 4; hours++) await bed.goTo(START_MS + hours * HOUR_MS);
  assert.deepEqual((await readdir(join(bed.dir, 'shop/visits'))).sort(), [
    'visits_2026-11-20_1500.csv',
    'visits_2026-11-20_1600.csv',
  ]);
  assert.equal((await bed.store.files(many.id)).length, 2);
  assert.equal((await bed.store.runs(many.id)).length, 4);
  assert.deepEqual(await readdir(join(bed.dir, 'shop/latest')), ['latest.ndjson']);
  assert.deepEqual(
    (await bed.store.runs(one.id)).map(({ file }) => file),
    ['latest.ndjson', null, null, null],
  );
});

test('a disk that does not take the file is tried again, not for ever, and told of', async (t) => {
  const bed = await open(t);
  const made = await bed.save({ what: QUESTION, schedule: DAILY, range: 'yesterday' });
  // A file stands where the folder of the project should be.
  await mkdir(bed.dir, { recursive: true });
  await writeFile(join(bed.dir, 'shop'), '');
  let nowMs = made.dueAtMs ?? 0;
  const told: unknown[] = [];
  for (let tries = 1; tries <= 4; tries++) {
    await bed.goTo(nowMs);
    const [run] = await bed.store.runs(made.id);
    told.push([run?.state, run?.attempts, bed.troubled]);
    assert.match(run?.error ?? '', /^Writing failed \((?:ENOTDIR|EEXIST)\)\. /u);
    assert.doesNotMatch(run?.error ?? '', /tmp/u);
    nowMs = run?.nextAtMs ?? nowMs + HOUR_MS;
  }
  assert.deepEqual(told, [
    ['waiting', 1, 0],
    ['waiting', 2, 0],
    ['failed', 3, 1],
    ['failed', 3, 1],
  ]);
  const failures = bed.telemetry.snapshot().filter(({ name }) => name === 'aevum_export_failures_total');
  assert.deepEqual(
    failures.map(({ labels, value }) => [labels['final'], value]),
    [
      ['false', 2],
      ['true', 1],
    ],
  );
  await rm(join(bed.dir, 'shop'));
  await bed.goTo((made.dueAtMs ?? 0) + DAY_MS);
  assert.deepEqual([(await bed.store.runs(made.id))[0]?.state, bed.troubled], ['done', 0]);
});

test('what cannot be answered is not tried again', async (t) => {
  const bed = await open(t);
  const gone = await bed.save({ what: { kind: 'insight', insight: 'ins_none' }, schedule: DAILY });
  const wide = await bed.save({
    name: 'Wide',
    what: { kind: 'sql', sql: 'SELECT number FROM events ARRAY JOIN range(9) AS number' },
    schedule: DAILY,
  });
  await bed.goTo(gone.dueAtMs ?? 0);
  const [run] = await bed.store.runs(gone.id);
  assert.deepEqual([run?.state, run?.attempts], ['failed', 1]);
  assert.match(run?.error ?? '', /There is no insight "ins_none" in this project/u);
  const [large] = await bed.store.runs(wide.id);
  assert.match(large?.error ?? '', /more than 1,000 rows/u);
  bed.insights.set('ins_none', { kind: 'trend', interval: 'total' } as QueryRequest);
});

test('an export ends with the rights of its owner, and goes on with whoever saves it anew', async (t) => {
  const bed = await open(t);
  const made = await bed.save({
    what: { kind: 'sql', sql: 'SELECT count() AS n FROM events' },
    schedule: DAILY,
  });
  bed.may('viewer');
  await bed.goTo(made.dueAtMs ?? 0);
  const stopped = await bed.store.find('shop', made.id);
  const reason = 'It belongs to ada@example.com, who does not have the permission "personal:read" any more.';
  assert.deepEqual([stopped?.stopped, stopped?.dueAtMs, bed.troubled], [reason, null, 1]);
  assert.deepEqual(
    (await bed.store.runs(made.id)).map(({ state, error }) => [state, error]),
    [['failed', reason]],
  );
  await assert.rejects(
    bed.store.runNow(stopped ?? made),
    /is stopped: It belongs to .* Save it anew to take it over\./u,
  );
  bed.may('admin');
  const change = { ...newExportSchema.parse({ ...made.content, name: made.name }), version: 1 };
  const by: AuditActor = { ...ADA, id: 'user_2', name: 'bob@example.com' };
  const anew = await bed.store.change(made.id, change, { project: 'shop', by });
  assert.deepEqual([anew?.stopped, anew?.owner.name, anew?.folder], [null, by.name, made.folder]);
  await bed.goTo(anew?.dueAtMs ?? 0);
  assert.equal((await bed.store.runs(made.id))[0]?.state, 'done');
  assert.equal(bed.troubled, 0);
});

test('SQL is given the range as parameters, and written as typed tables', async (t) => {
  const bed = await open(t);
  const sql = `SELECT toStartOfHour(time) AS hour, country, count() AS n, 9007199254740993 AS big, avg(1.5) AS mean, any(type) = 'view' AS is_view, toDate(max(time)) AS day, [1, 2] AS list
    FROM events WHERE time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} GROUP BY hour, country ORDER BY hour LIMIT 3`;
  for (const format of ['csv', 'ndjson', 'parquet', 'arrow'] as const)
    await bed.save({
      name: format,
      what: { kind: 'sql', sql },
      format,
      range: 'yesterday',
      schedule: DAILY,
      file: '{name}_{from}',
    });
  await bed.goTo(Date.parse('2026-11-21T05:30:00Z'));
  await bed.goTo(Date.parse('2026-11-21T05:31:00Z'));
  const pathOf = (format: string): string => join(bed.dir, 'shop', format, `${format}_2026-11-20.${format}`);
  const csv = await readFile(pathOf('csv'), 'utf8');
  assert.match(csv, /^hour,country,n,big,mean,is_view,day,list\r\n2026-11-19T23:00:00/u);
  assert.equal(csv.trim().split('\r\n').length, 4);
  const [first] = (await readFile(pathOf('ndjson'), 'utf8')).split('\n');
  assert.equal((JSON.parse(first ?? '') as { big: unknown }).big, '9007199254740993');
  const [row] = await parquetRows(pathOf('parquet'));
  assert.deepEqual(row, {
    ...{ hour: new Date('2026-11-19T23:00:00Z'), country: 'DE', n: 1n, big: '9007199254740993', mean: 1.5 },
    ...{ is_view: 1n, day: '2026-11-19', list: '[1,2]' },
  });
  assert.equal((await readFile(pathOf('arrow'))).subarray(0, 6).toString(), 'ARROW1');
});

test('a list is written whole, page by page, as of one position', async (t) => {
  const bed = await open(t);
  const question = {
    ...{ kind: 'funnel_users', steps: ['view', 'purchase'], step: 1, outcome: 'converted', limit: 5 },
    ...{ range: 'last 90 days', window: '30d' },
  };
  const made = await bed.save({ what: { kind: 'question', question }, schedule: DAILY });
  await bed.goTo(made.dueAtMs ?? 0);
  const [run] = await bed.store.runs(made.id);
  assert.deepEqual([run?.state, run?.rows, run?.isPersonal, run?.error], ['done', 12, true, null]);
  const lines = (await readFile(join(bed.dir, 'shop/visits', run?.file ?? ''), 'utf8')).trim().split('\r\n');
  assert.equal(new Set(lines).size, 13);
});

test('files of others are not written over, and links lead nowhere', async (t) => {
  const bed = await open(t);
  const mine = await bed.save({ what: QUESTION, file: 'report' });
  await mkdir(join(bed.dir, 'shop/visits'), { recursive: true });
  await writeFile(join(bed.dir, 'shop/visits/report.csv'), 'precious');
  const linked = await bed.save({ name: 'Linked', what: QUESTION, file: 'report' });
  const outside = join(root, 'outside');
  await mkdir(outside);
  await symlink(outside, join(bed.dir, 'shop/linked'));
  for (const each of [mine, linked]) await bed.store.runNow(each);
  await bed.goTo(START_MS);
  const errors = await Promise.all(
    [mine, linked].map(async ({ id }) => (await bed.store.runs(id))[0]?.error),
  );
  assert.match(
    errors[0] ?? '',
    /There is a file "report\.csv" in "visits" already, which this export did not write/u,
  );
  assert.match(errors[1] ?? '', /leads out of .*: a link stands in the way/u);
  assert.equal(await readFile(join(bed.dir, 'shop/visits/report.csv'), 'utf8'), 'precious');
  assert.deepEqual(await readdir(outside), []);
});

test('nothing is left of a project that is removed; names and folders are taken once', async (t) => {
  const bed = await open(t);
  const made = await bed.save({ what: QUESTION });
  await bed.store.runNow(made);
  await bed.goTo(START_MS);
  assert.equal((await readdir(join(bed.dir, 'shop/visits'))).length, 1);
  await assert.rejects(bed.save({ what: QUESTION }), /There is an export "Visits" already/u);
  await assert.rejects(
    bed.save({ name: 'V', folder: 'VISITS', what: QUESTION }),
    /writes into the folder "visits" already/u,
  );
  await assert.rejects(
    bed.store.change(
      made.id,
      { ...newExportSchema.parse({ name: 'W', what: QUESTION }), version: 9 },
      { project: 'shop', by: ADA },
    ),
    (error) => error instanceof ApiError && error.code === 'conflict',
  );
  assert.equal(await bed.store.find('other', made.id), undefined);
  await bed.files.removeProject('shop');
  assert.deepEqual(await readdir(bed.dir), []);
  await bed.store.runNow(made);
  await bed.goTo(START_MS + 1);
  assert.deepEqual(await readdir(bed.dir), []);
});

/** What this process holds open below a folder. */
const openFilesBelow = async (dir: string): Promise<string[]> => {
  const paths = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(dir));
};

/** The same behind a server, whose keys are those of its own project. */
const serve = async (t: TestContext) => {
  const bed = await open(t);
  const { store, files, service, sql, clock } = bed;
  const server = await startTestServer(t, {
    routes: (app) =>
      registerExportRoutes(app, {
        ...{ store, files, service, sql, clock, exporter: bed.exporter },
        questions: { questionOf: async (_project, id) => bed.insights.get(id) },
      }),
  });
  const { admin_key: admin, project } = server.credentials;
  const { key: reader } = await server.keys.create({ project, scopes: ['read'], name: 'reader', by: ADA });
  const send = async (method: string, path: string, body?: object, key = admin) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { bed, send, reader, dir: join(bed.dir, project) };
};

test('exports are saved, run, listed, downloaded and removed over HTTP', async (t) => {
  const { bed, send, reader, dir } = await serve(t);
  const made = await send('POST', '/api/exports', {
    name: 'Visits',
    what: QUESTION,
    schedule: DAILY,
    range: 'yesterday',
  });
  assert.equal(made.status, 201, made.text);
  const saved = JSON.parse(made.text) as ExportAnswer;
  assert.deepEqual(
    [saved.folder, saved.file, saved.next_run_at, saved.stopped, saved.last_run, saved.version],
    ['visits', '{name}_{date}_{time}', '2026-11-21T05:30:00.000Z', null, null, 1],
  );
  const path = `/api/exports/${saved.id}`;
  assert.equal((await send('POST', `${path}/run`, undefined, reader)).status, 403);
  assert.equal((await send('POST', `${path}/run`)).status, 202);
  await bed.exporter.idle();
  const { runs } = JSON.parse((await send('GET', `${path}/runs`)).text) as ExportRunsAnswer;
  assert.deepEqual(
    runs.map(({ state, by_hand }) => [state, by_hand]),
    [['done', true]],
  );
  const { files } = JSON.parse(
    (await send('GET', `${path}/files`, undefined, reader)).text,
  ) as ExportFilesAnswer;
  const [file] = files;
  assert.equal(file?.name, 'visits_2026-11-20_1300.csv');
  const got = await send('GET', `${path}/files/${file.name}`, undefined, reader);
  assert.deepEqual(
    [
      got.status,
      got.headers.get('content-type'),
      got.headers.get('content-disposition'),
      got.headers.get('x-aevum-as-of'),
    ],
    [
      200,
      'text/csv; charset=utf-8; header=present',
      `attachment; filename="${file.name}"`,
      String(LOADED - 1),
    ],
  );
  assert.equal(got.text, await readFile(join(dir, 'visits', file.name), 'utf8'));
  await writeFile(join(dir, 'secret.csv'), 'secret');
  for (const name of [
    'nothing.csv',
    '..%2Fsecret.csv',
    '..%2f..%2fsecret.csv',
    '%2e%2e',
    `${file.name}%00`,
    '.',
  ]) {
    const answer = await send('GET', `${path}/files/${name}`);
    assert.equal(answer.status, 404, `${name}: ${answer.text}`);
    assert.doesNotMatch(answer.text, /^secret/u);
  }
  const head = await send('HEAD', `${path}/files/${file.name}`, undefined, reader);
  assert.deepEqual(
    [head.status, head.text, head.headers.get('content-length')],
    [200, '', String(Buffer.byteLength(got.text))],
  );
  assert.deepEqual(await openFilesBelow(dir), [], 'whoever asks for the headers alone leaves nothing open');
  await rm(join(dir, 'visits', file.name));
  const gone = await send('GET', `${path}/files/${file.name}`);
  assert.match(gone.text, /any more: somebody has moved or deleted it/u);
  assert.equal((await send('POST', `${path}/run`)).status, 202);
  await bed.exporter.idle();
  const changed = await send('PUT', path, { name: 'Views', what: QUESTION, version: 1 });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual((JSON.parse(changed.text) as ExportAnswer).folder, 'visits');
  assert.equal((await send('PUT', path, { name: 'Views', what: QUESTION, version: 1 })).status, 409);
  const removed = await send('DELETE', `${path}?files=true`);
  assert.deepEqual(JSON.parse(removed.text), { id: saved.id, removed: true, files_deleted: 1 });
  assert.deepEqual(await readdir(join(dir, 'visits')), []);
  assert.equal((await send('GET', path)).status, 404);
  const { rows } = await bed.audit.find({ limit: 20 });
  assert.deepEqual(rows.map(({ action }) => action).sort(), [
    'export.changed',
    'export.created',
    'export.removed',
    'export.run',
    'export.run',
  ]);
});

test('what cannot be exported is refused where it stands, when it is saved', async (t) => {
  const { send } = await serve(t);
  const sql = { kind: 'sql', sql: 'SELECT 1 FROM events' };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ what: { kind: 'insight', insight: 'ins_x' } }, /what\.insight: There is no insight "ins_x"/u],
    [
      { what: { kind: 'question', question: { ...TREND, as_of: '5' } } },
      /leave "as_of" out of its question/u,
    ],
    [{ what: { kind: 'question', question: { ...TREND, by: ['contry'] } } }, /Did you mean "country"/u],
    [{ what: QUESTION, range: 'last fortnight' }, /range/u],
    [{ what: sql, range: 'all time' }, /With SQL a range must have a beginning/u],
    [
      { what: { kind: 'sql', sql: "SELECT * FROM file('/etc/passwd')" } },
      /"file\(\)" may not stand after FROM/u,
    ],
    [{ what: { kind: 'sql', sql: 'SELECT usr_id FROM events' } }, /Did you mean user_id/u],
    [{ what: { kind: 'sql', sql: 'SELECT {from:DateTime64}' } }, /from/u],
    [{ what: QUESTION, schedule: { ...DAILY, timezone: 'Europe/Berln' } }, /Did you mean "Europe\/Berlin"/u],
    [{ what: QUESTION, folder: '../up' }, /folder/u],
    [{ what: QUESTION, format: 'xlsx' }, /format/u],
  ];
  for (const [part, message] of cases) {
    const { status, text } = await send('POST', '/api/exports', { name: 'X', ...part });
    assert.ok(status === 400 || status === 403, text);
    assert.match((JSON.parse(text) as { error: { message: string } }).error.message, message);
  }
  assert.equal((await send('GET', '/api/exports')).text, '{"exports":[]}');
  const ofRows = { kind: 'sql', sql: 'SELECT intDiv(1, count()) AS share FROM events' };
  const made = await send('POST', '/api/exports', { name: 'X', what: ofRows });
  assert.equal(made.status, 201, `what fails without rows only is none of saving: ${made.text}`);
});
