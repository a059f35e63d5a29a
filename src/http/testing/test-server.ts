import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { createAuditLog } from '../../access/audit.ts';
import { type Auditing, AuditReads } from '../../access/audit-reads.ts';
import { type Credentials, ensureCredentials } from '../../access/credentials.ts';
import { type KeyRing, openKeyRing } from '../../access/keys.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { type Collector, type CollectorOptions, createCollector } from '../../collect/collector.ts';
import { DEFAULT_LIMITS } from '../../event/limits.ts';
import { decodeRawRecord, type RawRecord } from '../../event/record.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { Telemetry } from '../../lib/telemetry.ts';
import type { LogWriter } from '../../log/log.ts';
import { createMemoryLog } from '../../log/memory/memory-log.ts';
import { HealthRegistry } from '../../observe/health.ts';
import { createMetricsView, type MetricsView } from '../../observe/metrics.ts';
import { createProcessMetrics } from '../../observe/process-metrics.ts';
import { type App, createApp } from '../app.ts';
import { registerAuditRoutes } from '../audit-routes.ts';
import { registerKeyRoutes } from '../key-routes.ts';
import { registerOperationsRoutes } from '../operations-routes.ts';
import type { Phase } from '../phase.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../server.ts';

/** For tests: the whole way in, from a socket to a log, on a free port. */

const MEBIBYTE = 1024 * 1024;

export interface TestServerOptions {
  readonly log?: LogWriter;
  readonly clock?: Clock;
  readonly collector?: Partial<CollectorOptions>;
  readonly http?: Partial<Pick<HttpServerOptions, 'bodyBytesMax' | 'limits' | 'host' | 'port' | 'imports'>>;
  readonly routes?: (app: App) => void;
}

export interface LogLine {
  readonly level: string;
  readonly name: string;
  readonly message: string;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly keys: KeyRing;
  readonly credentials: Credentials;
  readonly collector: Collector;
  readonly health: HealthRegistry;
  readonly metrics: MetricsView;
  readonly log: LogWriter;
  readonly lines: LogLine[];
  readonly server: HttpServer;
  phase: Phase;
  /** Sends a request with the write key unless the headers say otherwise. */
  post(
    path: string,
    body: NonNullable<RequestInit['body']>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  get(path: string, key?: string): Promise<Response>;
  /** Makes the catalog take no changes, or take them again. */
  readOnly(isReadOnly: boolean): Promise<void>;
  addProject(id: string): Promise<void>;
  /** Everything in the raw log. */
  records(): Promise<RawRecord[]>;
}

/** Starts a server that is stopped when the test ends. */
export const startTestServer = async (
  t: TestContext,
  options: TestServerOptions = {},
): Promise<TestServer> => {
  const clock = options.clock ?? systemClock;
  const lines: LogLine[] = [];
  const telemetry = new Telemetry((level, name, message) => void lines.push({ level, name, message }));
  const { keys, credentials, catalog, audit } = await openKeys(t, clock, telemetry);
  const log = options.log ?? createMemoryLog({ clock });
  const state: { phase: Phase } = { phase: 'ready' };
  const phase = (): Phase => state.phase;
  const health = new HealthRegistry(phase);
  const isActiveKey = (id: string): boolean => keys.isActive(id);
  const own = { log, clock, telemetry, isActiveKey };
  const collector = createCollector({ ...COLLECTOR_DEFAULTS, ...own, ...options.collector });
  const metrics = openMetrics(t, telemetry);
  const app = createApp({ authenticator: keys, audit, clock, telemetry, phase });
  registerOperationsRoutes(app, {
    ...{ health, metrics, clock },
    system: () => ({ version: '0', node: '0', platform: 'test', started_at: '', configuration: [] }),
  });
  registerKeyRoutes(app, { keys });
  registerAuditRoutes(app, audit);
  options.routes?.(app);
  const parts = {
    collector,
    reads: audit.reads,
    authenticator: keys,
    fetch: app.fetch,
    clock,
    telemetry,
    phase,
  };
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    bodyBytesMax: 20 * MEBIBYTE,
    ...parts,
    ...options.http,
  });
  t.after(async () => {
    await server.close(100);
    await collector.close();
  });
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, port, keys, credentials, collector, health, metrics, log, lines, server },
    ...clientOf(url, credentials),
    get phase() {
      return state.phase;
    },
    set phase(next) {
      state.phase = next;
    },
    records: () => recordsOf(log),
    async readOnly(isReadOnly) {
      await sql`PRAGMA query_only = ${sql.raw(isReadOnly ? 'ON' : 'OFF')}`.execute(catalog.db);
    },
    async addProject(id) {
      await catalog.db.insertInto('projects').values({ id, name: id, created_at: 1 }).execute();
    },
  };
};

const COLLECTOR_DEFAULTS = {
  limits: DEFAULT_LIMITS,
  staleLimitMs: 24 * 3_600_000,
  futureLimitMs: 600_000,
  commitIntervalMs: 2,
  queueBytesMax: 64 * MEBIBYTE,
} as const;

const clientOf = (url: string, credentials: Credentials): Pick<TestServer, 'post' | 'get'> => {
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const defaults = { 'content-type': 'application/json', ...bearer(credentials.write_key) };
  return {
    post: (path, body, headers = {}) =>
      fetch(url + path, { method: 'POST', body, headers: { ...defaults, ...headers } }),
    get: (path, key) => fetch(url + path, key === undefined ? {} : { headers: bearer(key) }),
  };
};

const openMetrics = (t: TestContext, telemetry: Telemetry): MetricsView => {
  const processMetrics = createProcessMetrics();
  t.after(() => processMetrics.close());
  return createMetricsView(telemetry, processMetrics);
};

const openKeys = async (
  t: TestContext,
  clock: Clock,
  telemetry: Telemetry,
): Promise<{ keys: KeyRing; credentials: Credentials; catalog: Catalog; audit: Auditing }> => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-http-'));
  const catalog = await openCatalog(':memory:');
  const log = createAuditLog({ catalog, clock, telemetry });
  const reads = new AuditReads({ audit: log, telemetry });
  const keys = await openKeyRing({ catalog, audit: log, clock, telemetry });
  t.after(async () => {
    await reads.close();
    await keys.close();
    await catalog.close();
    await rm(dir, { recursive: true, force: true });
  });
  const credentials = await ensureCredentials({
    catalog,
    keys,
    clock,
    path: join(dir, 'credentials.json'),
    presets: {},
  });
  if (credentials === undefined) throw new Error('no credentials');
  return { keys, credentials, catalog, audit: { log, reads } };
};

const recordsOf = async (log: LogWriter): Promise<RawRecord[]> => {
  const { first } = await log.extent();
  const { records } = await log.read(first, Number.MAX_SAFE_INTEGER);
  return records.map(({ payload }) => decodeRawRecord(Uint8Array.from(payload)));
};

/** Sends bytes over a raw socket, part by part with pauses, and returns everything that comes back until the server closes or `untilMs` is over. */
export const rawExchange = (
  port: number,
  parts: readonly (string | Uint8Array)[],
  { pauseMs = 0, untilMs = 120_000 } = {},
): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const chunks: Buffer[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const timer = setTimeout(finish, untilMs);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', finish).on('close', finish);
    socket.on('connect', () => void sendParts(socket, parts, pauseMs));
  });

const sendParts = async (
  socket: Socket,
  parts: readonly (string | Uint8Array)[],
  pauseMs: number,
): Promise<void> => {
  for (const part of parts) {
    if (socket.destroyed) return;
    socket.write(part);
    await new Promise((next) => setTimeout(next, pauseMs));
  }
};
