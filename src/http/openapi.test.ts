import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERMISSION_NAMES } from '../access/permissions.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError, ERRORS } from '../event/errors.ts';
import { openApiDocument } from './openapi.ts';
import { registerAuditRoutes } from './audit-routes.ts';
import { registerKeyRoutes } from './key-routes.ts';
import { registerMeRoutes } from './me-routes.ts';
import { registerMemberRoutes } from './member-routes.ts';
import { registerOperationsRoutes } from './operations-routes.ts';
import { registerProjectRoutes } from './project-routes.ts';
import { registerSavedRoutes } from '../boards/boards.ts';
import { registerCohortRoutes } from '../cohorts/routes.ts';
import { registerDescriptionRoutes } from '../descriptions/routes.ts';
import { registerExportRoutes } from '../export/routes.ts';
import { registerMetricRoutes } from '../metrics/routes.ts';
import { registerDemoRoutes } from '../demo/routes.ts';
import { registerImportRoutes } from '../import/routes.ts';
import { registerLiveRoutes } from '../live/routes.ts';
import { registerDoctorRoutes } from '../doctor/routes.ts';
import { registerQueryRoutes } from '../query/routes.ts';
import { registerRunningRoutes } from '../query/running-routes.ts';
import { registerSqlRoutes } from '../sql/routes.ts';
import { createApp } from './app.ts';
import { COLLECT_PATHS } from './collect-handler.ts';
import { exampleOf, type Schema, toReference } from './reference-page-model.ts';
import { REFERENCE_ASSETS, REFERENCE_POLICY, readReferenceAsset } from './reference-page.ts';
import { registerReferenceRoutes } from './reference-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { vendorMatchOf } from './vendor-paths.ts';

const document = openApiDocument({ version: '1.2.3', publicUrl: 'http://example.test:8080' });
const DECLARABLE: ReadonlySet<string> = new Set(['none', 'any', ...PERMISSION_NAMES]);
const json: unknown = JSON.parse(JSON.stringify(document));

/** Every object in a JSON value, with its path. */
function* objectsIn(
  value: unknown,
  path: string[] = [],
): Generator<{ path: string[]; object: Record<string, unknown> }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { path, object: value as Record<string, unknown> };
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, [...path, key]);
}

test('the document is OpenAPI 3.1 and all its references resolve', () => {
  assert.match(document.openapi, /^3\.1\.\d+$/);
  assert.equal(document.info.version, '1.2.3');
  assert.deepEqual(document.servers, [{ url: 'http://example.test:8080' }]);
  for (const { path, object } of objectsIn(json)) {
    const ref = object['$ref'];
    if (typeof ref !== 'string') continue;
    const target = ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], json);
    assert.ok(target !== undefined, `${path.join('.')} refers to ${ref}`);
  }
});

test('every operation has an id of its own, a summary, a tag, a permission and answers', () => {
  const { routes, tags } = toReference(document);
  assert.equal(new Set(routes.map(({ operationId }) => operationId)).size, routes.length);
  assert.deepEqual(routes.map(({ operationId }) => operationId).sort(), Object.keys(ROUTES).sort());
  for (const route of routes) {
    assert.ok(route.summary.length > 0, route.operationId);
    assert.ok(
      tags.some(({ name }) => route.tags?.includes(name)),
      route.operationId,
    );
    assert.ok(DECLARABLE.has(route['x-aevum-permission']), route.operationId);
    const statuses = Object.keys(route.responses);
    assert.ok(
      statuses.some((status) => status.startsWith('2')),
      route.operationId,
    );
    if (route['x-aevum-permission'] !== 'none')
      for (const status of ['401', '403'])
        assert.ok(statuses.includes(status), `${route.operationId} ${status}`);
    const named = (route.path.match(/\{(\w+)\}/gu) ?? []).map((name) => name.slice(1, -1));
    assert.deepEqual(
      (route.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name),
      named,
    );
  }
});

test('every error that an answer names is in the table of errors', () => {
  for (const route of toReference(document).routes)
    for (const [status, answer] of Object.entries(route.responses))
      for (const [, code] of answer.description.matchAll(/`(\w+)`:/gu))
        assert.equal(String(ERRORS[code as keyof typeof ERRORS].status), status);
});

const never = undefined as never;

const servingApp = () => {
  const app = createApp({
    authenticator: never,
    clock: systemClock,
    telemetry: quietTelemetry(),
    phase: () => 'ready',
  });
  registerOperationsRoutes(app, { health: never, metrics: never, clock: systemClock, system: never });
  registerKeyRoutes(app, { keys: never });
  registerProjectRoutes(app, { projects: never, removals: never });
  registerDemoRoutes(app, never);
  registerQueryRoutes(app, { service: never, jobs: never, promotions: never });
  registerCohortRoutes(app, { cohorts: never, service: never, standing: never });
  registerMetricRoutes(app, never, never);
  registerSavedRoutes(app, { shares: never } as never);
  registerExportRoutes(app, {} as never);
  registerSqlRoutes(app, never);
  registerRunningRoutes(app, {} as never);
  registerDoctorRoutes(app, {} as never);
  registerImportRoutes(app, never, never);
  registerDescriptionRoutes(app, never);
  registerLiveRoutes(app, never);
  registerSessionRoutes(app, { sessions: never } as never);
  registerAuditRoutes(app, { log: never, reads: never });
  registerMeRoutes(app, {} as never);
  registerMemberRoutes(app, {} as never);
  registerReferenceRoutes(app, { version: '1', publicUrl: '' });
  return app;
};

