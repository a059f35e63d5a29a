/**
 * Questions to a project of 1, 10 and 100 million events over 30 days, as a client asks them over HTTP.
 *
 *     node_modules/.bin/node bench/answers/run.ts [--ingest <events/s>] [millions ...]
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PromotionAnswer } from '../../src/contract/properties.ts';
import type { UsersAnswer } from '../../src/contract/users.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../../test/support/platform.ts';
import { quantile } from '../lib/http-load.ts';
import { type RunningLoad, startLoad } from '../lib/load-process.ts';
import { readProcesses, totalCpuSeconds } from '../lib/processes.ts';
import { projectKey } from '../lib/project-key.ts';
import { conditions, figure, median } from '../lib/report.ts';
import { dataOf, PROJECT } from './data.ts';

const SIZES = [1, 10, 100];
/** The size at which limits are held. */
const LARGEST = 100;
const ROUNDS = 5;
const EVENTS_PER_REQUEST = 500;
/** A load that nobody ended would end then. */
const LOAD_SECONDS_MAX = 1_800;
/** After sending began or ended. */
const LOAD_SETTLES_MS = 3_000;
/** What takes less than this is asked more than once in a row. */
const QUICK_MS = 300;
/** So often everything is asked alone and beside ingest. */
const TURNS = 6;
const SECOND_MS = 1_000;
/** Beside ingest an answer may take so many times as long. */
const BESIDE_INGEST_MAX = 1.5;
const TIMEOUT_MS = 120_000;

const DAY_MS = 86_400_000;
const PANE_MS = 10_000;

interface Question {
  readonly name: string;
  readonly path: string;
  /** Days up to now that it is about. */
  readonly days?: number;
  readonly body?: object;
  /** Asked once the property has a column of its own. */
  readonly isPromoted?: boolean;
  /** Milliseconds that it may take at the 95th percentile, at the largest size; undefined: as long as it takes. */
  readonly limitMs?: number | undefined;
}

const query = (name: string, limitMs: number | undefined, days: number, body: object): Question => ({
  name: `${name}, ${days} days`,
  limitMs,
  days,
  path: '/api/query',
  body,
});

const askedAbout = new Map<string, Set<number>>();

/** The body of a question: each time about another time up to lately, or answers would come from memory. */
const bodyOf = ({ name, body, days }: Question): string | undefined => {
  if (body === undefined || days === undefined) return undefined;
  const used = askedAbout.get(name) ?? new Set();
  askedAbout.set(name, used);
  let to = Math.floor(Date.now() / PANE_MS) * PANE_MS;
  while (used.has(to)) to -= PANE_MS;
  used.add(to);
  return JSON.stringify({ ...body, range: { from: to - days * DAY_MS, to } });
};

const STEPS = ['page_view', 'click', 'add_to_cart', 'checkout', 'purchase'];

const PROPERTY = 'utm_source';
const BY_PROPERTY = 'filter and break-down by a property';

const byProperty = (name: string, limitMs: number): Question =>
  query(name, limitMs, 30, {
    kind: 'trend',
    filter: { field: `properties.${PROPERTY}`, op: 'exists' },
    by: [`properties.${PROPERTY}`],
    interval: 'total',
  });

/** What the first look at a project shows: how much there is of everything, by day, and against the days before. */
const OVERVIEW = {
  kind: 'trend',
  interval: '1d',
  compare: 'previous_period',
  series: [
    { measure: 'count' },
    { measure: 'unique_users' },
    { measure: 'unique_sessions' },
    { measure: { kind: 'sum', of: 'value' } },
  ],
};

