/**
 * Questions to a project of 1, 10 and 100 million events over 30 days, as a client asks them over HTTP.
 *
 *     node_modules/.bin/node bench/answers/run.ts [millions ...]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { aevum } from '../../test/support/command.ts';
import { freePort, Platform, WRITE_KEY } from '../../test/support/platform.ts';
import { quantile } from '../lib/http-load.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { conditions, figure } from '../lib/report.ts';
import { dataOf, PROJECT } from './data.ts';

const SIZES = [1, 10, 100];
/** The size at which limits are held. */
const LARGEST = 100;
const ROUNDS = 5;
const INGEST_EVENTS_PER_SECOND = 20_000;
const EVENTS_PER_REQUEST = 500;
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
  /** Milliseconds that it may take at the 95th percentile, at the largest size. */
  readonly limitMs: number;
}

const query = (name: string, limitMs: number, days: number, body: object): Question => ({
  name: `${name}, ${days} days`,
  limitMs,
  days,
  path: '/api/query',
  body,
});

/** The body of the `round`-th time that a question is asked: each about another time, or answers would come from memory. */
const bodyOf = ({ body, days }: Question, round: number): string | undefined => {
  if (body === undefined || days === undefined) return undefined;
  const to = Math.floor(Date.now() / PANE_MS) * PANE_MS - round * PANE_MS;
  return JSON.stringify({ ...body, range: { from: to - days * DAY_MS, to } });
};

const STEPS = ['page_view', 'click', 'add_to_cart', 'checkout', 'purchase'];

const questionsFor = (user: string): Question[] => [
  query('overview: web analytics', 1_000, 30, { kind: 'web' }),
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
  query('filter and break-down by a property', 20_000, 30, {
    kind: 'trend',
    filter: { field: 'properties.utm_source', op: 'exists' },
    by: ['properties.utm_source'],
    interval: 'total',
  }),
];

interface Asker {
  readonly url: string;
  readonly key: string;
}

const ask = async ({ url, key }: Asker, question: Question, round: number): Promise<number> => {
  const { path } = question;
  const body = bodyOf(question, round);
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
  await ask(asker, question, 0);
  const took: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) took.push(await ask(asker, question, round));
  return Float64Array.from(took).sort();
};

interface Figures {
  readonly p50: number;
  readonly p95: number;
}

const measure = async (asker: Asker, questions: readonly Question[]): Promise<Map<string, Figures>> => {
  const figures = new Map<string, Figures>();
  for (const question of questions) {
    try {
      const times = await timesOf(asker, question);
      figures.set(question.name, { p50: quantile(times, 0.5), p95: quantile(times, 0.95) });
    } catch (error) {
      console.log(`${question.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return figures;
};

const besideIngest = async (
  platform: Platform,
  asker: Asker,
  questions: readonly Question[],
): Promise<Map<string, Figures>> => {
  let isOver = false;
  const load = (async () => {
    let firstId = Date.now() * 1_000;
    while (!isOver) {
      const { nextId } = await loadInProcess({
        port: platform.port,
        key: WRITE_KEY,
        connections: 8,
        eventsPerRequest: EVENTS_PER_REQUEST,
        requestsPerSecond: INGEST_EVENTS_PER_SECOND / EVENTS_PER_REQUEST,
        seconds: 10,
        firstId,
      });
      firstId = nextId;
    }
  })();
  await sleep(3_000);
  try {
    return await measure(asker, questions);
  } finally {
    isOver = true;
    await load;
  }
};

const runSize = async (millions: number): Promise<void> => {
  const dataDir = await dataOf(millions);
  const platform = await Platform.start(dataDir, await freePort());
  try {
    const made = await aevum([
      'keys',
      'create',
      '--scope',
      'read',
      '--project',
      PROJECT,
      '--name',
      'bench',
      '--data-dir',
      dataDir,
    ]);
    const key = /aev_r_\w+/u.exec(made.stdout)?.[0] ?? '';
    await sleep(2_000);
    const asker = { url: platform.url, key };
    const page = await fetch(`${platform.url}/api/events?type=purchase&limit=1`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { events } = (await page.json()) as { events: { user_id?: string }[] };
    const questions = questionsFor(events[0]?.user_id ?? '');
    console.log(`\n${millions} M events`);
    const alone = await measure(asker, questions);
    const isLargest = millions === LARGEST;
    for (const { name, limitMs } of questions) {
      const times = alone.get(name);
      if (times === undefined) continue;
      figure(`${name}: p50`, times.p50, 'ms');
      figure(`${name}: p95`, times.p95, 'ms', isLargest ? { atMost: limitMs } : undefined);
    }
    if (!isLargest) return;
    const beside = await besideIngest(platform, asker, questions);
    for (const { name } of questions) {
      const [quiet, loaded] = [alone.get(name), beside.get(name)];
      if (quiet !== undefined && loaded !== undefined)
        figure(`${name}: p50 beside 20,000 events/s, times that alone`, loaded.p50 / quiet.p50, '', {
          atMost: BESIDE_INGEST_MAX,
        });
    }
  } finally {
    await platform.stop();
  }
};

console.log(conditions());
const asked = process.argv.slice(2).map(Number);
for (const millions of asked.length === 0 ? SIZES : asked) await runSize(millions);
