/**
 * The one table of options. A row is all there is to an option: its flag (`--stale-limit-ms`), its variable (`AEVUM_STALE_LIMIT_MS`), its name in
 * aevum.config.json (`stale-limit-ms`), the field of `Config`, `--help` and the reference page all derive from it.
 */

import type { HostFacts } from '../lib/host.ts';
import {
  addresses,
  bytes,
  choice,
  duration,
  either,
  httpUrl,
  integer,
  type Kind,
  optional,
  text,
  toggle,
} from './kinds.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What an option belongs to; the reference and `--help` group by it. */
export const GROUPS = ['Server', 'Keys', 'Log', 'Warehouse', 'Limits', 'Queries', 'Logging'] as const;
export type Group = (typeof GROUPS)[number];

/** A default that goes by the memory of the machine. */
interface MemoryDefault<T> {
  /** In words, for the reference. */
  readonly describe: string;
  readonly of: (machineBytes: number) => T;
}

/** One option. */
export interface Option<T> {
  readonly group: Group;
  readonly kind: Kind<T>;
  readonly default: T;
  /** Taken instead of `default` where the program talks to a person: its standard error is a terminal. */
  readonly terminalDefault?: T;
  /** Taken instead of `default` where it is known how much memory there is. */
  readonly memoryDefault?: MemoryDefault<T>;
  /** One or two sentences: what it does, and when one would change it. */
  readonly doc: string;
  /** Secrets are never printed, and better not given on a command line, which other users of the machine can read. */
  readonly secret?: true;
}

const option = <const T>(row: Option<T>): Option<T> => row;