const questionsFor = (user: string): Question[] => [
  query('overview', 1_000, 30, OVERVIEW),
  query('web analytics in one call', undefined, 30, { kind: 'web' }),
  query('trend by rollup: events by type', 100, 30, { kind: 'trend', by: ['type'], interval: '1d' }),
  query('trend by rollup: users of a type', 100, 30, {
    kind: 'trend',
    measure: 'unique_users',
    types: ['purchase'],
    interval: '1d',
  }),
  query('funnel of 5 steps', 2_000, 7, { kind: 'funnel', steps: STEPS }),
  query('retention by day', 2_000, 14, { kind: 'retention', start: 'signup', period: 'day', periods: 7 }),
  {
    name: 'timeline of one user',
    limitMs: 200,
    path: `/api/users/${encodeURIComponent(user)}/timeline?limit=100`,
  },
  { name: 'profile of one user', limitMs: 20, path: `/api/users/${encodeURIComponent(user)}/profile` },
  byProperty(BY_PROPERTY, 20_000),
  { ...byProperty('the same, promoted', 2_000), isPromoted: true },
];

interface Asker {
  readonly url: string;
  readonly key: string;
}

/** The data may be days old: what is derived in the background catches up with the time since. */
const CAUGHT_UP_MS = 60_000;
/** Then it is waited until the platform takes less of a core than this for so long, or parts would be merged beside the questions. */
const CALM = { share: 0.25, ms: 10_000, limitMs: 900_000 };
const PROMOTION_LIMIT_MS = 600_000;

/** Gives the property a column of its own, or takes it away. */
const setPromoted = async (url: string, promoted: boolean): Promise<void> => {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const path = `${url}/api/properties/${PROPERTY}/promotion`;
  const limit = performance.now() + PROMOTION_LIMIT_MS;
  for (;;) {
    const answer = await fetch(path, { method: promoted ? 'PUT' : 'DELETE', headers });
    const text = await answer.text();
    if (!promoted && (answer.ok || answer.status === 404)) return;
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    const { property } = JSON.parse(text) as PromotionAnswer;
    if (property.promotion === 'ready') return;
    if (property.promotion === 'failed' || performance.now() > limit)
      throw new Error(`promoting ${PROPERTY} failed: ${property.error ?? 'it took too long'}`);
    await sleep(500);
  }
};

const ask = async ({ url, key }: Asker, question: Question): Promise<number> => {
  const { path } = question;
  const body = bodyOf(question);
  const begun = performance.now();
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return performance.now() - begun;
};

/** Milliseconds of each round, sorted; the first answer, which warms up, is left out. */
const timesOf = async (asker: Asker, question: Question): Promise<Float64Array> => {
  await ask(asker, question);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) took.push(await ask(asker, question));
  return Float64Array.from(took).sort();
};

/** Personalisation asks for whoever comes: profiles of so many users, each so many times. */
const PROFILES = { users: 100, rounds: 4 };
const PROFILE_P99_MS_MAX = 20;
const USERS_PER_PAGE = 100;

/** Ids of users out of pages of the list, which begins with whom was seen last. */
const usersOf = async ({ url, key }: Asker): Promise<string[]> => {
  const users: string[] = [];
  for (let cursor: string | null = ''; cursor !== null && users.length < PROFILES.users; ) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${url}/api/users?limit=${USERS_PER_PAGE}${from}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await answer.json()) as UsersAnswer;
    users.push(...page.users.map(({ user_id }) => user_id));
    cursor = page.next_cursor;
  }
  return users;
};

/** Profiles of many users in turn; the first round, which warms up, is left out. */
const measureProfiles = async (asker: Asker, millions: number): Promise<void> => {
  const users = await usersOf(asker);
  const took: number[] = [];
  for (let round = 0; round < PROFILES.rounds; round++)
    for (const user of users) {
      const path = `/api/users/${encodeURIComponent(user)}/profile`;
      const ms = await ask(asker, { name: path, path });
      if (round > 0) took.push(ms);
    }
  const times = Float64Array.from(took).sort();
  const name = `profiles of ${users.length} users`;
  figure(`${name}: p50`, quantile(times, 0.5), 'ms');
  figure(`${name}: p95`, quantile(times, 0.95), 'ms');
  const limit = millions === LARGEST ? { atMost: PROFILE_P99_MS_MAX } : undefined;
  figure(`${name}: p99`, quantile(times, 0.99), 'ms', limit);
};

