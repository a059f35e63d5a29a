import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricsAnswer } from '../../../src/contract/system.ts';
import { observedIn, ratesOf, type Sample, SAMPLES_MAX, valueOf, wayOf, withSample } from './samples.ts';

type Metric = MetricsAnswer['metrics'][number];

const START: Metric = {
  ...{ name: 'process_start_time_seconds', kind: 'gauge', help: '' },
  ...{ labels: { role: 'main' }, value: 1 },
};

const counter = (value: number, step = 'unique'): Metric => ({
  ...{ name: 'rows', kind: 'counter', help: '', labels: { step }, value },
});

const timing = (counts: readonly [number, number, number]): Metric => ({
  ...{ name: 'took', kind: 'histogram', help: '', labels: {}, value: 0, count: counts[2] },
  buckets: [
    { le: 0.1, count: counts[0] },
    { le: 1, count: counts[1] },
    { le: null, count: counts[2] },
  ],
});

const at = (seconds: number, ...metrics: Sample['metrics']): Sample => ({
  atMs: seconds * 1000,
  metrics: [START, ...metrics],
});

test('counters become rates, of all series or of some', () => {
  const samples = [
    at(0, counter(0), counter(5, 'b')),
    at(5, counter(50), counter(15, 'b')),
    at(10, counter(50), counter(15, 'b')),
  ];
  assert.deepEqual(ratesOf(samples, 'rows', { step: 'unique' }), [10, 0]);
  assert.deepEqual(ratesOf(samples, 'rows'), [12, 0]);
  assert.deepEqual(ratesOf(samples, 'none'), [0, 0]);
  assert.deepEqual(wayOf(samples, 'rows', { step: 'b' }), [5, 15, 15]);
  assert.equal(valueOf(at(0), 'rows'), undefined);
});

test('a restart begins anew, a moment that is known is not taken twice, and there is an end to them', () => {
  const first = withSample([], at(1));
  assert.equal(withSample(first, at(1)), first);
  assert.equal(withSample(first, at(2)).length, 2);
  const restarted = { atMs: 3000, metrics: [{ ...START, value: 3 }] };
  assert.deepEqual(withSample(first, restarted), [restarted]);
  let many: readonly Sample[] = [];
  for (let second = 1; second <= SAMPLES_MAX + 5; second += 1) many = withSample(many, at(second));
  assert.equal(many.length, SAMPLES_MAX);
});

test('a histogram tells what it observed between two samples', () => {
  const samples = [at(0, timing([100, 100, 100])), at(5, timing([150, 190, 200]))];
  assert.deepEqual(observedIn(samples, 'took'), { count: 100, p50: 0.1, p99: null });
  assert.deepEqual(observedIn([at(5, timing([1, 2, 2]))], 'took'), { count: 2, p50: 0.1, p99: 1 });
  assert.equal(observedIn([samples[1] as Sample, samples[1] as Sample], 'none'), undefined);
});
