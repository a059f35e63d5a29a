/**
 * Replay of a backlog: events arrive at 50,000/s while the processor stands still, the whole group is killed with -9, and after the restart the time is taken until a query counts
 * every one of them, the start of the processor and the engine included.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, Platform, WRITE_KEY } from '../../test/support/platform.ts';
import { untilVisible } from '../lib/bench-platform.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { conditions, figure } from '../lib/report.ts';

const LIVE_PER_SECOND = 50_000;
const SECONDS = 40;
const EVENTS_PER_REQUEST = 500;

console.log(conditions());
const dataDir = await mkdtemp(join(process.env['AEVUM_BENCH_DIR'] ?? '/tmp', 'aevum-bench-'));
const port = await freePort();
const first = await Platform.start(dataDir, port);
const processor = first.pidOf('processor');
if (processor === undefined) throw new Error('there is no processor');
process.kill(processor, 'SIGSTOP');
const load = await loadInProcess({
  port,
  key: WRITE_KEY,
  connections: 16,
  eventsPerRequest: EVENTS_PER_REQUEST,
  seconds: SECONDS,
  requestsPerSecond: LIVE_PER_SECOND / EVENTS_PER_REQUEST,
  firstId: 0,
});
await first.kill('group');
const started = performance.now();
const second = await Platform.start(dataDir, port);
const readyMs = performance.now() - started;
const seconds = ((await untilVisible(second, load.events, 300_000)) - started) / 1000;
figure('backlog', load.events, 'events');
figure('rate at which it arrived', load.eventsPerSecond, 'events/s');
figure('ready after kill -9 with the backlog', readyMs, 'ms', { atMost: 5_000 });
figure('replayed, start included', load.events / seconds, 'events/s');
figure('ratio to the live rate', load.events / seconds / load.eventsPerSecond, '', { atLeast: 3 });
await second.stop();
await rm(dataDir, { recursive: true, force: true });