interface Figures {
  readonly p50: number;
  readonly p95: number;
}

/** What `work` finds of each question, by name; what was not answered is told and left out. */
const ofEach = async <T>(
  questions: readonly Question[],
  work: (question: Question) => Promise<T>,
): Promise<Map<string, T>> => {
  const found = new Map<string, T>();
  for (const question of questions) {
    try {
      found.set(question.name, await work(question));
    } catch (error) {
      console.log(`${question.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
};

const measure = (asker: Asker, questions: readonly Question[]): Promise<Map<string, Figures>> =>
  ofEach(questions, async (question) => {
    const times = await timesOf(asker, question);
    return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
  });

/** Sends so many events a second to another project until it is told to stop. */
class Ingest {
  readonly #port: number;
  readonly #eventsPerSecond: number;
  #nextId = Date.now() * 1_000;
  #load: RunningLoad | undefined;
  events = 0;
  failures = 0;
  sentMs = 0;

  constructor({ port }: Platform, eventsPerSecond: number) {
    this.#port = port;
    this.#eventsPerSecond = eventsPerSecond;
  }

  async start(): Promise<void> {
    this.#load = startLoad({
      port: this.#port,
      key: WRITE_KEY,
      connections: 8,
      eventsPerRequest: EVENTS_PER_REQUEST,
      requestsPerSecond: this.#eventsPerSecond / EVENTS_PER_REQUEST,
      seconds: LOAD_SECONDS_MAX,
      firstId: this.#nextId,
    });
    await sleep(LOAD_SETTLES_MS);
  }

  async stop(): Promise<void> {
    this.#load?.stop();
    const summary = await this.#load?.summary;
    this.#nextId = summary?.nextId ?? this.#nextId;
    this.events += summary?.events ?? 0;
    this.failures += summary?.failures ?? 0;
    this.sentMs += summary?.elapsedMs ?? 0;
    await sleep(LOAD_SETTLES_MS);
  }
}

/** Milliseconds of each question, of quick ones the median of several. */
const askEach = (asker: Asker, questions: readonly Question[]): Promise<Map<string, number>> =>
  ofEach(questions, async (question) => {
    const took = [await ask(asker, question)];
    while (took.length < ROUNDS && took.reduce((sum, ms) => sum + ms) < QUICK_MS)
      took.push(await ask(asker, question));
    return median(took);
  });

/** Asks everything alone and beside ingest, in turns and in alternating order: the machine is not quick in all minutes alike. */
const compareBesideIngest = async (
  { platform, asker }: Pick<Running, 'platform' | 'asker'>,
  questions: readonly Question[],
  eventsPerSecond: number,
): Promise<void> => {
  const ingest = new Ingest(platform, eventsPerSecond);
  const beside = async (): Promise<Map<string, number>> => {
    await ingest.start();
    try {
      return await askEach(asker, questions);
    } finally {
      await ingest.stop();
    }
  };
  await askEach(asker, questions);
  const pairs: { readonly alone: Map<string, number>; readonly loaded: Map<string, number> }[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    if (turn % 2 === 0) pairs.push({ alone: await askEach(asker, questions), loaded: await beside() });
    else {
      const loaded = await beside();
      pairs.push({ alone: await askEach(asker, questions), loaded });
    }
  }
  figure('events taken beside the questions', (ingest.events * SECOND_MS) / ingest.sentMs, 'events/s');
  figure('requests that failed', ingest.failures, '', { atMost: 0 });
  for (const { name } of questions) {
    const both = pairs.flatMap(({ alone, loaded }) => {
      const [quiet, busy] = [alone.get(name), loaded.get(name)];
      return quiet === undefined || busy === undefined ? [] : [{ quiet, busy }];
    });
    figure(`${name}: alone, median of ${both.length}`, median(both.map(({ quiet }) => quiet)), 'ms');
    figure(`${name}: beside ${eventsPerSecond} events/s`, median(both.map(({ busy }) => busy)), 'ms');
    figure(
      `${name}: times that alone, median of turns`,
      median(both.map(({ quiet, busy }) => busy / quiet)),
      '',
      {
        atMost: BESIDE_INGEST_MAX,
      },
    );
  }
};

interface Running {
  readonly platform: Platform;
  readonly asker: Asker;
  readonly questions: readonly Question[];
}

const untilCalm = async ({ pid }: Platform): Promise<void> => {
  const limit = performance.now() + CALM.limitMs;
  const usedMs = (): number => totalCpuSeconds(readProcesses(pid)) * SECOND_MS;
  for (let before = usedMs(); ; before = usedMs()) {
    await sleep(CALM.ms);
    if (usedMs() - before < CALM.share * CALM.ms) return;
    if (performance.now() > limit) throw new Error('the platform did not come to rest');
  }
};

const running = async <T>(
  dataDir: string,
  args: readonly string[],
  work: (run: Running) => Promise<T>,
): Promise<T> => {
  const platform = await Platform.start(dataDir, await freePort(), args);
  try {
    const asker = { url: platform.url, key: await projectKey(dataDir, PROJECT, 'read') };
    await sleep(CAUGHT_UP_MS);
    await untilCalm(platform);
    const page = await fetch(`${platform.url}/api/events?type=purchase&limit=1`, {
      headers: { authorization: `Bearer ${asker.key}` },
    });
    const { events } = (await page.json()) as { events: { user_id?: string }[] };
    return await work({ platform, asker, questions: questionsFor(events[0]?.user_id ?? '') });
  } finally {
    await platform.stop();
  }
};

/** Without columns of properties: what is asked often would get one by itself meanwhile. */
const NO_PROMOTION = ['--promoted-properties-max', '0'];

const report = (millions: number, questions: readonly Question[], found: Map<string, Figures>): void => {
  for (const { name, limitMs } of questions) {
    const times = found.get(name);
    if (times === undefined) continue;
    figure(`${name}: p50`, times.p50, 'ms');
    const limit = limitMs === undefined || millions !== LARGEST ? undefined : { atMost: limitMs };
    figure(`${name}: p95`, times.p95, 'ms', limit);
  }
};

const runSize = async (millions: number, eventsPerSecond: number | undefined): Promise<void> => {
  const dataDir = await dataOf(millions);
  console.log(`\n${millions} M events`);
  await running(dataDir, NO_PROMOTION, async ({ asker, questions }) => {
    await setPromoted(asker.url, false);
    const asked = questions.filter(({ isPromoted }) => isPromoted !== true);
    report(millions, asked, await measure(asker, asked));
    await measureProfiles(asker, millions);
  });
  await running(dataDir, [], async ({ platform, asker, questions }) => {
    await setPromoted(asker.url, true);
    await untilCalm(platform);
    const promoted = questions.filter(({ isPromoted }) => isPromoted === true);
    report(millions, promoted, await measure(asker, promoted));
    if (eventsPerSecond === undefined) return;
    // What was asked without the column would be asked with it.
    const asked = questions.filter(({ name }) => !name.startsWith(BY_PROPERTY));
    await compareBesideIngest({ platform, asker }, asked, eventsPerSecond);
  });
};

console.log(conditions());
const { values, positionals } = parseArgs({
  options: { ingest: { type: 'string' } },
  allowPositionals: true,
});
const ingest = values.ingest === undefined ? undefined : Number(values.ingest);
if (ingest !== undefined && !(ingest >= EVENTS_PER_REQUEST))
  throw new Error(`--ingest takes events a second, at least ${EVENTS_PER_REQUEST}: --ingest 20000`);
const sizes = positionals.map(Number);
for (const millions of sizes.length === 0 ? SIZES : sizes) await runSize(millions, ingest);
