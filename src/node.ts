/**
 * The composition root: the only file that knows every adapter. It starts the parts in order, tells them of each other, watches over them, and stops them in reverse.
 * Importing it starts nothing.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAuditLog } from './access/audit.ts';
import { AuditChainError, keepAuditSmall } from './access/audit-archive.ts';
import { PLATFORM } from './access/audit-entry.ts';
import { type Auditing, AuditReads } from './access/audit-reads.ts';
import { AccessChanges } from './access/access-changes.ts';
import { createActorRights } from './access/actor-rights.ts';
import { type Credentials, ensureCredentials } from './access/credentials.ts';
import { keyIdOf } from './access/key-format.ts';
import { type KeyRing, openKeyRing } from './access/keys.ts';
import { createPeople, type People } from './access/people.ts';
import { createProjects } from './access/projects.ts';
import { ProjectRemovals } from './access/removals.ts';
import { ADDRESS_SETTING, createSessions, type Sessions, signInUrl } from './access/sessions.ts';
import { type Catalog, openCatalog } from './catalog/catalog.ts';
import { type Boards, type BoardsOptions, openBoards, registerSavedRoutes } from './boards/boards.ts';
import { registerCohortRoutes } from './cohorts/routes.ts';
import { CohortStore } from './cohorts/store.ts';
import { writeSetting } from './catalog/settings.ts';
import { type Collector, createCollector } from './collect/collector.ts';
import type { RateLimit } from './collect/rate-limit.ts';
import { type DataLayout, dataLayout } from './config/data-layout.ts';
import { shownConfiguration } from './config/shown.ts';
import type { Config } from './config/options.ts';
import { Doctor } from './doctor/doctor.ts';
import { registerDoctorRoutes } from './doctor/routes.ts';
import type { RunningContext } from './doctor/running-checks.ts';
import { DEMO_PROJECT } from './contract/demo-limits.ts';
import { createDemo, type Demo, USUAL_DEMO } from './demo/demo.ts';
import { registerDemoRoutes } from './demo/routes.ts';
import { registerDescriptionRoutes } from './descriptions/routes.ts';
import { DescriptionStore } from './descriptions/store.ts';
import type { EventLimits } from './event/limits.ts';
import { Exporter } from './export/exporter.ts';
import { ProjectFiles } from './lib/project-files.ts';
import { PRIVATE_FILE_MODE } from './lib/atomic-file.ts';
import type { BodyOptions, SavedQuestions } from './export/body.ts';
import { registerExportRoutes } from './export/routes.ts';
import { ExportStore } from './export/store.ts';
import { type App, createApp } from './http/app.ts';
import { registerAuditRoutes } from './http/audit-routes.ts';
import { registerKeyRoutes } from './http/key-routes.ts';
import { registerMeRoutes } from './http/me-routes.ts';
import { registerMemberRoutes } from './http/member-routes.ts';
import { type OperationsOptions, registerOperationsRoutes } from './http/operations-routes.ts';
import { readPageFiles } from './http/page-files.ts';
import { createPages } from './http/pages.ts';
import type { Phase } from './http/phase.ts';
import { registerProjectRoutes } from './http/project-routes.ts';
import { registerReferenceRoutes } from './http/reference-routes.ts';
import { createHttpServer } from './http/server.ts';
import { createSessionDoor, type SessionDoor } from './http/session-door.ts';
import { registerSessionRoutes } from './http/session-routes.ts';
import { ImportBook } from './import/import-book.ts';
import { createImportState } from './import/import-state.ts';
import { registerImportRoutes } from './import/routes.ts';
import { hostFacts } from './lib/host.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { lockDirectory } from './lib/dir-lock.ts';
import { Duties } from './lib/duties.ts';
import { countBuffersAsHeap } from './lib/external-memory.ts';
import { StartError } from './lib/start-error.ts';
import { defineEvent, type LogSink, observe, Telemetry } from './lib/telemetry.ts';
import type { GovernedReader } from './live/governed-source.ts';
import { Live } from './live/live.ts';
import { registerLiveRoutes } from './live/routes.ts';
import type { LogWriter } from './log/log.ts';
import { openSegmentReader, openSegmentWriter } from './log/segment/segment-log.ts';
import { openMetricRollups } from './metrics/rollups.ts';
import { registerMetricRoutes } from './metrics/routes.ts';
import { MetricStore } from './metrics/store.ts';
import { HealthRegistry } from './observe/health.ts';
import { createLogSink } from './observe/log-sink.ts';
import { createMetricsView, type MetricsView } from './observe/metrics.ts';
import { DISK_FREE, LOADING_BEHIND, LOG_BYTES, RECENT_USERS } from './observe/platform-metrics.ts';
import { createProcessMetrics } from './observe/process-metrics.ts';
import type { ConfigurationSnapshot, Progress } from './process/messages.ts';
import type { ProcessOptions, WarehouseOptions } from './process/options.ts';
import { PendingCounts } from './process/pending.ts';
import { RecentUsers } from './process/recent-users.ts';
import { type ProcessorHandle, type ProcessorState, startProcessor } from './process/supervise.ts';
import { createLedgerCheck, type LedgerVerdict } from './query/ledger-check.ts';
import { createPendingLookup } from './query/pending-lookup.ts';
import { JobStore } from './query/job-store.ts';
import { QueryJobs, type QueryJobsOptions } from './query/jobs.ts';
import { registerQueryRoutes } from './query/routes.ts';
import { RunningQueries } from './query/running.ts';
import { registerRunningRoutes } from './query/running-routes.ts';
import { windowMetrics } from './query/window-metrics.ts';
import { takeStanding } from './query/freshness.ts';
import { followQueries } from './query/followed.ts';
import { createQueryService, type QueryService } from './query/service.ts';
import { WEB_FILLING } from './query/web-fill.ts';
import { registerSqlRoutes } from './sql/routes.ts';
import { createSqlService } from './sql/service.ts';
import { createWarehouse, type Warehouse } from './warehouse/client.ts';
import { deleteProjectRows } from './warehouse/delete-project.ts';
import type { Derived } from './warehouse/derived.ts';
import { type DerivedTables, openDerivedTables } from './warehouse/derived-tables.ts';
import { startEngine } from './warehouse/engine/supervise.ts';
import { failingMutations, measureWarehouse, warehouseHealth } from './warehouse/health.ts';
import { migrate } from './warehouse/migrations.ts';
import { openPromotions } from './warehouse/promotion.ts';
import { makeQuestionViews } from './warehouse/question-views.ts';
import { ROLLUP_15M } from './warehouse/rollup-15m.ts';
import { clickHouseStatements, engineStatements, type ListStatements } from './warehouse/statements.ts';
import { createSqlLane, type SqlLane } from './warehouse/sql-lane.ts';
import { windowsHealth } from './window/health.ts';
import { USER_ORDER } from './warehouse/user-order.ts';
import { openWebSessions } from './warehouse/web-sessions.ts';

/** Database of ours within the warehouse. */
const DATABASE = 'aevum';
const RAW_TOPIC = 'raw';
/** Built at set-up. */
const DASHBOARD_DIR = fileURLToPath(new URL('../dashboard/dist', import.meta.url));
const GOVERNED_TOPIC = 'governed';
const KAFKA_PREFIX = 'aevum-';
/** The first start of an engine on a cold disk takes seconds; more is a fault. */
const ENGINE_READY_MS = 60_000;
/** Requests under way may take so long to finish when stopping. */
const CLOSE_GRACE_MS = 1_500;
const WATCH_EVERY_MS = 2_000;
/** Parts and memory for the metrics: as often as Prometheus asks by default. */
const MEASURE_EVERY_MS = 15_000;
const MEASURE_FIRST_MS = 2_000;
/** Old entries are moved in thousands: there are not that many in minutes. */
const AUDIT_KEEP_EVERY_MS = 600_000;
const AUDIT_KEEP_FIRST_MS = 30_000;
/** How often exports are looked for that are due. */
const EXPORTS_EVERY_MS = 2_000;
/** Whoever runs the server reads them with the rights of a group. */
const EXPORT_FILE_MODE = 0o640;
/** Answers to questions that are answered later are kept for minutes. */
const FORGET_EVERY_MS = 60_000;
/** An export waits so long for what was received before it and is not loaded. */
const EXPORT_SETTLE_MS = 5_000;
const LEDGER_CHECK_EVERY_MS = 60_000;
const LEDGER_CHECK_FIRST_MS = 15_000;
/** How often a removal looks whether what was sent before it is in the warehouse. */
const REMOVAL_LOOK_MS = 50;
const SETTLE_POLL_MS = 20;
/** A project that is removed takes its metrics along: the processor hears of it within this time. */
const METRICS_TOLD_EVERY_MS = 30_000;
/** A burst that is not configured is worth so much of the rate. */
const BURST_SECONDS = 10;
/** Below this much free disk health is yellow. */
const DISK_LOW_BYTES = 2 * 1024 ** 3;
/** With less than this not even the catalog can be opened. */
const DISK_START_BYTES_MIN = 128 * 1024;
/** A log that was full has room again when so much more can be written. */
const LOG_ROOM_BYTES = 16 * 1024 ** 2;

