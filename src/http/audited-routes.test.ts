import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAuditLog } from '../access/audit.ts';
import { AuditReads } from '../access/audit-reads.ts';
import { principalOfKey } from '../access/principal.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { PERMISSION_EXTENSION, ROUTES } from '../contract/routes.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { registerQueryRoutes } from '../query/routes.ts';
import { registerSqlRoutes } from '../sql/routes.ts';
import { type App, createApp } from './app.ts';

const never = undefined as never;
const KEY = principalOfKey({ id: 'key_1', name: 'all', project: 'default', scopes: ['admin'] });

/** What these permissions let see is entered, whatever the handler does then. */
const ENTERED: Readonly<Record<string, string>> = { 'personal:read': 'personal.read', 'sql:run': 'sql.run' };

/** Written past Hono: entered by `Live`, see test/integration/audit.test.ts. */
const BY_OTHERS: ReadonlySet<string> = new Set(['streamEvents']);

const open = async (t: TestContext) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const around = { catalog, clock: systemClock, telemetry: quietTelemetry() };
  const log = createAuditLog(around);
  const reads = new AuditReads({ audit: log, telemetry: around.telemetry });
  t.after(() => reads.close());
  const app: App = createApp({
    ...{ clock: systemClock, telemetry: around.telemetry, phase: () => 'ready', audit: { log, reads } },
    authenticator: { authenticate: () => KEY, stillHolds: () => true, refusalOf: () => 'unknown' },
  });
  registerQueryRoutes(app, { service: never, jobs: never, promotions: never });
  registerSqlRoutes(app, never);
  return { app, log };
};

test('every route that shows single people is entered, by its permission alone', async (t) => {
  const { app, log } = await open(t);
  const asked = Object.values(ROUTES).filter(
    ({ operationId, [PERMISSION_EXTENSION]: permission }) =>
      permission in ENTERED && !BY_OTHERS.has(operationId),
  );
  assert.ok(asked.length > 5);
  for (const { method, path } of asked)
    await app.request(path.replaceAll(/\{\w+\}/g, 'x'), {
      method: method.toUpperCase(),
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      ...(method === 'get' ? {} : { body: '{}' }),
    });
  const { rows } = await log.find({ limit: 100 });
  assert.deepEqual(
    rows.map(({ action, object, project }) => [action, object, project]).toReversed(),
    asked.map(({ operationId, [PERMISSION_EXTENSION]: permission }) => [
      ENTERED[permission],
      operationId,
      'default',
    ]),
  );
});
