import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Labels, MetricState } from '../lib/telemetry.ts';

/** How finely waits of the event loop are sampled, milliseconds. Finer costs CPU when idle. */
const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** Measures the process it is called in. */
export interface ProcessMetrics {
  /** The series as they stand now. Waits of the event loop are those since the call before. */
  snapshot(): MetricState[];
  close(): void;
}

/**
 * Metrics of this process under the names that Prometheus' client libraries use, so that common dashboards work.
 */
export const createProcessMetrics = (): ProcessMetrics => {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const startSeconds = performance.timeOrigin / 1000;
  return {
    snapshot() {
      const series = [...processSeries(startSeconds), ...loopSeries(loop)];
      loop.reset();
      return series;
    },
    close: () => void loop.disable(),
  };
};

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;

const series = (
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  value: number,
  labels: Labels = {},
): MetricState => ({
  kind,
  name,
  help,
  labels,
  value,
});

const processSeries = (startSeconds: number): MetricState[] => {
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const cpuHelp = 'CPU time spent, seconds.';
  return [
    series('counter', 'process_cpu_user_seconds_total', `User ${cpuHelp}`, cpu.user / MICROSECONDS),
    series('counter', 'process_cpu_system_seconds_total', `System ${cpuHelp}`, cpu.system / MICROSECONDS),
    series('counter', 'process_cpu_seconds_total', cpuHelp, (cpu.user + cpu.system) / MICROSECONDS),
    series('gauge', 'process_start_time_seconds', 'Start of the process, seconds since 1970.', startSeconds),
    series('gauge', 'process_resident_memory_bytes', 'Memory resident.', memory.rss),
    series('gauge', 'nodejs_heap_size_total_bytes', 'Size of the JavaScript heap.', memory.heapTotal),
    series('gauge', 'nodejs_heap_size_used_bytes', 'Used part of the JavaScript heap.', memory.heapUsed),
    series(
      'gauge',
      'nodejs_external_memory_bytes',
      'Memory outside of the heap, buffers included.',
      memory.external,
    ),
    series('gauge', 'nodejs_version_info', 'Version of Node.', 1, { version: process.version }),
  ];
};

/** Before the first sample the histogram has no mean or percentiles: 0 then. */
const secondsOf = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? nanoseconds / NANOSECONDS : 0;

const loopSeries = (loop: LoopDelay): MetricState[] => {
  const isEmpty = loop.count === 0;
  const gauge = (suffix: string, what: string, nanoseconds: number): MetricState =>
    series(
      'gauge',
      `nodejs_eventloop_lag${suffix}_seconds`,
      `Wait of the event loop, ${what}.`,
      isEmpty ? 0 : secondsOf(nanoseconds),
    );
  return [
    gauge('_mean', 'mean', loop.mean),
    gauge('_max', 'longest', loop.max),
    gauge('_p50', 'median', loop.percentile(50)),
    gauge('_p99', '99th percentile', loop.percentile(99)),
  ];
};
