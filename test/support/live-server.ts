import type { TestContext } from 'node:test';
import { createAuditLog } from '../../src/access/audit.ts';
import { PLATFORM } from '../../src/access/audit-entry.ts';
import { type KeyRing, openKeyRing } from '../../src/access/keys.ts';
import { sessionCookie } from '../../src/access/session-cookie.ts';
import { createSessions } from '../../src/access/sessions.ts';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { createCollector } from '../../src/collect/collector.ts';
import { emptyBlock } from '../../src/event/blocks.ts';
import { LEDGER, RECORDS, REFUSED } from '../../src/event/columns.ts';
import { DEFAULT_LIMITS } from '../../src/event/limits.ts';
import { encodeGovernedRecord } from '../../src/event/record.ts';
import { createApp } from '../../src/http/app.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { createSessionDoor } from '../../src/http/session-door.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { quietTelemetry, type Telemetry } from '../../src/lib/telemetry.ts';
import type { CensusLimits } from '../../src/live/census.ts';
import { Live } from '../../src/live/live.ts';
import { registerLiveRoutes } from '../../src/live/routes.ts';
import type { LogWriter } from '../../src/log/log.ts';
import { createMemoryLog, createMemoryTopic } from '../../src/log/memory/memory-log.ts';
import { eventsOf, type TestEvent } from '../../src/process/testing/events.ts';
import type { QueryService } from '../../src/query/service.ts';
import { HandTimers } from './hand-timers.ts';

/** Live streams on a real socket and a log in memory, with timers that the test lets go off. */

const MEBIBYTE = 1024 * 1024;
/** What browsers see, in front of the server. */
export const PUBLIC_URL = 'https://events.example.com';

/** What a test may choose. */
export interface LiveServerOptions {
  readonly limits?: CensusLimits;
  readonly query?: QueryService['query'];
}

/** A running server. */
export interface LiveServer {
  readonly url: string;
  readonly port: number;
  readonly live: Live;
  readonly keys: KeyRing;
  readonly timers: HandTimers;
  /** A key that may read and send. */
  readonly adminKey: string;
  /** One record of decided events, durable when this resolves. */
  decide(events: readonly TestEvent[]): Promise<void>;
  /** Removes what is before a position. */
  trim(before: number): Promise<void>;
  /** A cookie of somebody who is signed in. */
  signIn(): Promise<string>;
  /** The sum of a counter or gauge, over the series whose labels have this value if one is given. */
  count(name: string, label?: string): number;
}

const openAccess = async (t: TestContext, telemetry: Telemetry) => {
  const clock = systemClock;
  const catalog = await openCatalog(':memory:');
  await catalog.db.insertInto('projects').values({ id: 'default', name: 'Default', created_at: 1 }).execute();
  const audit = createAuditLog({ catalog, clock, telemetry });
  const keys = await openKeyRing({ catalog, audit, clock, telemetry });
  t.after(async () => {
    await keys.close();
    await catalog.close();
  });
  const isActiveKey = (id: string): boolean => keys.isActive(id);
  const sessions = createSessions({ catalog, clock, isActiveKey });
  const collector = createCollector({
    ...{ log: createMemoryLog({ clock }), clock, telemetry, isActiveKey, limits: DEFAULT_LIMITS },
    ...{ staleLimitMs: 86_400_000, futureLimitMs: 600_000, commitIntervalMs: 2 },
    queueBytesMax: 64 * MEBIBYTE,
  });
  return { keys, sessions, collector };
};

const noQuery: QueryService['query'] = () => Promise.reject(new Error('no warehouse in this test'));

/** Writes to the governed topic and tells the live part. */
const governed = (writer: LogWriter, live: Live, loaded: { next: number }) => ({
  async decide(events: readonly TestEvent[]): Promise<void> {
    const rest = { refused: emptyBlock(REFUSED), ledger: emptyBlock(LEDGER), records: emptyBlock(RECORDS) };
    const payload = encodeGovernedRecord({ events: eventsOf(events), ...rest });
    const position = await writer.append({ rows: events.length }, payload);
    loaded.next = position + 1;
    live.progressed(progressOf(loaded));
  },
  trim: async (before: number): Promise<void> => {
    await writer.trim(before);
  },
});

const progressOf = ({ next }: { readonly next: number }) => ({
  ...{ rawDecided: next, rawLoaded: next, governedNext: next, governedLoaded: next },
});

/** Starts a server that ends with the test. */
export const startLiveServer = async (
  t: TestContext,
  options: LiveServerOptions = {},
): Promise<LiveServer> => {
  const telemetry = quietTelemetry();
  const { keys, sessions, collector } = await openAccess(t, telemetry);
  const topic = createMemoryTopic({ clock: systemClock });
  const timers = new HandTimers();
  const loaded = { next: 0 };
  const door = createSessionDoor({ sessions, telemetry, publicUrl: PUBLIC_URL });
  const phase = () => 'ready' as const;
  const around = { authenticator: keys, door, clock: systemClock, telemetry, phase };
  const live = new Live({
    ...{ ...around, collector, timers, eventBytesMax: MEBIBYTE, ...options },
    service: { query: options.query ?? noQuery },
    openGoverned: () => topic.openReader(),
    progress: () => progressOf(loaded),
  });
  const app = createApp(around);
  registerLiveRoutes(app, live);
  const server = createHttpServer({
    ...{ ...around, collector, fetch: app.fetch, host: '127.0.0.1', port: 0, bodyBytesMax: MEBIBYTE },
    upgrade: (request, socket, head) => live.upgrade(request, socket, head),
  });
  t.after(async () => {
    await live.close(200);
    await server.close(100);
    await collector.close();
  });
  const { port } = await server.listen();
  const { key } = await keys.create({ project: 'default', scopes: ['admin'], name: 'tests', by: PLATFORM });
  return {
    ...{ url: `http://127.0.0.1:${port}`, port, live, keys, timers, adminKey: key },
    ...governed(await topic.openWriter(), live, loaded),
    async signIn() {
      const { token } = await sessions.createToken();
      const opened = await sessions.redeem(token);
      return sessionCookie(opened?.secret ?? '', { secure: false, maxAgeSeconds: 60 }).split(';')[0] ?? '';
    },
    count: (name, label) =>
      telemetry
        .snapshot()
        .filter(
          (each) => each.name === name && (label === undefined || Object.values(each.labels).includes(label)),
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
};
