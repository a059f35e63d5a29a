/** At 1,000 events/s: from sending a POST to the moment a `trend` answer counts its event. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WRITE_KEY } from '../../test/support/platform.ts';
import { withPlatform } from '../lib/bench-platform.ts';
import { quantile } from '../lib/http-load.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { conditions, figure } from '../lib/report.ts';

const PROBES = 100;
const PROBE_PAUSE_MS = 150;
const PROBE_LIMIT_MS = 10_000;
const LOAD_PER_SECOND = 1_000;

interface TrendAnswer {
  readonly series: readonly { readonly total: number }[];
}

await withPlatform(async (platform) => {
  console.log(conditions());
  const seconds = 10 + (PROBES * (PROBE_PAUSE_MS + 400)) / 1000;
  const load = loadInProcess({
    port: platform.port,
    key: WRITE_KEY,
    connections: 16,
    eventsPerRequest: 1,
    seconds,
    requestsPerSecond: LOAD_PER_SECOND,
    firstId: 0,
  });
  await sleep(3_000);
  const count = async (type: string): Promise<number> => {
    const answer = await platform.json<TrendAnswer>('/api/query', {
      kind: 'trend',
      measure: { kind: 'count' },
      types: [type],
      interval: 'total',
      range: 'last 60 minutes',
    });
    return answer.series.reduce((sum, series) => sum + series.total, 0);
  };
  const took: number[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const type = `probe_${probe}`;
    const begun = performance.now();
    await platform.json('/api/events', { id: type, type });
    while ((await count(type)) < 1) {
      if (performance.now() - begun > PROBE_LIMIT_MS)
        throw new Error(`${type} was not visible after ${PROBE_LIMIT_MS} ms`);
    }
    took.push(performance.now() - begun);
    await sleep(PROBE_PAUSE_MS * Math.random() * 2);
  }
  const sorted = Float64Array.from(took).sort();
  figure('POST to trend answer at 1,000 events/s: p50', quantile(sorted, 0.5), 'ms');
  figure('POST to trend answer at 1,000 events/s: p95', quantile(sorted, 0.95), 'ms', { atMost: 500 });
  const summary = await load;
  figure('load kept up', summary.eventsPerSecond, 'events/s');
  figure('failures', summary.failures, 'requests', { atMost: 0 });
});
