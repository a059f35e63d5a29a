import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { openCatalog } from '../catalog/catalog.ts';
import { IMPORT_LIMITS, importsAnswerSchema, importsQuerySchema } from '../contract/imports.ts';
import { ApiError } from '../event/errors.ts';
import { Telemetry } from '../lib/telemetry.ts';
import { ImportBook } from './import-book.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
/** Never by itself. */
const everyMs = 2 ** 30;

const open = async (t: TestContext) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const time = { nowMs: START_MS };
  const lines: string[] = [];
  const telemetry = new Telemetry((_level, name) => void lines.push(name));
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => performance.now() };
  const book = new ImportBook({ catalog, clock, telemetry, everyMs });
  t.after(() => book.close());
  for (const id of ['p', 'q'])
    await catalog.db.insertInto('projects').values({ id, name: id, created_at: 1 }).execute();
  const list = async (project: string, query: Record<string, unknown> = {}) =>
    importsAnswerSchema.parse(await book.list(project, importsQuerySchema.parse(query)));
  return { catalog, book, time, lines, telemetry, list };
};

const body = (name: string, fields: object = {}) => ({
  ...{ project: 'p', name, sentBy: 'ada', accepted: 5, rejected: 1, bytes: 100 },
  ...fields,
});

test('what is sent as history is counted by its name, those that went on last first', async (t) => {
  const { book, time, list } = await open(t);
  assert.deepEqual(await list('p'), { imports: [], next_cursor: null });
  book.note(body('first'));
  book.note(body('first', { accepted: 2, rejected: 0, bytes: 20 }));
  time.nowMs += 1_000;
  book.note(body('second'));
  book.note(body('first', { project: 'q' }));
  const second = {
    ...{ id: 'second', begun_at: '2026-11-20T12:00:01.000Z', continued_at: '2026-11-20T12:00:01.000Z' },
    ...{ sent_by: 'ada', bodies: 1, accepted: 5, rejected: 1, bytes: 100 },
  };
  const first = {
    ...{ id: 'first', begun_at: '2026-11-20T12:00:00.000Z', continued_at: '2026-11-20T12:00:00.000Z' },
    ...{ sent_by: 'ada', bodies: 2, accepted: 7, rejected: 1, bytes: 120 },
  };
  assert.deepEqual((await list('p')).imports, [second, first]);
  time.nowMs += 1_000;
  book.note(body('first', { sentBy: 'ben' }));
  assert.deepEqual((await list('p')).imports, [
    {
      ...first,
      ...{ continued_at: '2026-11-20T12:00:02.000Z', sent_by: 'ben' },
      ...{ bodies: 3, accepted: 12, rejected: 2, bytes: 220 },
    },
    second,
  ]);
});

test('the list comes in pages', async (t) => {
  const { book, time, list } = await open(t);
  for (const name of ['c', 'a:1', 'b']) book.note(body(name));
  time.nowMs += 5;
  book.note(body('newest'));
  const first = await list('p', { limit: 2 });
  assert.deepEqual(
    first.imports.map(({ id }) => id),
    ['newest', 'a:1'],
  );
  const next = await list('p', { limit: 2, cursor: first.next_cursor });
  assert.deepEqual([next.imports.map(({ id }) => id), next.next_cursor], [['b', 'c'], null]);
  await assert.rejects(
    list('p', { cursor: 'x' }),
    (error) => error instanceof ApiError && error.code === 'invalid_request',
  );
});

test('only so many are listed: those that rest longest are forgotten', async (t) => {
  const { catalog, book, list } = await open(t);
  const rows = Array.from({ length: IMPORT_LIMITS.listedMax }, (_, index) => ({
    ...{ project: 'p', name: `old ${index}`, begun_at: index, continued_at: index, sent_by: 'a' },
    ...{ bodies: 1, accepted: 1, rejected: 0, bytes: 1 },
  }));
  await catalog.db.insertInto('imports').values(rows).execute();
  for (const name of ['new', 'newer']) book.note(body(name));
  await book.write();
  const kept = await catalog.db.selectFrom('imports').select('name').orderBy('continued_at').execute();
  assert.deepEqual([kept.length, kept[0]?.name], [IMPORT_LIMITS.listedMax, 'old 2']);
  assert.equal((await list('p', { limit: 1 })).imports[0]?.id, 'new');
});

test('nothing is written of a project that is removed meanwhile', async (t) => {
  const { catalog, book, list } = await open(t);
  for (const project of ['p', 'q', 'none']) book.note(body('x', { project }));
  await catalog.db.updateTable('projects').set({ removing_at: 2 }).where('id', '=', 'p').execute();
  await book.write();
  const kept = await catalog.db.selectFrom('imports').select('project').execute();
  assert.deepEqual(
    kept.map(({ project }) => project),
    ['q'],
  );
  assert.deepEqual((await list('p')).imports, []);
});

test('what cannot be written is kept and counted, up to a bound', async (t) => {
  const { catalog, book, lines, telemetry, list } = await open(t);
  const readOnly = (isOn: boolean) => sql.raw(`PRAGMA query_only = ${isOn}`).execute(catalog.db);
  book.note(body('kept'));
  await readOnly(true);
  await book.write();
  assert.deepEqual(lines, ['imports_not_written']);
  book.note(body('kept'));
  for (let index = 0; index < 1_000; index++) book.note(body(`flood ${index}`));
  const uncounted = telemetry.snapshot().find(({ name }) => name === 'aevum_import_bodies_uncounted_total');
  assert.equal(uncounted?.value, 1);
  await readOnly(false);
  await book.write();
  const kept = await catalog.db.selectFrom('imports').select('accepted').where('name', '=', 'kept').execute();
  assert.deepEqual(
    kept.map(({ accepted }) => accepted),
    [10],
  );
  assert.equal((await list('p', { limit: 200 })).imports.length, 200);
});
