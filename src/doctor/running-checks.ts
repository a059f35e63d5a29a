import { formatBytes } from '../config/units.ts';
import { type ComponentReport, fullText } from '../observe/health.ts';
import type { WarehouseHealth } from '../warehouse/health.ts';
import { type Check, type DoctorContext, failed, type Finding, ok, warning } from './check.ts';
import { clockCheckBy } from './clock-check.ts';
import { dataDirCheck, flushCheck, spaceCheck } from './disk-checks.ts';
import { memoryCheck, nodeCheck } from './machine-checks.ts';

/** What the checks of a platform that runs look at. */
export interface RunningContext extends DoctorContext {
  /** What its parts say of themselves. */
  readonly health: () => readonly ComponentReport[];
  readonly log: {
    /** Bytes that the raw topic takes now. */
    bytes(): Promise<number>;
    /** When it was appended to last, by the clock of then; 0: never. */
    newestMs(): Promise<number>;
  };
  readonly loading: {
    /** Records that are durable and not queryable. */
    waiting(): Promise<number>;
    /** Whether everything that is durable now was queryable within so long. */
    settled(timeoutMs: number): Promise<boolean>;
  };
  readonly engine: {
    /** Its version, asked as a question would be. */
    version(): Promise<string>;
    tables(): Promise<WarehouseHealth>;
    /** Changes of tables that fail again and again, in the engine's words. */
    failing(): Promise<readonly string[]>;
  };
  /** The sum of a counter over all its series; 0 if there is none. */
  readonly counted: (metric: string) => number;
}

type RunningCheck = Check<RunningContext>;

const SETTLE_MS = 5_000;
/** Slower answers to the smallest question mean that others wait, too. */
const ANSWER_SLOW_MS = 1_000;
/** Of the room that the log may take. */
const LOG_FULL_SHARE = 0.8;
const PARTS_MANY = 300;
const SHOWN_MAX = 3;
const TEXT_MAX = 300;

const partsCheck: RunningCheck = {
  name: 'Parts',
  about: 'What the parts of the platform say of themselves; the page Health shows it all the time.',
  run: async ({ health }) => {
    const troubled = health().filter(({ state }) => state !== 'ok');
    const detail = troubled.map((each) => `${each.component}: ${fullText(each)}`).join(' ');
    if (troubled.length === 0) return ok('All say that they are well.');
    return { state: troubled.some(({ state }) => state === 'failed') ? 'failed' : 'warning', detail };
  },
};

const logCheck: RunningCheck = {
  name: 'Log',
  about:
    'The log has room. It gives back what is loaded, so it fills up when loading does not keep up; when it is full, no event is taken in.',
  run: async ({ log, config }) => {
    const share = (await log.bytes()) / config.logBytesMax;
    const detail = `${(share * 100).toFixed(1)} % of the ${formatBytes(config.logBytesMax)} that it may take are in use`;
    if (share < LOG_FULL_SHARE) return ok(detail);
    return warning(
      detail,
      'See the checks "Loading" and "Engine": what is loaded is given back. Or raise the option log-bytes-max.',
    );
  },
};

const loadingCheck: RunningCheck = {
  name: 'Loading',
  about: 'What is acknowledged becomes queryable soon. Otherwise nothing is lost, but answers are behind.',
  run: async ({ loading, clock }) => {
    const startedMs = clock.monotonicMs();
    if (await loading.settled(SETTLE_MS))
      return ok(`What was durable was queryable within ${Math.round(clock.monotonicMs() - startedMs)} ms`);
    return warning(
      `After ${SETTLE_MS / 1_000} s not all that was durable was queryable; ${await loading.waiting()} records of the log wait`,
      'If the number of records that wait falls (page Health), it catches up by itself. If it grows, more comes in than this machine can load: send less, or give it more cores.',
    );
  },
};

