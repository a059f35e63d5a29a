import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineEvent, type MetricState, quietTelemetry } from '../lib/telemetry.ts';
import { createLogSink } from './log-sink.ts';
import { createMetricsView } from './metrics.ts';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { prometheusText } from './prometheus.ts';

const sinkOf = (options: {
  isTTY?: boolean;
  format: 'auto' | 'json' | 'text';
  level?: 'debug' | 'info' | 'warn';
}) => {
  const written: string[] = [];
  const stream = {
    write: (text: string) => void written.push(text),
    ...(options.isTTY === undefined ? {} : { isTTY: options.isTTY }),
  };
  return { written, sink: createLogSink({ level: options.level ?? 'info', format: options.format, stream }) };
};

test('log lines are JSON off a terminal, with name, level, time and fields', () => {
  const { written, sink } = sinkOf({ format: 'auto' });
  sink('debug', 'hidden', 'below the level', {});
  sink('warn', 'disk_slow', 'The disk is slow.', { ms: 12, name: 'not this', error: new Error('why') });
  assert.equal(written.length, 1);
  const line = JSON.parse(written[0] ?? '') as Record<string, unknown>;
  assert.deepEqual(
    [line['level'], line['name'], line['message'], line['ms']],
    ['warn', 'disk_slow', 'The disk is slow.', 12],
  );
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/);
  assert.equal((line['error'] as { message: string }).message, 'why');
});

test('log lines are for people on a terminal; errors show their stack', () => {
  const { written, sink } = sinkOf({ format: 'auto', isTTY: true });
  sink('debug', 'hidden', 'below the level', {});
  sink('info', 'started', 'Ready.', {});
  sink('error', 'broke', 'It broke.', { error: new Error('why') });
  assert.equal(written.length, 2);
  assert.match(written[0] ?? '', /\d\d:\d\d:\d\d\.\d{3}.*info.*Ready\.\n$/);
  assert.match(written[1] ?? '', /It broke\.\n\s+Error: why\n\s+at /);
  const plain = sinkOf({ format: 'text', isTTY: false });
  plain.sink('info', 'started', 'Ready.', null);
  assert.ok(!(plain.written[0] ?? '').includes('\u001b'));
});

test('the exposition groups series by name, escapes labels and sums buckets', () => {
  const series: MetricState[] = [
    { kind: 'counter', name: 'a_total', help: 'A\\B\nC', labels: { x: 'q"\\\n' }, value: 1 },
    {
      kind: 'histogram',
      name: 'h_seconds',
      help: 'H',
      labels: {},
      value: 3.5,
      buckets: [1, 2],
      counts: [1, 0, 2],
      count: 3,
    },
    { kind: 'counter', name: 'a_total', help: 'A', labels: {}, value: 2 },
    { kind: 'gauge', name: 'g', help: 'G', labels: {}, value: Number.POSITIVE_INFINITY },
    { kind: 'counter', name: 'a_total', help: 'A', labels: {}, value: 99 },
  ];
  assert.equal(
    prometheusText(series),
    [
      '# HELP a_total A\\\\B\\nC',
      '# TYPE a_total counter',
      'a_total{x="q\\"\\\\\\n"} 1',
      'a_total 2',
      '# HELP h_seconds H',
      '# TYPE h_seconds histogram',
      'h_seconds_bucket{le="1"} 1',
      'h_seconds_bucket{le="2"} 1',
      'h_seconds_bucket{le="+Inf"} 3',
      'h_seconds_sum 3.5',
      'h_seconds_count 3',
      '# HELP g G',
      '# TYPE g gauge',
      'g +Inf',
      '',
    ].join('\n'),
  );
});

test('the process is measured under the usual names', async (t) => {
  const metrics = createProcessMetrics();
  t.after(() => metrics.close());
  await new Promise((resolve) => setTimeout(resolve, 60));
  const values = new Map(metrics.snapshot().map(({ name, value }) => [name, value]));
  assert.ok((values.get('process_resident_memory_bytes') ?? 0) > 10_000_000);
  assert.ok((values.get('process_cpu_seconds_total') ?? 0) > 0);
  assert.ok((values.get('nodejs_eventloop_lag_p50_seconds') ?? -1) >= 0);
  for (const value of values.values()) assert.ok(Number.isFinite(value));
});

test('counters of a process that is started again do not fall', () => {
  const own: ProcessMetrics = { snapshot: () => [], close: () => undefined };
  const telemetry = quietTelemetry();
  telemetry.emit(
    defineEvent({ name: 'x', level: 'info', metrics: [{ kind: 'counter', name: 'own_total', help: '' }] }),
    {},
  );
  const view = createMetricsView(telemetry, own);
  const counter = (value: number): MetricState => ({
    kind: 'counter',
    name: 'c_total',
    help: '',
    labels: {},
    value,
  });
  const gauge: MetricState = { kind: 'gauge', name: 'g', help: '', labels: {}, value: 3 };
  const histogram = (count: number): MetricState => ({
    kind: 'histogram',
    name: 'h',
    help: '',
    labels: {},
    value: count,
    buckets: [1],
    counts: [count, 0],
    count,
  });
  const cpu: MetricState = {
    kind: 'counter',
    name: 'process_cpu_seconds_total',
    help: '',
    labels: {},
    value: 9,
  };
  const seen = () =>
    Object.fromEntries(
      view
        .snapshot()
        .filter(({ labels }) => labels['role'] === 'processor')
        .map(({ name, value, counts }) => [name, counts ?? value]),
    );
  view.receive('processor', [counter(5), gauge, histogram(2), cpu]);
  assert.deepEqual(seen(), { c_total: 5, g: 3, h: [2, 0], process_cpu_seconds_total: 9 });
  view.ended('processor');
  assert.deepEqual(seen(), { c_total: 5, h: [2, 0] });
  view.receive('processor', [counter(1), histogram(1)]);
  assert.deepEqual(seen(), { c_total: 6, h: [3, 0] });
  view.ended('processor');
  view.receive('processor', [counter(2)]);
  assert.deepEqual(seen(), { c_total: 8, h: [3, 0] });
  assert.ok(view.snapshot().some(({ name, labels }) => name === 'own_total' && labels['role'] === 'main'));
});
