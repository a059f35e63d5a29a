import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Principal, principalOfKey } from '../access/principal.ts';
import { importAnswerSchema, importsAnswerSchema, knownIdsAnswerSchema } from '../contract/imports.ts';
import { createApp } from '../http/app.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { createImportState } from './import-state.ts';
import { registerImportRoutes } from './routes.ts';

const PRINCIPALS: Readonly<Record<string, Principal>> = {
  admin: principalOfKey({ project: 'p', id: 'a', name: 'admin', scopes: ['ingest', 'read', 'admin'] }),
  reader: principalOfKey({ project: 'p', id: 'r', name: 'reader', scopes: ['read'] }),
};

const asked: { sql: string; params: Readonly<Record<string, unknown>> }[] = [];

const listed: unknown[] = [];

const app = createApp({
  authenticator: {
    authenticate: (key: string) => PRINCIPALS[key],
    stillHolds: () => false,
    refusalOf: () => 'unknown' as const,
  },
  clock: systemClock,
  telemetry: quietTelemetry(),
  phase: () => 'ready',
});
registerImportRoutes(
  app,
  createImportState({
    warehouse: {
      query: (sql, params) => {
        asked.push({ sql, params });
        return Promise.resolve({ rows: [] });
      },
    },
    settle: () => Promise.resolve(true),
  }),
  {
    list: (project, query) => {
      listed.push({ project, query });
      return Promise.resolve({ imports: [], next_cursor: null });
    },
  },
);

const request = async (
  method: string,
  path: string,
  key: string | undefined,
  body?: unknown,
): Promise<{ status: number; body: unknown }> => {
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    'content-type': 'application/json',
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await app.request(path, { method, headers, ...sent });
  return { status: response.status, body: await response.json() };
};

test('an import is read in the project of the key', async () => {
  asked.length = 0;
  const { status, body } = await request('GET', '/api/imports/ba7816bf8f01cfea-2?from_row=5', 'admin');
  assert.equal(status, 200);
  assert.deepEqual(importAnswerSchema.parse(body).next_row, 5);
  assert.deepEqual(asked[0]?.params, { project: 'p', prefix: 'ba7816bf8f01cfea-2:', from: 5 });
});

test('known ids are looked up', async () => {
  const { status, body } = await request('POST', '/api/imports/x/known', 'admin', { ids: ['a', 'b'] });
  assert.equal(status, 200);
  assert.deepEqual(knownIdsAnswerSchema.parse(body), { settled: true, known: [] });
});

test('whoever reads may list imports', async () => {
  const { status, body } = await request('GET', '/api/imports?limit=7&cursor=5:a', 'reader');
  assert.deepEqual([status, importsAnswerSchema.parse(body)], [200, { imports: [], next_cursor: null }]);
  await request('GET', '/api/imports', 'admin');
  assert.deepEqual(listed, [
    { project: 'p', query: { limit: 7, cursor: '5:a' } },
    { project: 'p', query: { limit: 50 } },
  ]);
  assert.equal((await request('GET', '/api/imports', undefined)).status, 401);
});

test('only admin keys may ask', async () => {
  assert.equal((await request('GET', '/api/imports/x', undefined)).status, 401);
  assert.equal((await request('GET', '/api/imports/x', 'reader')).status, 403);
  assert.equal((await request('POST', '/api/imports/x/known', 'reader', { ids: ['a'] })).status, 403);
});

test('what cannot be asked is refused', async () => {
  for (const path of [
    '/api/imports/a%20b',
    '/api/imports/x?wait_ms=999999',
    '/api/imports/x?from_row=0',
    '/api/imports/x?other=1',
    '/api/imports?limit=0',
    '/api/imports?limit=201',
    '/api/imports?other=1',
  ]) {
    const { status, body } = await request('GET', path, 'admin');
    assert.equal(status, 400, path);
    assert.equal((body as { error: { code: string } }).error.code, 'invalid_request', path);
  }
  for (const body of [
    { ids: [] },
    { ids: [''] },
    { ids: [1] },
    {},
    { ids: Array.from({ length: 1001 }, () => 'a') },
  ]) {
    assert.equal((await request('POST', '/api/imports/x/known', 'admin', body)).status, 400);
  }
});
