import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuditLog } from '../access/audit.ts';
import { PLATFORM } from '../access/audit-entry.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { CATALOG_LIMITS, type DescribedType } from '../contract/event-catalog.ts';
import { ApiError } from '../event/errors.ts';
import { startTestServer } from '../http/testing/test-server.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { registerDescriptionRoutes } from './routes.ts';
import { DescriptionStore } from './store.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const clock = { nowMs: () => NOW_MS, monotonicMs: () => performance.now() };

const openStore = async (t: { after(fn: () => Promise<void>): void }) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const audit = createAuditLog({ catalog, clock, telemetry: quietTelemetry() });
  return { catalog, store: new DescriptionStore({ catalog, audit, clock }) };
};

const saving = (project = 'p') => ({ project, by: PLATFORM });

const conflict = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.deepEqual([error.code, message.test(error.message)], ['conflict', true], error.message);
  return true;
};

test('types and properties are described in their project, with versions, and every change is entered', async (t) => {
  const { catalog, store } = await openStore(t);
  const type = 'page_view';
  const first = { description: 'A page.', owner: 'Team Web', version: 0 };
  assert.deepEqual(await store.describe({ type }, first, saving()), {
    ...first,
    ...{ version: 1, updatedAtMs: NOW_MS, updatedBy: 'Aevum' },
  });
  await assert.rejects(
    store.describe({ type }, first, saving()),
    conflict(/The description of "page_view" is at version 1, saved by Aevum/u),
  );
  await store.describe({ type }, { ...first, description: 'A page was seen.', version: 1 }, saving());
  await store.describe({ type, property: 'plan' }, { description: 'What is paid.', version: 0 }, saving());
  await store.describe({ type }, { ...first, description: 'Another.' }, saving('q'));
  await assert.rejects(
    store.describe({ type, property: 'size' }, { description: 'x', version: 1 }, saving()),
    conflict(/The description of "size" of "page_view" is not there/u),
  );
  assert.deepEqual(
    [...(await store.typesOf('p'))],
    [[type, { description: 'A page was seen.', owner: 'Team Web', version: 2 }]],
  );
  assert.deepEqual(
    [...(await store.propertiesOf('p', type))],
    [['plan', { description: 'What is paid.', owner: '', version: 1 }]],
  );
  assert.deepEqual([...(await store.propertiesOf('q', type))], []);
  const entered = await catalog.db
    .selectFrom('audit')
    .select(['action', 'project', 'object', 'detail'])
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    entered.map(({ action, project, object, detail }) => `${action} ${project} ${object} ${detail}`),
    [
      'event.described p page_view {"version":"1"}',
      'event.described p page_view {"version":"2"}',
      'event.described p page_view {"version":"1","property":"plan"}',
      'event.described q page_view {"version":"1"}',
    ],
  );
});

test('what was taken back keeps its version, and makes room when that is needed', async (t) => {
  const { catalog, store } = await openStore(t);
  const nothing = { description: '', owner: '' };
  await store.describe({ type: 'gone' }, { ...nothing, description: 'x', version: 0 }, saving());
  await store.describe({ type: 'gone' }, { ...nothing, version: 1 }, saving());
  await assert.rejects(
    store.describe({ type: 'gone' }, { description: 'late', owner: '', version: 1 }, saving()),
    conflict(/is at version 2/u),
  );
  // Whoever sees nothing may say something.
  const again = await store.describe(
    ...([{ type: 'gone' }, { description: 'again', owner: '', version: 0 }, saving()] as const),
  );
  assert.equal(again.version, 3);
  await store.describe({ type: 'gone' }, { ...nothing, version: 3 }, saving());
  const rest = Array.from({ length: CATALOG_LIMITS.describedTypesMax - 1 }, (_, index) => ({
    ...{ project: 'p', type: `type ${index}`, property: '', description: 'x', owner: '' },
    ...{ version: 1, updated_at: 1, updated_by: 'a' },
  }));
  await catalog.db.insertInto('event_descriptions').values(rest).execute();
  await store.describe({ type: 'new' }, { description: 'x', owner: '', version: 0 }, saving());
  assert.equal((await store.typesOf('p')).has('gone'), false);
  await assert.rejects(
    store.describe({ type: 'newer' }, { description: 'x', owner: '', version: 0 }, saving()),
    conflict(/1,000 types of the project are described, which is the most/u),
  );
  await store.describe({ type: 'new', property: 'a' }, { description: 'x', version: 0 }, saving());
});

test('a project that is being removed is described no more', async (t) => {
  const { catalog, store } = await openStore(t);
  const project = { id: 'p', name: 'p', created_at: 1, removing_at: 2 };
  await catalog.db.insertInto('projects').values(project).execute();
  await assert.rejects(
    store.describe({ type: 'a' }, { description: 'x', owner: '', version: 0 }, saving()),
    conflict(/is being removed/u),
  );
});

test('descriptions come in by HTTP, checked', async (t) => {
  const { store } = await openStore(t);
  const server = await startTestServer(t, { routes: (app) => registerDescriptionRoutes(app, store) });
  const { admin_key: admin, write_key: write } = server.credentials;
  const put = async (name: string, body: unknown, key = admin) => {
    const answer = await fetch(`${server.url}/api/catalog/types/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const wording = { description: '  A page. ', owner: ' Team Web ', version: 0 };
  const hostile = encodeURIComponent('<a>/b?c');
  const { status, body } = await put(hostile, wording);
  assert.equal(status, 200);
  const { type, description, owner, version, updated_at: at } = body as DescribedType;
  assert.deepEqual(
    [type, description, owner, version, at],
    ['<a>/b?c', 'A page.', 'Team Web', 1, new Date(NOW_MS).toISOString()],
  );
  const property = await put(`${hostile}/properties/${hostile}`, { description: 'x', version: 0 });
  assert.equal(property.status, 200);
  assert.deepEqual((await store.propertiesOf('default', '<a>/b?c')).get('<a>/b?c')?.description, 'x');
  assert.equal((await put('a', wording, write)).status, 403);
  assert.equal((await put(hostile, wording)).status, 409);
  for (const [name, wrong] of [
    ['a', { description: 'x', version: 0 }],
    ['a', { ...wording, description: 'x'.repeat(CATALOG_LIMITS.descriptionMax + 1) }],
    ['a', { ...wording, owner: 'x'.repeat(CATALOG_LIMITS.ownerMax + 1) }],
    ['a', { ...wording, version: -1 }],
    ['a', { ...wording, more: 1 }],
    ['x'.repeat(CATALOG_LIMITS.describedNameMax + 1), wording],
    ['a/properties/b', wording],
  ] as const)
    assert.equal(
      (await put(name, wrong)).status,
      400,
      `${name.slice(0, 20)} ${JSON.stringify(wrong).slice(0, 60)}`,
    );
});