/** All options, by their field in `Config`. */
export const OPTIONS = {
  host: option({
    group: 'Server',
    kind: text('<address>'),
    default: '127.0.0.1',
    doc: 'Address to listen on. The default is reachable from this machine only; `0.0.0.0` from everywhere.',
  }),
  port: option({
    group: 'Server',
    kind: integer('<port>', { min: 0, max: 65_535 }),
    default: 8080,
    doc: 'Port to listen on. 0 takes a free one and prints it.',
  }),
  dataDir: option({
    group: 'Server',
    kind: text('<folder>'),
    default: './data',
    doc: 'Folder for everything that is kept: log, warehouse, catalog, credentials. Made if missing; relative to the working folder; one process at a time.',
  }),
  publicUrl: option({
    group: 'Server',
    kind: optional(httpUrl, 'the listening address'),
    default: undefined,
    doc: 'Address under which clients reach this server, where a proxy stands in between. Used in what is printed, in the API description, and to tell requests of our own pages from others; with https, cookies are for https only.',
  }),
  demo: option({
    group: 'Server',
    kind: toggle,
    default: false,
    doc: 'Starts the demo with the server: a project `demo` with 30 days of history and live events of a web shop. It goes on after a restart, with or without this option.',
  }),
  writeKey: option({
    group: 'Keys',
    kind: optional(text('<key>'), 'made at first start'),
    default: undefined,
    secret: true,
    doc: 'Presets the write key of the project `default`, for deployments that must know it beforehand. It replaces the one in credentials.json.',
  }),
  adminKey: option({
    group: 'Keys',
    kind: optional(text('<key>'), 'made at first start'),
    default: undefined,
    secret: true,
    doc: 'Presets the admin key of the project `default`, likewise.',
  }),
  auditBytesMax: option({
    group: 'Keys',
    kind: bytes({ min: 16 * MIB, max: TIB }),
    default: GIB,
    doc: 'Bytes that files of old audit entries may take on disk. Beyond, the oldest file is deleted, which is itself an entry. The newest 100,000 entries are in the catalog and do not count.',
  }),
  log: option({
    group: 'Log',
    kind: choice(['segments', 'kafka']),
    default: 'segments',
    doc: 'Where the log is kept: in segment files under the data folder, or in Kafka topics (`kafka-brokers`).',
  }),
  kafkaBrokers: option({
    group: 'Log',
    kind: addresses,
    default: Object.freeze([]) as readonly string[],
    doc: 'Brokers to begin with, for `log` = `kafka`.',
  }),
  logBytesMax: option({
    group: 'Log',
    kind: bytes({ min: 64 * MIB, max: 64 * TIB }),
    default: 10 * GIB,
    doc: 'Bytes that each of the two topics may take on disk. When full, collecting answers 503 until loading has caught up; nothing acknowledged is lost.',
  }),
  logSegmentBytes: option({
    group: 'Log',
    kind: bytes({ min: MIB, max: GIB }),
    default: 64 * MIB,
    doc: 'Length of a segment file. Files are written with zeros ahead of use, which makes commits fast; space is given back in whole files.',
  }),
  commitIntervalMs: option({
    group: 'Log',
    kind: duration({ min: 0, max: SECOND_MS }),
    default: 2,
    doc: 'How long a commit to the log may wait for further requests, so that they share one disk flush. 0 waits only while a commit is under way.',
  }),
  warehouse: option({
    group: 'Warehouse',
    kind: either('embedded', httpUrl),
    default: 'embedded',
    doc: 'The embedded engine, or the HTTP address of a running ClickHouse: `http://user:password@host:8123`. Give a password by variable or file, not on the command line.',
  }),
  warehouseMemoryBytes: option({
    group: 'Warehouse',
    kind: bytes({ min: 256 * MIB, max: 16 * TIB }),
    default: GIB,
    memoryDefault: {
      describe: 'a quarter of the memory of the machine or container, at least 1 GiB, at most 8 GiB',
      of: (machineBytes: number) =>
        Math.min(8 * GIB, Math.max(GIB, Math.floor(machineBytes / 4 / MIB) * MIB)),
    },
    doc: 'Memory that the embedded engine may take: a limit, most of it is free while nothing large is asked. A query over it fails with a clear message; the engine stays up.',
  }),
  loadIntervalMs: option({
    group: 'Warehouse',
    kind: duration({ min: 20, max: MINUTE_MS }),
    default: 200,
    doc: 'Loads into the warehouse start at least this far apart. Less makes events queryable sooner and costs more processor time. While the machine has no time to spare they are two and a half times as far apart, and at rates that keep loading busy up to 0.7 s: fewer, larger ones cost far less.',
  }),
  promotedPropertiesMax: option({
    group: 'Warehouse',
    kind: integer('<count>', { min: 0, max: 200 }),
    default: 20,
    doc: 'Properties that get a column of their own because queries ask for them. 0 turns promotion off.',
  }),
  staleLimitMs: option({
    group: 'Limits',
    kind: duration({ min: MINUTE_MS, max: 30 * DAY_MS }),
    default: DAY_MS,
    doc: 'Events whose timestamp is older than this when received are refused as stale; older history is for `aevum import`. Duplicates are recognised for this long, so it costs memory.',
  }),
  futureLimitMs: option({
    group: 'Limits',
    kind: duration({ min: SECOND_MS, max: DAY_MS }),
    default: 10 * MINUTE_MS,
    doc: 'Events whose timestamp is more than this ahead of the server’s clock are refused.',
  }),
  eventBytesMax: option({
    group: 'Limits',
    kind: bytes({ min: KIB, max: 16 * MIB }),
    default: MIB,
    doc: 'Bytes of one event as sent. A larger one is refused by itself; the rest of its batch is taken.',
  }),
  bodyBytesMax: option({
    group: 'Limits',
    kind: bytes({ min: 16 * KIB, max: 256 * MIB }),
    default: 20 * MIB,
    doc: 'Bytes of one request body, inflated. A larger one is answered 413.',
  }),
  requestEventsMax: option({
    group: 'Limits',
    kind: integer('<count>', { min: 1, max: 1_000_000 }),
    default: 10_000,
    doc: 'Events in one request.',
  }),
  depthMax: option({
    group: 'Limits',
    kind: integer('<levels>', { min: 4, max: 1_000 }),
    default: 64,
    doc: 'Levels of nested objects and lists in one event.',
  }),
  queueBytesMax: option({
    group: 'Limits',
    kind: bytes({ min: MIB, max: 16 * GIB }),
    default: 64 * MIB,
    doc: 'Bytes that may wait for the log. Beyond, collecting answers 503 with Retry-After.',
  }),
  rateLimitPerSecond: option({
    group: 'Limits',
    kind: integer('<events>', { min: 0, max: 10_000_000 }),
    default: 0,
    doc: 'Events a second that each key may send, on average. Beyond, collecting answers 429 with Retry-After. 0 sets no limit.',
  }),
  rateLimitBurst: option({
    group: 'Limits',
    kind: integer('<events>', { min: 0, max: 100_000_000 }),
    default: 0,
    doc: 'Events that a key may send at once after a pause. 0 means ten seconds’ worth of `rate-limit-per-second`.',
  }),
  queryTimeoutMs: option({
    group: 'Queries',
    kind: duration({ min: 100, max: HOUR_MS }),
    default: 30 * SECOND_MS,
    doc: 'A query that takes longer is ended.',
  }),
  queryRowsMax: option({
    group: 'Queries',
    kind: integer('<rows>', { min: 1, max: 10_000_000 }),
    default: 100_000,
    doc: 'Rows in one answer.',
  }),
  queryCacheBytes: option({
    group: 'Queries',
    kind: bytes({ min: 0, max: GIB }),
    default: 32 * MIB,
    doc: 'Memory for answers that are given again when the same is asked and nothing was loaded since. 0: none are kept.',
  }),
  exportsDir: option({
    group: 'Queries',
    kind: optional(text('<folder>'), '`exports` in the data folder'),
    default: undefined,
    doc: 'Folder that scheduled exports write their files into, a folder a project. Made if missing; relative to the working folder.',
  }),
  windowsInMemoryMax: option({
    group: 'Queries',
    kind: integer('<windows>', { min: 1_000, max: 10_000_000 }),
    default: 200_000,
    doc: 'Session and count windows of metrics that are held in memory, of all metrics together: about 300 bytes each. Others are in the warehouse; events for them cost a look-up.',
  }),
  logLevel: option({
    group: 'Logging',
    kind: choice(['debug', 'info', 'warn', 'error']),
    default: 'info',
    terminalDefault: 'warn',
    doc: 'The least serious of the program’s own messages to be written.',
  }),
  logFormat: option({
    group: 'Logging',
    kind: choice(['auto', 'text', 'json']),
    default: 'auto',
    doc: 'How messages are written to standard error: lines for people, or a JSON object a line. `auto` takes text on a terminal, JSON elsewhere.',
  }),
} as const;