const engineCheck: RunningCheck = {
  name: 'Engine',
  about: 'The engine answers, and the smallest question does not have to wait for a place in it.',
  run: async ({ engine, clock }) => {
    const startedMs = clock.monotonicMs();
    const version = await engine.version();
    const elapsedMs = Math.round(clock.monotonicMs() - startedMs);
    const detail = `ClickHouse ${version} answers in ${elapsedMs} ms`;
    if (elapsedMs < ANSWER_SLOW_MS) return ok(detail);
    return warning(
      detail,
      'Other questions take its places. See what is asked now, and end what takes too long.',
    );
  },
};

const tablesCheck: RunningCheck = {
  name: 'Tables',
  about:
    'The tables are in order: their parts are merged, so that questions open few files, and no change of them fails.',
  run: async ({ engine }) => {
    const failing = await engine.failing();
    if (failing.length > 0)
      return failed(
        `${failing.length} changes of tables fail: ${failing.slice(0, SHOWN_MAX).join('; ').slice(0, TEXT_MAX)}`,
        'They are tried again. Mostly the disk or the memory is too small: see those checks, and the log of the server.',
      );
    const { tables } = await engine.tables();
    const [worst] = [...tables].sort((a, b) => b.partsOfLargestPartition - a.partsOfLargestPartition);
    if (worst === undefined) return ok('There are none yet.');
    const detail = `at most ${worst.partsOfLargestPartition} parts in one partition (${worst.table})`;
    if (worst.partsOfLargestPartition < PARTS_MANY) return ok(detail);
    return warning(
      detail,
      'Merging does not keep up, so questions get slower. It catches up when less is loaded; raise load-interval-ms if it does not.',
    );
  },
};

/** What ends and is started again, by the counter that counts it. */
const DEATHS = [
  { metric: 'aevum_engine_deaths_total', text: 'the engine ended' },
  { metric: 'aevum_engine_hung_total', text: 'the engine hung' },
  { metric: 'aevum_processor_restarts_total', text: 'the processor was started anew' },
  { metric: 'aevum_duties_failed_total', text: 'work in the background failed' },
] as const;

const restartsCheck: RunningCheck = {
  name: 'Restarts',
  about:
    'Nothing ended that should have gone on. What does is started again, and nothing is lost; but it should not.',
  run: async ({ counted }) => {
    const found = DEATHS.map(({ metric, text }) => ({ text, times: counted(metric) })).filter(
      ({ times }) => times > 0,
    );
    if (found.length === 0) return ok('none since the start');
    return warning(
      `since the start ${found.map(({ text, times }) => `${text} ${times === 1 ? 'once' : `${times} times`}`).join(', ')}`,
      'The log of the server says why. Mostly the machine ran out of memory (dmesg says so): see the check "Memory".',
    );
  },
};

const LOOPBACK = /^(?:127\.|localhost$|::1$)/u;

const addressCheck: RunningCheck = {
  name: 'Address',
  about: 'Keys and sessions do not travel readable for others.',
  run: async ({ config: { host, publicUrl } }) => {
    if (publicUrl?.startsWith('https:') === true) return ok(`reached by ${publicUrl}`);
    if (publicUrl === undefined && LOOPBACK.test(host)) return ok(`${host}: from this machine only`);
    return warning(
      `reached by ${publicUrl ?? `http on ${host}`}, which is not encrypted`,
      'Put a proxy with TLS in front, and say where it is: --public-url https://...',
    );
  },
};

/** In this order. What reads everything (each checksum of the log, the chain of the audit log) is for the commands beside. */
export const RUNNING_CHECKS: readonly RunningCheck[] = [
  partsCheck,
  nodeCheck,
  memoryCheck,
  dataDirCheck,
  spaceCheck,
  flushCheck,
  clockCheckBy<RunningContext>(({ log }) => log.newestMs()),
  logCheck,
  loadingCheck,
  engineCheck,
  tablesCheck,
  restartsCheck,
  addressCheck,
];

/** A check that did not come to an end. */
export const unfinished = (seconds: number): Finding =>
  failed(
    `It did not end within ${seconds} s.`,
    'What it looks at does not answer. The other checks, Health and the log of the server say more.',
  );