/** Whether it is an address of another platform's clients, which are answered beside the app. */
const isOfVendor = (route: string): boolean => {
  const [method, path = ''] = route.split(' ');
  const match = vendorMatchOf(path.replace('{call}', 'track').replace('{key}', 'key'));
  return match?.route.methods.some((each) => each === method) ?? false;
};

test('what is served is what is documented', () => {
  const served = servingApp()
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, '{$1}')}`);
  const collected = Object.values(COLLECT_PATHS).map((path) => `POST ${path}`);
  const assets = Object.values(REFERENCE_ASSETS).map(({ path }) => `GET ${path}`);
  const documented = toReference(document).routes.map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  );
  assert.deepEqual(
    [...new Set([...served, ...collected])].sort(),
    [...documented.filter((route) => !isOfVendor(route)), ...assets].sort(),
  );
});

/** A small check of a value against a schema of the document: types, required fields, alternatives. */
const isValid = (schema: Schema, value: unknown, schemas: Readonly<Record<string, Schema>>): boolean => {
  if (schema.$ref !== undefined)
    return isValid(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, value, schemas);
  if (schema.allOf !== undefined && !schema.allOf.every((part) => isValid(part, value, schemas)))
    return false;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return choices.some((choice) => isValid(choice, value, schemas));
  if (schema.enum !== undefined && value !== null) return schema.enum.includes(value);
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (types !== undefined && !types.some((type) => hasType(value, type))) return false;
  if (Array.isArray(value)) return value.every((item) => isValid(schema.items ?? {}, item, schemas));
  if (typeof value !== 'object' || value === null) return true;
  const fields = Object.entries(schema.properties ?? {});
  return (
    (schema.required ?? []).every((name) => Object.hasOwn(value, name)) &&
    fields.every(
      ([name, part]) =>
        !Object.hasOwn(value, name) || isValid(part, (value as Record<string, unknown>)[name], schemas),
    )
  );
};

const hasType = (value: unknown, type: string): boolean => {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
};

test('the examples are examples of what they stand beside', () => {
  const { schemas, routes } = toReference(document);
  for (const [name, schema] of Object.entries(schemas))
    assert.ok(
      isValid(schema, exampleOf(schema, schemas), schemas),
      `${name}: ${JSON.stringify(exampleOf(schema, schemas))}`,
    );
  for (const route of routes) {
    const schema = route.requestBody?.content['application/json']?.schema;
    if (schema !== undefined)
      assert.ok(isValid(schema, exampleOf(schema, schemas), schemas), route.operationId);
  }
});

test('the page shows every route and schema, loads nothing from elsewhere and allows nothing inline', async () => {
  const app = servingApp();
  const response = await app.request('/api/docs');
  const page = await response.text();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-security-policy'), REFERENCE_POLICY);
  assert.match(REFERENCE_POLICY, /default-src 'none'; style-src 'self'; script-src 'self'/);
  for (const { operationId } of toReference(document).routes)
    assert.ok(page.includes(`<article class="route" id="${operationId}">`), operationId);
  for (const name of Object.keys(toReference(document).schemas))
    assert.ok(page.includes(`id="schema-${name}"`), name);
  assert.doesNotMatch(page, /\son\w+=|\sstyle=|<script>|<style/u);
  const loaded = [...page.matchAll(/<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"/gu)].map(
    ([, url]) => url,
  );
  assert.deepEqual(
    new Set(loaded),
    new Set(['data:,', REFERENCE_ASSETS.script.path, REFERENCE_ASSETS.style.path]),
  );
  for (const asset of Object.values(REFERENCE_ASSETS)) {
    const answer = await app.request(asset.path);
    assert.equal(answer.headers.get('content-type'), asset.contentType);
    const text = await answer.text();
    assert.equal(text, readReferenceAsset(asset));
    assert.doesNotMatch(text, /https?:\/\/|@import|url\(/u);
  }
  const anchors = new Set([...page.matchAll(/\sid="([^"]+)"/gu)].map(([, id]) => id));
  assert.equal(anchors.size, [...page.matchAll(/\sid="([^"]+)"/gu)].length, 'an id is used twice');
  for (const [, target] of page.matchAll(/href="#([^"]+)"/gu))
    assert.ok(anchors.has(target), `nothing has the id ${target}`);
});

test('the document is served as JSON, and texts are escaped on the page', async () => {
  const app = servingApp();
  const served = await app.request('/api/openapi.json');
  assert.match(served.headers.get('content-type') ?? '', /application\/json/);
  assert.equal(((await served.json()) as { openapi: string }).openapi, '3.1.0');
  const { html } = await import('./reference-page-html.ts');
  assert.equal(
    html`<p title="${'"><script>'}">${"<b>&'"}</p>`.text,
    '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>',
  );
  assert.ok(new ApiError('not_found') instanceof Error);
});
