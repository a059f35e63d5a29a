import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Announcement } from './child.ts';
import type { LoadResult } from './load.ts';

/**
 * Durable requests a second against a bare `node:http` server answering 204, in one run: a fresh process per variant and round, the order reversed each round.
 *
 *     node_modules/.bin/node bench/http/run.ts --rounds 3 --seconds 10 --connections 64 --events 1
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    events: { type: 'string', default: '1' },
    dir: { type: 'string', default: '.' },
  },
});

const here = import.meta.dirname;

const measure = async (variant: string): Promise<LoadResult> => {
  const server = fork(join(here, `${variant}-server.ts`), [values.dir]);
  const [announcement] = (await once(server, 'message')) as [Announcement];
  const load = fork(join(here, 'load.ts'));
  const eventsPerRequest = Number(values.events);
  const path = eventsPerRequest === 1 ? '/api/events' : '/api/events/batch';
  load.send({
    ...announcement,
    path,
    eventsPerRequest,
    connections: Number(values.connections),
    seconds: Number(values.seconds),
  });
  const [result] = (await once(load, 'message')) as [LoadResult];
  server.disconnect();
  await once(server, 'exit');
  return result;
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const rates: Record<string, number[]> = { bare: [], collect: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  const order = round % 2 === 0 ? ['bare', 'collect'] : ['collect', 'bare'];
  for (const variant of order) {
    const { requestsPerSecond, p50Ms, p99Ms, failures } = await measure(variant);
    rates[variant]?.push(requestsPerSecond);
    console.log(
      `${variant.padEnd(8)} ${requestsPerSecond.toFixed(0).padStart(7)} requests/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms  failures ${failures}`,
    );
  }
}
const [bare, collect] = [median(rates['bare'] ?? []), median(rates['collect'] ?? [])];
console.log(
  `median: bare ${bare.toFixed(0)}, collect ${collect.toFixed(0)} requests/s, ratio ${(collect / bare).toFixed(2)}`,
);