/** The field of an option in `Config`. */
export type OptionKey = keyof typeof OPTIONS;

/** The configuration: every option has a value, checked, in its smallest unit. Frozen. */
export type Config = {
  readonly [Key in OptionKey]: (typeof OPTIONS)[Key] extends Option<infer T> ? T : never;
};

/** The keys of all options, in the table's order. */
export const OPTION_KEYS = Object.keys(OPTIONS) as OptionKey[];

/** How an option is called on the command line (with `--`) and in the file: `dataDir` is `data-dir`. */
export const flagOf = (key: OptionKey): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** How an option is called in the environment: `dataDir` is `AEVUM_DATA_DIR`. */
export const variableOf = (key: OptionKey): string =>
  `AEVUM_${flagOf(key).replaceAll('-', '_').toUpperCase()}`;

/** A row of the table, whatever its type. */
export const rowOf = (key: OptionKey): Option<unknown> => OPTIONS[key];

/** What an option is where nobody says anything. */
export const defaultOf = (key: OptionKey, { isTerminal, memoryBytes }: HostFacts): unknown => {
  const { default: unset, terminalDefault, memoryDefault } = rowOf(key);
  if (isTerminal === true && terminalDefault !== undefined) return terminalDefault;
  if (memoryBytes !== undefined && memoryDefault !== undefined) return memoryDefault.of(memoryBytes);
  return unset;
};

/** An option's default, in words. */
export const defaultTextOf = (key: OptionKey): string => {
  const { kind, default: unset, terminalDefault, memoryDefault } = rowOf(key);
  if (memoryDefault !== undefined) return memoryDefault.describe;
  const usual = kind.format(unset);
  return terminalDefault === undefined ? usual : `${usual}; on a terminal ${kind.format(terminalDefault)}`;
};
