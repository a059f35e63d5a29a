/** Fan-out to many subscribers, against a naive broadcast in the same run, and the way of an event to one subscriber under load. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_KEY, type Platform, WRITE_KEY } from '../../test/support/platform.ts';
import type { Announcement } from '../http/child.ts';
import { withPlatform } from '../lib/bench-platform.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { readProcesses } from '../lib/processes.ts';
import { conditions, figure } from '../lib/report.ts';
import { eventAt } from './event.ts';
import { nowMs, type Seen, type SubscribeOptions } from './subscribers.ts';

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};

const SECONDS = option('seconds', 30);
const SUBSCRIBERS = option('subscribers', 1_000);
const RATE = option('rate', 200);
const LOAD_RATE = option('load', 1_000);
const WARM_SECONDS = 2;
const DRAIN_MS = 1_000;
const BEAT_MS = 5;
const PUBLISHERS = 16;
const PROBE_PAUSE_MS = 40;
const SUBSCRIBE = '{"op":"subscribe","id":"s","kind":"events"}';

const quantileOf = (sorted: readonly number[], level: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * level))] ?? Number.NaN;

/** The subscribers' process. */
class Audience {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async gather(options: SubscribeOptions): Promise<Audience> {
    const child = fork(new URL('./subscribers.ts', import.meta.url), [], {
      env: { ...process.env, AEVUM_BENCH_SUBSCRIBERS: '1' },
    });
    child.send(options);
    await answerOf(child);
    return new Audience(child);
  }

  async seen(): Promise<Seen> {
    this.#child.send('seen');
    return (await answerOf(this.#child)) as Seen;
  }

  leave(): void {
    this.#child.disconnect();
  }
}

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process ended with ${String(code)}`))),
  ])) as [unknown];
  return message;
};

/** Seconds of processor time that one process has used. */
const cpuOf = (pid: number): number => readProcesses(pid).find((each) => each.pid === pid)?.cpuSeconds ?? 0;

interface Spread extends Seen {
  readonly cpuSeconds: number;
}

/** Lets an audience listen for a while. */
const listen = async (audience: Audience, pid: number): Promise<Spread> => {
  await sleep(WARM_SECONDS * 1000);
  await audience.seen();
  const before = cpuOf(pid);
  await sleep(SECONDS * 1000);
  const cpuSeconds = cpuOf(pid) - before;
  return { ...(await audience.seen()), cpuSeconds };
};

const report = (name: string, { events, missed, latenciesMs, cpuSeconds, bytes }: Spread): number => {
  const perCpuSecond = events / cpuSeconds;
  figure(`${name}: events delivered`, events / SECONDS, 'a second');
  figure(`${name}: bytes an event`, bytes / events, 'bytes');
  figure(`${name}: processor`, (100 * cpuSeconds) / SECONDS, '% of a core');
  figure(`${name}: events delivered a CPU-second`, perCpuSecond, 'events');
  figure(`${name}: missed`, missed, 'events', { atMost: 0 });
  figure(`${name}: latency p50`, quantileOf(latenciesMs, 0.5), 'ms');
  figure(`${name}: latency p95`, quantileOf(latenciesMs, 0.95), 'ms', { atMost: 250 });
  return perCpuSecond;
};

const naive = async (): Promise<number> => {
  const child = fork(new URL('./naive-server.ts', import.meta.url), [String(RATE)]);
  try {
    const { port } = (await answerOf(child)) as Announcement;
    const audience = await Audience.gather({
      ...{ port, count: SUBSCRIBERS, path: '/', authorization: 'none', subscribe: undefined },
    });
    const spread = await listen(audience, child.pid ?? 0);
    audience.leave();
    return report('naive broadcast', spread);
  } finally {
    child.disconnect();
  }
};

/** Sends single events at a rate until told to end; answers how many were acknowledged. */
const publish = async (platform: Platform, rate: number, signal: AbortSignal): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: PUBLISHERS });
  const headers = { authorization: `Bearer ${WRITE_KEY}`, 'content-type': 'application/json' };
  const startedMs = performance.now();
  let [sent, answered, acknowledged] = [0, 0, 0];
  const post = (body: string): void => {
    const asked = request(`${platform.url}/api/events`, { method: 'POST', headers, agent }, (answer) => {
      answered += 1;
      if (answer.statusCode === 202) acknowledged += 1;
      answer.resume();
    });
    asked.on('error', () => {
      answered += 1;
    });
    asked.end(body);
  };
  while (!signal.aborted || answered < sent) {
    const due = signal.aborted ? sent : ((performance.now() - startedMs) * rate) / 1000;
    for (; sent < due; sent++) post(JSON.stringify(eventAt(sent, nowMs())));
    await sleep(BEAT_MS);
  }
  agent.destroy();
  return acknowledged;
};

const audienceOf = (platform: Platform, count: number): Promise<Audience> =>
  Audience.gather({
    ...{
      port: platform.port,
      count,
      path: '/ws/events',
      authorization: `Bearer ${ADMIN_KEY}`,
      subscribe: SUBSCRIBE,
    },
  });

const fanOut = async (platform: Platform): Promise<number> => {
  const audience = await audienceOf(platform, SUBSCRIBERS);
  const end = new AbortController();
  const published = publish(platform, RATE, end.signal);
  const spread = await listen(audience, platform.pid);
  end.abort();
  const acknowledged = await published;
  await sleep(DRAIN_MS);
  const rest = await audience.seen();
  audience.leave();
  figure('published over HTTP', acknowledged, 'events');
  figure('subscribers that missed something', rest.missed + spread.missed, 'events', { atMost: 0 });
  return report('live streams', spread);
};

/** The way of single events under load: from the POST to a subscriber. */
const latency = async (platform: Platform): Promise<void> => {
  const audience = await Audience.gather({
    ...{ port: platform.port, count: 16, path: '/ws/events', authorization: `Bearer ${ADMIN_KEY}` },
    subscribe:
      '{"op":"subscribe","id":"s","kind":"events","filter":{"properties":{"plan":["pro"]},"user_id":["u_7"]}}',
  });
  const load = loadInProcess({
    ...{ port: platform.port, key: WRITE_KEY, connections: 16, eventsPerRequest: 1 },
    ...{ seconds: SECONDS + WARM_SECONDS, requestsPerSecond: LOAD_RATE, firstId: 10_000_000 },
  });
  await sleep(WARM_SECONDS * 1000);
  await audience.seen();
  const endMs = performance.now() + (SECONDS - 1) * 1000;
  for (let number = 0; performance.now() < endMs; number++) {
    const event = { ...eventAt(7, nowMs()), id: `probe-${number}` };
    await platform.json('/api/events', event);
    await sleep(PROBE_PAUSE_MS * Math.random() * 2);
  }
  const summary = await load;
  const { latenciesMs } = await audience.seen();
  audience.leave();
  const what = `POST to subscriber at ${summary.eventsPerSecond} events/s`;
  figure(`${what}: p50`, quantileOf(latenciesMs, 0.5), 'ms');
  figure(`${what}: p95`, quantileOf(latenciesMs, 0.95), 'ms', { atMost: 50 });
  figure(`${what}: failures`, summary.failures, 'requests', { atMost: 0 });
};

console.log(conditions());
console.log(`${SUBSCRIBERS} subscribers, ${RATE} events/s, ${SECONDS} s each`);
const before = await naive();
await withPlatform(async (platform) => {
  const ours = await fanOut(platform);
  await latency(platform);
  figure('events a CPU-second, live streams : naive broadcast', ours / before, 'times', { atLeast: 2 });
});