const DUTY_FAILED = defineEvent<{ readonly duty: string; readonly error: unknown }>({
  name: 'duty_failed',
  level: 'warn',
  message: ({ duty, error }) =>
    `In the background, ${duty} failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_duties_failed_total',
      help: 'Background work that failed, by kind.',
      labels: ({ duty }) => ({ duty }),
    },
  ],
});

/** What is told of starting, and what a test may replace. */
export interface NodeIo {
  /** Called with the name of each step as it begins. */
  onProgress(step: string): void;
  readonly clock?: Clock;
}

/** A running platform. */
export interface RunningNode {
  /** Where it listens. */
  readonly url: string;
  /** Signs in whoever opens it: once, for ten minutes. */
  readonly signInUrl: string;
  readonly credentials: { readonly writeKey?: string | undefined; readonly adminKey?: string | undefined };
  /** Takes in no more, finishes what is under way, closes everything. Calling it twice does no harm. */
  stop(): Promise<void>;
}

/**
 * Starts the platform and resolves when it is ready. Rejects with an error whose message says what to do, having stopped what was started.
 *
 * @example
 * const node = await startNode(loadConfig(sources), { onProgress: (step) => console.error(step) });
 */
export const startNode = async (config: Config, io: NodeIo): Promise<RunningNode> => {
  countBuffersAsHeap();
  const closers = new AsyncDisposableStack();
  try {
    const running = await assemble(config, io, closers);
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopping ??= closers.disposeAsync());
    return { ...running, stop };
  } catch (error) {
    await closers.disposeAsync();
    throw error;
  }
};

/** What every part gets. */
interface Surroundings {
  readonly config: Config;
  readonly layout: DataLayout;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly telemetry: Telemetry;
  readonly health: HealthRegistry;
  readonly metrics: MetricsView;
  readonly closers: AsyncDisposableStack;
  readonly duties: Duties;
  phase: Phase;
}

const assemble = async (
  config: Config,
  io: NodeIo,
  closers: AsyncDisposableStack,
): Promise<Omit<RunningNode, 'stop'>> => {
  const around = prepare(config, io.clock ?? systemClock, closers);
  io.onProgress('Opening the catalog');
  const { catalog, audit, keys, sessions, credentials, ...access } = await openAccess(around);
  io.onProgress(config.warehouse === 'embedded' ? 'Starting the engine' : 'Connecting to the warehouse');
  const warehouse = await openWarehouse(around);
  io.onProgress('Opening the log');
  const metrics = new MetricStore({ catalog, audit: audit.log, clock: around.clock });
  const raw = await openRaw(around);
  const processing = await openProcessing(around, { catalog, metrics }, raw, warehouse.options);
  const collector = openCollector(around, keys, raw, processing);
  const derived = openDerived(around, warehouse.client, processing);
  const exportFiles = new ProjectFiles(config.exportsDir ?? around.layout.exports, EXPORT_FILE_MODE);
  const answerFiles = new ProjectFiles(around.layout.answers, PRIVATE_FILE_MODE);
  io.onProgress('Opening the doors');
  const { url, demo } = await openDoors(around, {
    keys,
    sessions,
    credentials,
    audit,
    ...access,
    catalog,
    metrics,
    descriptions: new DescriptionStore({ catalog, audit: audit.log, clock: around.clock }),
    raw,
    collector,
    removals: await openRemovals(around, catalog, keys, warehouse.client, {
      ...{ raw, collector, derived, files: [exportFiles, answerFiles] },
      ...processing,
    }),
    derived,
    exportFiles,
    answerFiles,
    warehouse: warehouse.client,
    sqlLane: warehouse.sqlLane,
    statements: warehouse.statements,
    ...processing,
  });
  // Last, so that it ends first: nothing may look at parts that are being closed.
  closers.defer(() => around.duties.stop());
  const address = config.publicUrl ?? url;
  // For `aevum login`, which runs beside.
  await writeSetting(catalog, ADDRESS_SETTING, address, around.clock.nowMs());
  const { token } = await sessions.createToken();
  around.phase = 'ready';
  await (config.demo ? demo.start(USUAL_DEMO, PLATFORM) : demo.resume());
  return {
    url,
    signInUrl: signInUrl(address, token, config.demo ? DEMO_PROJECT : undefined),
    credentials: { writeKey: credentials?.write_key, adminKey: credentials?.admin_key },
  };
};

const prepare = (config: Config, clock: Clock, closers: AsyncDisposableStack): Surroundings => {
  const layout = dataLayout(config.dataDir);
  const lock = lockDirectory(layout.root, 'the data folder of a running Aevum');
  closers.defer(() => lock.release());
  refuseFullDisk(layout);
  const { logLevel: level, logFormat: format } = config;
  const log = createLogSink({ level, format, stream: process.stderr });
  const telemetry = new Telemetry(log);
  const ownProcess = createProcessMetrics();
  closers.defer(() => ownProcess.close());
  const duties = new Duties();
  const around: Surroundings = {
    config,
    duties,
    log,
    layout,
    clock,
    telemetry,
    closers,
    metrics: createMetricsView(telemetry, ownProcess),
    health: new HealthRegistry(() => around.phase),
    phase: 'starting',
  };
  watch(around, 'the check of the disk', () => watchDisk(around));
  return around;
};

const refuseFullDisk = ({ root }: DataLayout): void => {
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize >= DISK_START_BYTES_MIN) return;
  throw new StartError(
    `the disk of ${root} is full. Free some space and start again; nothing that was acknowledged is lost.`,
  );
};

interface Access {
  readonly catalog: Catalog;
  readonly audit: Auditing;
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  readonly credentials: Credentials | undefined;
  readonly people: People;
  readonly changes: AccessChanges;
}

const openAccess = async (around: Surroundings): Promise<Access> => {
  const { config, layout, clock, telemetry, closers } = around;
  const catalog = await openCatalog(layout.catalog);
  closers.defer(() => catalog.close());
  const audit = openAudit(around, catalog);
  const changes = new AccessChanges();
  const onChange = (): void => changes.tell();
  const keys = await openKeyRing({ catalog, audit: audit.log, clock, telemetry, onChange });
  closers.defer(() => keys.close());
  const presets = { write: config.writeKey, admin: config.adminKey };
  const credentials = await ensureCredentials({ catalog, keys, clock, path: layout.credentials, presets });
  const isActiveKey = (id: string): boolean => keys.isActive(id);
  const sessions = createSessions({ catalog, clock, isActiveKey, onEnd: onChange });
  const people = createPeople({ catalog, audit: audit.log, clock, changes });
  return { catalog, audit, keys, sessions, credentials, people, changes };
};

const openAudit = (around: Surroundings, catalog: Catalog): Auditing => {
  const { config, layout, clock, telemetry, health, duties, closers } = around;
  const onTrouble = (trouble: string | null): void =>
    trouble === null
      ? health.report('audit', 'ok', 'The audit log takes entries.')
      : health.report(
          'audit',
          'failed',
          `The audit log cannot be written (${trouble}), so changes are refused. Events are taken in and queries answered. Make room on the disk, or see that the data folder can be written.`,
        );
  onTrouble(null);
  const log = createAuditLog({ catalog, clock, telemetry, onTrouble });
  const reads = new AuditReads({ audit: log, telemetry });
  closers.defer(() => reads.close());
  watch(around, 'the look whether the audit log takes entries', () => log.probe());
  const keeping = { catalog, audit: log, telemetry, dir: layout.audit, bytesMax: config.auditBytesMax };
  duties.every(
    AUDIT_KEEP_EVERY_MS,
    () => keepAuditSmall(keeping),
    (error) => {
      telemetry.emit(DUTY_FAILED, { duty: 'moving old audit entries', error });
      if (error instanceof AuditChainError) health.report('audit', 'failed', error.message);
    },
    AUDIT_KEEP_FIRST_MS,
  );
  return { log, reads };
};

interface OpenWarehouse {
  readonly client: Warehouse;
  readonly options: WarehouseOptions;
  /** For users' SQL; only the embedded engine has it. */
  readonly sqlLane: SqlLane | undefined;
  /** What the engine does. */
  readonly statements: ListStatements;
}

const openWarehouse = async (around: Surroundings): Promise<OpenWarehouse> => {
  const { config, telemetry, closers } = around;
  const options = config.warehouse === 'embedded' ? await openEngine(around) : addressOf(config.warehouse);
  const { queryTimeoutMs, queryRowsMax } = config;
  const client = createWarehouse({ ...options, telemetry, queryTimeoutMs, queryRowsMax });
  closers.defer(() => client.close());
  await migrate(client).catch((cause: unknown) => {
    throw warehouseRefused(config, options.url, cause);
  });
  if (config.warehouse !== 'embedded')
    return { client, options, sqlLane: undefined, statements: clickHouseStatements(client) };
  await makeQuestionViews(client);
  return { client, options, sqlLane: createSqlLane(options), statements: engineStatements(options) };
};

/** The warehouse was reached for in vain when starting. The address is told without user and password. */
const warehouseRefused = ({ warehouse }: Config, url: string, cause: unknown): StartError => {
  const reason = cause instanceof Error ? cause.message.trim() : String(cause);
  const advice =
    warehouse === 'embedded'
      ? 'Run "aevum doctor" to have it checked.'
      : 'Check that ClickHouse answers there, and the user and password in the option "warehouse".';
  return new StartError(`the warehouse at ${url} cannot be used: ${reason} ${advice}`, { cause });
};

/** Does something now and every two seconds from then on. */
const watch = ({ duties, telemetry }: Surroundings, duty: string, work: () => Promise<void> | void): void =>
  duties.every(WATCH_EVERY_MS, work, (error) => telemetry.emit(DUTY_FAILED, { duty, error }), 0);

const openEngine = async (around: Surroundings): Promise<WarehouseOptions> => {
  const { config, layout, telemetry, health, closers } = around;
  const engine = await startEngine({
    dataDir: layout.warehouse,
    memoryBytesMax: config.warehouseMemoryBytes,
    secret: randomBytes(24).toString('base64url'),
    telemetry,
  }).catch((cause: Error) => {
    const advice = 'Run "aevum doctor" to have it checked.';
    throw new StartError(`the embedded engine does not start: ${cause.message} ${advice}`, { cause });
  });
  closers.defer(() => engine.stop());
  await engine.ready(ENGINE_READY_MS);
  watch(around, 'the look at the engine', () => {
    if (engine.isAnswering) health.report('engine', 'ok', 'The engine answers.');
    else if (engine.state === 'ready')
      health.report(
        'engine',
        'degraded',
        'The engine does not answer at present; if that lasts half a minute it is started anew. Events are taken in; queries and loading wait for it.',
      );
    else
      health.report(
        'engine',
        'degraded',
        'The engine is being started again. Events are taken in; queries and loading wait for it.',
      );
  });
  const { url, username, password, bodiesDir } = engine;
  return { url, username, password, bodiesDir, database: DATABASE };
};

const addressOf = (address: string): WarehouseOptions => {
  const { origin, username, password } = new URL(address);
  return {
    url: origin,
    username: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
    database: DATABASE,
  };
};

/** Loaded only when asked for: everybody would pay for it at every start. */
const kafka = () => import('./log/kafka/kafka-log.ts');

const openRaw = async ({
  config,
  layout,
  clock,
  telemetry,
  health,
  closers,
}: Surroundings): Promise<LogWriter> => {
  const raw =
    config.log === 'kafka'
      ? await (await kafka()).openKafkaWriter({
          brokers: config.kafkaBrokers,
          topic: `${KAFKA_PREFIX}${RAW_TOPIC}`,
          clock,
          bytesMax: config.logBytesMax,
        })
      : await openSegmentWriter({
          dir: layout.log,
          name: RAW_TOPIC,
          clock,
          telemetry,
          segmentBytes: config.logSegmentBytes,
          bytesMax: config.logBytesMax,
        });
  closers.defer(() => raw.close());
  health.report('log', 'ok', 'The log takes writes.');
  return raw;
};

interface Processing {
  readonly processor: ProcessorHandle;
  readonly pending: PendingCounts;
  readonly recentUsers: RecentUsers;
  /** Told whenever the processor has come further. */
  readonly onProgress: Set<(progress: Progress) => void>;
}

const openProcessing = async (
  around: Surroundings,
  stored: Pick<Parts, 'catalog' | 'metrics'>,
  raw: LogWriter,
  warehouse: WarehouseOptions,
): Promise<Processing> => {
  const { health, telemetry, metrics, closers } = around;
  const pending = new PendingCounts();
  const recentUsers = new RecentUsers();
  const onProgress = new Set<(progress: Progress) => void>();
  const processor = startProcessor({
    options: processOptions(around, warehouse),
    configuration: await configurationOf(around, stored),
    telemetry,
    log: around.log,
    onProgress: (progress) => {
      pending.loaded(progress.rawLoaded);
      for (const tell of onProgress) tell(progress);
    },
    onUsers: (users) => recentUsers.take(users),
    onState: (state) => {
      if (state === 'waiting') metrics.ended('processor');
      reportProcessor(health, state);
    },
    onWindows: (states) => {
      const { state, message, detail } = windowsHealth(states);
      health.report('windows', state, message, detail);
    },
    onTrouble: (what) =>
      what === null
        ? health.report('warehouse', 'ok', 'Loading keeps up.')
        : health.report('warehouse', 'degraded', processingWaits(what)),
  });
  closers.defer(() => processor.stop());
  processor.rawDurable((await raw.extent()).next);
  await processor.ready;
  await pending.recover(raw, processor.progress.rawLoaded);
  health.report('warehouse', 'ok', 'Loading keeps up.');
  watch(around, 'the look at the processor', () => metrics.receive('processor', processor.metrics));
  watch(around, 'the look at the log', async () => {
    const { next, bytes } = await raw.extent();
    const behind = Math.max(0, next - processor.progress.rawLoaded);
    observe(telemetry.series(LOADING_BEHIND, {}), behind);
    observe(telemetry.series(LOG_BYTES, {}), bytes);
    observe(telemetry.series(RECENT_USERS, {}), recentUsers.size);
  });
  watch(around, 'giving back space of the log', () => raw.trim(processor.progress.rawLoaded));
  followMetrics(around, stored, processor);
  return { processor, pending, recentUsers, onProgress };
};

/** Tells the processor of metrics whose windows it keeps: when they change, and now and then because a project that is removed takes its metrics along. */
const followMetrics = (
  around: Surroundings,
  stored: Pick<Parts, 'catalog' | 'metrics'>,
  processor: ProcessorHandle,
): void => {
  let told = 0;
  let last: Promise<unknown> = Promise.resolve();
  const tellOnce = async (): Promise<void> => {
    const configuration = await configurationOf(around, stored);
    if (configuration.version === told) return;
    told = configuration.version;
    processor.configure(configuration);
  };
  // One after the other: what is read last is what is told last.
  const tell = (): Promise<void> => {
    const telling = last.then(tellOnce);
    last = telling.catch(() => undefined);
    return telling;
  };
  const onError = (error: unknown): void =>
    around.telemetry.emit(DUTY_FAILED, { duty: 'telling the processor of metrics', error });
  around.duties.every(METRICS_TOLD_EVERY_MS, tell, onError, 0);
  around.closers.defer(stored.metrics.onChange(() => void tell().catch(onError)));
};

const processingWaits = (what: string): string => {
  const advice = /ENOSPC|space left|not enough space/i.test(what) ? ' The disk is full: make room.' : '';
  return `Processing waits and is tried again (${what.replace(/[\s.]+$/, '')}).${advice} Events are taken in as long as the log has room.`;
};

const reportProcessor = (health: HealthRegistry, state: ProcessorState): void =>
  state === 'running' || state === 'stopping'
    ? health.report('processor', 'ok', 'The processor runs.')
    : health.report(
        'processor',
        'degraded',
        'The processor is being started. Events are taken in and wait in the log.',
      );

const processOptions = ({ config, layout }: Surroundings, warehouse: WarehouseOptions): ProcessOptions => ({
  log:
    config.log === 'kafka'
      ? { kind: 'kafka', brokers: config.kafkaBrokers, prefix: KAFKA_PREFIX }
      : { kind: 'segments', dir: layout.log },
  stateDir: layout.state,
  warehouse,
  loadIntervalMs: config.loadIntervalMs,
  governedBytesMax: config.logBytesMax,
  windowsInMemoryMax: config.windowsInMemoryMax,
});

/** The version counts changes of what processing depends on; it is what governed records name. */
const configurationOf = async (
  { config, clock, telemetry }: Surroundings,
  { catalog, metrics }: Pick<Parts, 'catalog' | 'metrics'>,
): Promise<ConfigurationSnapshot> => {
  const uniqueWindowMs = config.staleLimitMs + config.futureLimitMs;
  const windows = windowMetrics(await metrics.all(), telemetry);
  const named = windows.map(({ metric, version }) => `${metric} ${version}`);
  const value = { uniqueWindowMs, ...(named.length === 0 ? {} : { windows: named }) };
  const version = await writeSetting(catalog, 'processing', value, clock.nowMs());
  return { version, uniqueWindowMs, windows };
};

const eventLimitsOf = ({ eventBytesMax, requestEventsMax, depthMax }: Config): EventLimits => ({
  eventBytesMax,
  requestEventsMax,
  depthMax,
});

const openCollector = (
  around: Surroundings,
  keys: KeyRing,
  raw: LogWriter,
  { processor, pending }: Processing,
): Collector => {
  const { config, clock, telemetry, health, closers } = around;
  let isFull = false;
  const collector = createCollector({
    log: raw,
    clock,
    telemetry,
    limits: eventLimitsOf(config),
    staleLimitMs: config.staleLimitMs,
    futureLimitMs: config.futureLimitMs,
    commitIntervalMs: config.commitIntervalMs,
    queueBytesMax: config.queueBytesMax,
    rateLimit: rateLimitOf(config),
    isActiveKey: (id) => keys.isActive(id),
    onDurable(position, received) {
      pending.add(position, received);
      processor.rawDurable(position + 1);
    },
    onTrouble: (trouble) => {
      isFull = trouble?.code === 'log_full';
      if (trouble === null) health.report('log', 'ok', 'The log takes writes.');
      else
        health.report('log', 'failed', `${trouble.message}. ${isFull ? LOG_FULL_ADVICE : LOG_FAILED_ADVICE}`);
    },
  });
  // While the log is full the program is not ready, so that nobody may send what would find out that there is room again.
  watch(around, 'the look for room in the log', async () => {
    if (!isFull || !(await hasRoom(around, raw))) return;
    isFull = false;
    health.report('log', 'degraded', 'The log was full and has room again. The next events will show.');
  });
  closers.defer(() => collector.close());
  return collector;
};

const LOG_FULL_ADVICE =
  'Free disk space or raise the option log-bytes-max; collecting then goes on by itself. Nothing acknowledged is lost.';
const LOG_FAILED_ADVICE =
  'Run "aevum doctor", and restart when the disk is in order. What was acknowledged is safe.';

const hasRoom = async ({ config, layout }: Surroundings, raw: LogWriter): Promise<boolean> => {
  const { bavail, bsize } = await statfs(layout.root);
  const { bytes } = await raw.extent();
  return bavail * bsize >= LOG_ROOM_BYTES && bytes + LOG_ROOM_BYTES <= config.logBytesMax;
};

const rateLimitOf = ({ rateLimitPerSecond, rateLimitBurst }: Config): RateLimit | undefined => {
  if (rateLimitPerSecond === 0) return undefined;
  return {
    perSecond: rateLimitPerSecond,
    burst: rateLimitBurst === 0 ? rateLimitPerSecond * BURST_SECONDS : rateLimitBurst,
  };
};

/** The platform seen from outside. */
interface Doors {
  readonly url: string;
  readonly demo: Demo;
}

interface Parts extends Processing {
  readonly people: People;
  readonly changes: AccessChanges;
  readonly audit: Auditing;
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  readonly credentials: Credentials | undefined;
  readonly catalog: Catalog;
  readonly metrics: MetricStore;
  readonly descriptions: DescriptionStore;
  readonly raw: LogWriter;
  readonly collector: Collector;
  readonly removals: ProjectRemovals;
  readonly derived: Derivation;
  readonly warehouse: Warehouse;
  readonly sqlLane: SqlLane | undefined;
  readonly statements: ListStatements;
  readonly exportFiles: ProjectFiles;
  /** Answers to questions that are answered later. */
  readonly answerFiles: ProjectFiles;
}

/** The program as it runs, for its operator. */
const systemOf = (config: Config, clock: Clock): OperationsOptions['system'] => {
  const started_at = new Date(clock.nowMs()).toISOString();
  return () => ({
    ...{ version: packageVersion(), node: process.versions.node, started_at },
    platform: `${process.platform} ${process.arch}`,
    configuration: shownConfiguration(config, hostFacts()).map(({ isSecret, isDefault, ...shown }) => ({
      ...{ ...shown, secret: isSecret, default: isDefault },
    })),
  });
};

/** What the checks of the page System look at. */
const doctorContext = (
  { config, layout, clock, health, metrics }: Surroundings,
  parts: Parts,
): RunningContext => {
  const { raw, processor, warehouse } = parts;
  return {
    ...{ config, layout, clock, health: () => health.reports() },
    log: {
      bytes: async () => (await raw.extent()).bytes,
      newestMs: async () => (await raw.last())?.appendedAtMs ?? 0,
    },
    loading: {
      waiting: async () => Math.max(0, (await raw.extent()).next - processor.progress.rawLoaded),
      settled: (timeoutMs) => settled(parts, timeoutMs),
    },
    engine: {
      version: async () =>
        (await warehouse.query<{ version: string }>('SELECT version() AS version')).rows[0]?.version ?? '',
      // Not behind what changes tables, which may take minutes.
      tables: () => warehouseHealth(warehouse, { class: 'reader' }),
      failing: () => failingMutations(warehouse),
    },
    counted: (metric) =>
      metrics
        .snapshot()
        .filter(({ name }) => name === metric)
        .reduce((sum, { value }) => sum + value, 0),
  };
};

const openDoors = async (around: Surroundings, parts: Parts): Promise<Doors> => {
  const { config, clock, telemetry, closers } = around;
  const phase = (): Phase => around.phase;
  const { sessions, audit } = parts;
  const { publicUrl } = config;
  const door = createSessionDoor({ sessions, telemetry, publicUrl });
  const pages = createPages({
    ...{ files: readPageFiles(DASHBOARD_DIR), sessions, telemetry, publicUrl },
    users: parts.people.users,
  });
  const app = createApp({ authenticator: parts.keys, audit, clock, telemetry, phase, door, pages });
  const imports = openImports(around, app, parts);
  registerDescriptionRoutes(app, parts.descriptions);
  const service = await openQueries(around, app, parts);
  const live = openLive(around, app, parts, service, door);
  const server = createHttpServer({
    host: config.host,
    port: config.port,
    collector: parts.collector,
    authenticator: parts.keys,
    reads: audit.reads,
    imports,
    fetch: app.fetch,
    bodyBytesMax: config.bodyBytesMax,
    clock,
    telemetry,
    phase,
    publicUrl: config.publicUrl,
    upgrade: (request, socket, head) => live.upgrade(request, socket, head),
    eventLimits: eventLimitsOf(config),
  });
  registerOperationsRoutes(app, {
    ...{ health: around.health, metrics: around.metrics, clock },
    system: systemOf(config, clock),
  });
  registerDoctorRoutes(app, new Doctor({ context: doctorContext(around, parts) }));
  registerKeyRoutes(app, { keys: parts.keys });
  const { catalog, keys } = parts;
  registerAuditRoutes(app, audit);
  const projects = createProjects({ catalog, keys, audit: audit.log, clock });
  const { removals } = parts;
  registerProjectRoutes(app, { projects, removals });
  // The address is only known once it listens; the description is made at the first request.
  let url = '';
  const address = (): string => publicUrl ?? url;
  const demo = createDemo({
    ...{ catalog, audit: audit.log, keys, projects, removals, clock, telemetry },
    limits: { eventsMax: config.requestEventsMax, bytesMax: config.bodyBytesMax },
    url: () => url,
  });
  await demo.recall();
  registerDemoRoutes(app, demo);
  registerReferenceRoutes(app, {
    version: packageVersion(),
    get publicUrl() {
      return address();
    },
  });
  registerPeopleRoutes(around, app, parts, door, address);
  const { host, port } = await server.listen();
  url = urlOf(host, port);
  closers.defer(() => {
    around.phase = 'stopping';
    return Promise.all([live.close(CLOSE_GRACE_MS), server.close(CLOSE_GRACE_MS)]).then(() => undefined);
  });
  closers.defer(() => demo.close());
  return { url, demo };
};

/** What is about those who sign in. */
const registerPeopleRoutes = (
  { config, telemetry }: Surroundings,
  app: App,
  parts: Parts,
  door: SessionDoor,
  address: () => string,
): void => {
  const { sessions, people, keys } = parts;
  const { publicUrl } = config;
  const writeKeyOf = (project: string): string | null => knownWriteKey(parts, project);
  registerSessionRoutes(app, {
    ...{ sessions, door, telemetry, publicUrl, address, writeKeyOf, ...people },
    authenticator: keys,
  });
  registerMeRoutes(app, { sessions, ...people });
  registerMemberRoutes(app, { address, ...people });
};

const openLive = (
  around: Surroundings,
  app: App,
  parts: Parts,
  service: QueryService,
  door: SessionDoor,
): Live => {
  const { config, clock, telemetry, closers } = around;
  const { keys, collector, processor, onProgress } = parts;
  const live = new Live({
    ...{ authenticator: keys, reads: parts.audit.reads, door, collector, service, clock, telemetry },
    openGoverned: () => openGoverned(around),
    progress: () => processor.progress,
    eventBytesMax: config.eventBytesMax,
    phase: () => around.phase,
  });
  onProgress.add((progress) => live.progressed(progress));
  parts.changes.onChange(() => live.recheck());
  closers.defer(() => live.close(CLOSE_GRACE_MS));
  registerLiveRoutes(app, live);
  return live;
};

/** A reader of what the processor has decided. Of segments it must be told how far it may read, of Kafka it knows. */
const openGoverned = async ({ config, layout, telemetry }: Surroundings): Promise<GovernedReader> =>
  config.log === 'kafka'
    ? (await kafka()).openKafkaReader({
        brokers: config.kafkaBrokers,
        topic: `${KAFKA_PREFIX}${GOVERNED_TOPIC}`,
      })
    : openSegmentReader({ dir: layout.log, name: GOVERNED_TOPIC, telemetry });

/** The first write key of a project, while it stands in the file of credentials and is in force. */
const knownWriteKey = ({ keys, credentials }: Parts, project: string): string | null => {
  if (credentials?.project !== project || !keys.isActive(keyIdOf(credentials.write_key))) return null;
  return credentials.write_key;
};

/** What is saved: insights, boards, share links, annotations. */
const openSaved = (
  { clock, telemetry, closers }: Surroundings,
  app: App,
  { catalog, audit }: Parts,
  answering: Pick<BoardsOptions, 'service' | 'standing' | 'running'>,
): Boards => {
  const boards = openBoards({ ...answering, catalog, audit: audit.log, clock, telemetry });
  closers.defer(() => boards.close());
  registerSavedRoutes(app, boards);
  return boards;
};

/** What is sent as history: how much, and what is there of it. */
const openImports = ({ clock, telemetry, closers }: Surroundings, app: App, parts: Parts): ImportBook => {
  const { catalog, warehouse } = parts;
  const imports = new ImportBook({ catalog, clock, telemetry });
  closers.defer(() => imports.close());
  const settle = (timeoutMs: number): Promise<boolean> => settled(parts, timeoutMs);
  registerImportRoutes(app, createImportState({ warehouse, settle }), imports);
  return imports;
};

/** What is asked, and the routes that show and end it. */
const openRunning = ({ clock, telemetry }: Surroundings, app: App, { statements }: Parts): RunningQueries => {
  const running = new RunningQueries({ clock, telemetry });
  registerRunningRoutes(app, { running, statements, clock });
  return running;
};

const openQueries = async (around: Surroundings, app: App, parts: Parts): Promise<QueryService> => {
  const { config, clock, telemetry, closers } = around;
  const { warehouse, processor, pending, raw, removals } = parts;
  const progress = () => processor.progress;
  const promotions = await openPromotions({
    warehouse,
    clock,
    telemetry,
    budget: config.promotedPropertiesMax,
    enter: (action, key) => parts.audit.log.record({ actor: PLATFORM, action, object: key }),
  });
  closers.defer(() => promotions.close());
  const { metrics } = parts;
  const cohorts = new CohortStore({ catalog: parts.catalog, audit: parts.audit.log, clock });
  const standingOf = (project: string) => takeStanding(progress(), pending.of(project), clock.nowMs());
  const rollups = openMetricRollups({
    ...{ warehouse, tables: parts.derived.tables, clock, telemetry },
    metrics: () => metrics.all(),
  });
  closers.defer(() => rollups.close());
  closers.defer(metrics.onChange(() => rollups.changed()));
  const running = openRunning(around, app, parts);
  const unfollowed = createQueryService({
    ...{ warehouse, progress, pending, columns: promotions, clock, telemetry },
    findPending: createPendingLookup(raw),
    cacheBytesMax: config.queryCacheBytes,
    userOrder: {
      covered: () => parts.derived.userOrder.covered(),
      mayName: (user, from, to) => parts.recentUsers.mayName(user, from, to),
    },
    coarse: parts.derived.rollup15m,
    kept: rollups,
    cohorts,
    descriptions: parts.descriptions,
    metrics,
    staleLimitMs: config.staleLimitMs,
    windowsNext: (metric, version) =>
      parts.processor.windows.find((state) => state.metric === metric && state.version === version)?.next,
  });
  const service = followQueries(unfollowed, running);
  const jobs = await openJobs(around, parts, { service, running });
  registerQueryRoutes(app, { service, jobs, promotions });
  registerMetricRoutes(app, metrics, rollups);
  registerCohortRoutes(app, { cohorts, service, standing: standingOf });
  const boards = openSaved(around, app, parts, { service, standing: standingOf, running });
  const sql = createSqlService({
    ...{ lane: parts.sqlLane, clock, telemetry, running },
    standing: standingOf,
    timeoutMsMax: config.queryTimeoutMs,
    rowsMax: config.queryRowsMax,
  });
  around.closers.defer(() => sql.close());
  registerSqlRoutes(app, sql);
  const questions: SavedQuestions = {
    questionOf: async (project, id) => (await boards.insights.find(project, id))?.content.question,
  };
  await openExports(around, app, parts, { service, sql, questions, standing: standingOf });
  watchLedger(
    around,
    createLedgerCheck({ warehouse, progress, clock, telemetry, removed: () => removals.ids }),
  );
  around.duties.every(
    MEASURE_EVERY_MS,
    () => measureWarehouse(warehouse, telemetry),
    (error) => telemetry.emit(DUTY_FAILED, { duty: 'the look into the warehouse', error }),
    MEASURE_FIRST_MS,
  );
  return service;
};

/** Questions that are answered later. */
const openJobs = async (
  { clock, telemetry, duties, closers }: Surroundings,
  { catalog, answerFiles: files }: Parts,
  asking: Pick<QueryJobsOptions, 'service' | 'running'>,
): Promise<QueryJobs> => {
  const store = new JobStore({ catalog, files });
  const jobs = await QueryJobs.open({ ...asking, store, clock, telemetry });
  closers.defer(() => jobs.close());
  const onError = (error: unknown): void =>
    telemetry.emit(DUTY_FAILED, { duty: 'forgetting answers', error });
  duties.every(FORGET_EVERY_MS, () => jobs.tidy(), onError);
  return jobs;
};

/** Answers that are written to files on a schedule. */
const openExports = async (
  { config, clock, telemetry, health, duties, closers }: Surroundings,
  app: App,
  parts: Parts,
  asking: Omit<BodyOptions, 'rowsMax' | 'service'> & { readonly service: QueryService },
): Promise<void> => {
  const { catalog, keys, audit, exportFiles: files } = parts;
  const store = new ExportStore({ catalog, audit: audit.log, clock });
  const exporter = new Exporter({
    ...{ ...asking, store, files, audit: audit.log, clock, telemetry },
    rowsMax: config.queryRowsMax,
    rights: createActorRights({ catalog, keys }),
    settle: (signal) => settled(parts, EXPORT_SETTLE_MS, signal),
    onTrouble: (count) => reportExports(health, count),
  });
  await exporter.recover();
  closers.defer(() => exporter.close());
  const onError = (error: unknown): void => telemetry.emit(DUTY_FAILED, { duty: 'running exports', error });
  duties.every(EXPORTS_EVERY_MS, () => exporter.tick(), onError);
  registerExportRoutes(app, { ...asking, store, files, exporter, clock });
};

const reportExports = (health: HealthRegistry, count: number): void =>
  count === 0
    ? health.report('exports', 'ok', 'No export waits for help.')
    : health.report(
        'exports',
        'degraded',
        'Exports are stopped, or failed the last time: GET /api/exports of each project says which, and why.',
        count === 1 ? 'There is one.' : `There are ${count} of them.`,
      );

/** The tables that are derived from the events in the background. */
interface Derivation {
  readonly tables: DerivedTables;
  readonly userOrder: Derived;
  readonly rollup15m: Derived;
}

const openDerived = (
  { clock, telemetry, closers }: Surroundings,
  warehouse: Warehouse,
  { processor, recentUsers, onProgress }: Processing,
): Derivation => {
  const loaded = () => processor.progress.governedLoaded;
  const tables = openDerivedTables({ warehouse, loaded, clock, telemetry });
  closers.defer(() => tables.close());
  const sessions = openWebSessions({
    ...{ warehouse, filling: WEB_FILLING, loaded, clock, telemetry },
    exclusive: (work) => tables.exclusive(work),
  });
  closers.defer(() => sessions.close());
  const userOrder = tables.add(USER_ORDER);
  onProgress.add(() => recentUsers.forget(userOrder.covered()));
  return { tables, userOrder, rollup15m: tables.add(ROLLUP_15M) };
};

/** The removals of projects. What an earlier process left of them is gone on with. */
const openRemovals = async (
  { clock, telemetry, closers }: Surroundings,
  catalog: Catalog,
  keys: KeyRing,
  warehouse: Warehouse,
  parts: Pick<Parts, 'raw' | 'collector' | 'processor' | 'derived'> & {
    readonly files: readonly ProjectFiles[];
  },
): Promise<ProjectRemovals> => {
  const removals = new ProjectRemovals({
    ...{ catalog, keys, clock, telemetry },
    async settled(signal) {
      await Promise.race([parts.collector.flushed(), aborted(signal)]);
      // One mark: what others send meanwhile is not waited for.
      const { next } = await parts.raw.extent();
      while (parts.processor.progress.rawLoaded < next) await sleep(REMOVAL_LOOK_MS, undefined, { signal });
    },
    deleteRows: async (project, signal) => {
      const work = () => deleteProjectRows(warehouse, project, signal);
      await parts.derived.tables.removing(project, signal, work);
      for (const files of parts.files) await files.removeProject(project);
    },
  });
  closers.defer(() => removals.stop());
  await removals.resume();
  return removals;
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** Waits until everything that is durable now is queryable, at most so long. */
const settled = async (
  { raw, processor }: Pick<Parts, 'raw' | 'processor'>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> => {
  const { next } = await raw.extent();
  const endMs = performance.now() + timeoutMs;
  while (processor.progress.rawLoaded < next) {
    if (performance.now() > endMs || signal?.aborted === true) return false;
    await sleep(SETTLE_POLL_MS);
  }
  return true;
};

const watchLedger = (
  { duties, telemetry, health }: Surroundings,
  check: () => Promise<LedgerVerdict>,
): void =>
  duties.every(
    LEDGER_CHECK_EVERY_MS,
    async () => {
      const { balanced, message, detail } = await check();
      health.report('ledger', balanced ? 'ok' : 'failed', message, detail);
    },
    (error) => telemetry.emit(DUTY_FAILED, { duty: 'the check of the ledger', error }),
    LEDGER_CHECK_FIRST_MS,
  );

const watchDisk = async ({ layout, health, telemetry }: Surroundings): Promise<void> => {
  const { bavail, bsize } = await statfs(layout.root);
  const free = bavail * bsize;
  observe(telemetry.series(DISK_FREE, {}), free);
  if (free >= DISK_LOW_BYTES)
    health.report('disk', 'ok', 'There is room on the disk.', `${sizeText(free)} are free.`);
  else
    health.report(
      'disk',
      'degraded',
      'There is little room left on the disk. Make room or move the data folder: when the disk is full, collecting answers 503.',
      `Only ${sizeText(free)} are free for ${layout.root}.`,
    );
};

/** In the units of the pages, where the same number stands beside it. */
const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.floor(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;

const urlOf = (host: string, port: number): string => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};

const packageVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};
