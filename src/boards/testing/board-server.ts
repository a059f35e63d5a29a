import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { createAuditLog } from '../../access/audit.ts';
import { newId } from '../../access/random-id.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { ApiError } from '../../event/errors.ts';
import { startTestServer } from '../../http/testing/test-server.ts';
import { MetricStore } from '../../metrics/store.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { takeStanding } from '../../query/freshness.ts';
import { noPropertyColumns } from '../../query/ports.ts';
import { createQueryService, type QueryService } from '../../query/service.ts';
import { loadedUpTo, type Row, type TestWarehouse } from '../../query/testing/test-warehouse.ts';
import { openBoards, registerSavedRoutes } from '../boards.ts';

/** For tests: the routes of boards over a warehouse, with a clock and a position that are moved by hand. */

/** What a test moves. */
export interface Moving {
  nowMs: number;
  /** Everything before is loaded. */
  next: number;
  /** Sees the parameters of each statement before it is read, and what ends it. */
  beforeRead: (
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ) => Promise<void> | void;
}

/** An answer. */
export interface Answered<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly json: T;
}

const REQUEST_TIMEOUT_MS = 120_000;

/** Opens what is saved in a catalogue, over the rows of one project of a warehouse. */
export const openTestBoards = (bench: TestWarehouse, catalog: Catalog, moving: Moving, rowsOf: string) => {
  const clock = { nowMs: () => moving.nowMs, monotonicMs: () => performance.now() };
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, clock, telemetry });
  const warehouse = {
    ...bench.warehouse,
    query: async <Read>(...[sql, params, options]: Parameters<typeof bench.warehouse.query>) => {
      await moving.beforeRead(params ?? {}, options?.signal);
      return bench.warehouse.query<Read>(sql, params, options);
    },
  };
  const progress = () => loadedUpTo(moving.next);
  const metrics = new MetricStore({ catalog, audit, clock });
  const whole = createQueryService({
    ...{ warehouse, progress, clock, telemetry, cacheBytesMax: 1_000_000 },
    ...{ pending: { of: () => [] }, columns: noPropertyColumns, metrics },
  });
  // Every test has rows of its own, though the project of all is called the same.
  const service: Pick<QueryService, 'query' | 'check'> = {
    query: (_, ...asked) => whole.query(rowsOf, ...asked),
    check: (_, ...asked) => whole.check(rowsOf, ...asked),
  };
  const standing = () => takeStanding(progress(), [], moving.nowMs);
  return { audit, metrics, boards: openBoards({ catalog, audit, service, standing, clock, telemetry }) };
};

/** A server with the routes, and a key that administers. */
export const serveBoards = async (t: TestContext, bench: TestWarehouse, nowMs: number) => {
  const moving: Moving = { nowMs, next: Number.MAX_SAFE_INTEGER, beforeRead: () => undefined };
  const catalog = await openCatalog(':memory:');
  const project = newId('project');
  const { boards, metrics } = openTestBoards(bench, catalog, moving, project);
  t.after(async () => {
    await boards.close();
    await catalog.close();
  });
  const server = await startTestServer(t, { routes: (app) => registerSavedRoutes(app, boards) });
  const send = async <T>(
    method: string,
    path: string,
    body?: unknown,
    token: string = server.credentials.admin_key,
    signal?: AbortSignal,
  ): Promise<Answered<T>> => {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.any([
        AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        ...(signal === undefined ? [] : [signal]),
      ]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, json: (isJson ? JSON.parse(text) : text) as T };
  };
  /** The answer to what must succeed. */
  const done = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, json } = await send<T>(method, path, body);
    assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  };
  /** What must be refused, as `status code message`. */
  const refused = async (method: string, path: string, body?: unknown, token?: string): Promise<string> => {
    const { status, json } = await send<{ error?: { code: string; message: string } }>(
      method,
      path,
      body,
      token,
    );
    return `${status} ${json.error?.code ?? ''} ${json.error?.message ?? ''}`;
  };
  return { server, catalog, boards, moving, send, done, refused, project, metrics };
};

/** "Now" of the tests. */
export const NOW_MS = Date.UTC(2026, 10, 20, 12);
export const HOUR_MS = 3_600_000;

/** A purchase, an hour ago. */
export const purchase = (project: string, id: string, more: Row = {}): Row => ({
  ...{ project, id, type: 'purchase', user_id: `user-${id}`, country: 'DE', properties: '{"plan":"pro"}' },
  ...{ time: NOW_MS - HOUR_MS, received_at: NOW_MS - HOUR_MS },
  ...more,
});

/** A page of the documentation, and the bodies that its examples send. */
export const readPage = (name: string): { readonly page: string; readonly bodies: readonly unknown[] } => {
  const page = readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');
  const bodies = [...page.matchAll(/-d '(\{.*\})'$/gmu)].map(([, body = '']): unknown => JSON.parse(body));
  return { page, bodies };
};

/** Whether an error is an ApiError of a code whose message matches. */
export const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
  return true;
};
