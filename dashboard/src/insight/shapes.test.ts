import assert from 'node:assert/strict';
import { test } from 'node:test';
import { creditedOf, creditRows } from './attribution-shape.ts';
import { forestOf } from './experiment-shape.ts';
import { funnelStages, timeBars } from './funnel-shape.ts';
import { pathsGraph } from './paths-shape.ts';
import { cohortRows, groupRows } from './retention-shape.ts';
import { boxExtent, boxOf, correlationWords, spreadBars, spreadName } from './statistics-shape.ts';
import { SAMPLES } from './testing/answers.ts';

test('a funnel: a bar a step and group, as high as its share of the group', () => {
  const stages = funnelStages(SAMPLES.funnel.answer);
  assert.deepEqual(
    stages.map(({ name, all, bars }) => [name, all.share, bars.map(({ share, slot }) => [share, slot])]),
    [
      [
        'page_view',
        1,
        [
          [1, 1],
          [1, 0],
        ],
      ],
      [
        'add_to_cart',
        0.4,
        [
          [0.5, 1],
          [0.25, 0],
        ],
      ],
      [
        'Bought',
        0.1,
        [
          [0.1, 1],
          [0.1, 0],
        ],
      ],
    ],
  );
  assert.equal(stages[1]?.bars[0]?.dropped, 24);
  assert.equal(stages[2]?.all.dropped, null);
  const alone = funnelStages({ ...SAMPLES.funnel.answer, groups: [] });
  assert.deepEqual(
    alone[1]?.bars.map(({ actors, group }) => [actors, group]),
    [[40, null]],
  );
});

test('times to convert: empty bins at both ends are left out', () => {
  const { total, bins_ms } = SAMPLES.funnel.answer;
  assert.ok(total.time_to_convert);
  const bars = timeBars(total.time_to_convert, bins_ms, 'users');
  assert.deepEqual(
    bars.map(({ label, value, words }) => [label, value, words]),
    [
      ['<5 s', 2, '1 s to 5 s: 2 users (25%)'],
      ['<10 s', 5, '5 s to 10 s: 5 users (63%)'],
      ['more', 1, 'over 10 s: 1 users (13%)'],
    ],
  );
  assert.deepEqual(timeBars({ ...total.time_to_convert, histogram: [0, 0] }, bins_ms, 'users'), []);
});

test('retention: the mean first, running periods told from those that are over and from the future', () => {
  const { answer } = SAMPLES.retention;
  const [series] = answer.series;
  assert.ok(series);
  const rows = cohortRows(answer, series, 'UTC');
  assert.deepEqual(
    rows.map(({ name, size, isGrowing, cells }) => [name, size, isGrowing, cells.map(({ state }) => state)]),
    [
      ['Mean', 150, false, ['over', 'over', 'none']],
      ['19 Nov 2026', 100, false, ['over', 'over', 'running']],
      ['20 Nov 2026', 50, false, ['over', 'running', 'none']],
      ['21 Nov 2026', 0, true, ['none', 'none', 'none']],
    ],
  );
  const [, first] = rows;
  assert.equal(first?.cells[1]?.heat, 1);
  assert.equal(first?.cells[1]?.words, '19 Nov 2026, day 1: 40 of 100 (40%)');
  assert.equal(first?.cells[2]?.words, '19 Nov 2026, day 2: 5 of 100 (5.0%) so far');
  assert.equal(rows[3]?.cells[0]?.words, '21 Nov 2026, day 0: not known yet');
  assert.deepEqual(
    groupRows(answer).map(({ name, cells }) => [name, cells[1]?.rate]),
    [['All', 0.4]],
  );
});

test('paths: a label has one colour at every level, and what ends there is told', () => {
  const { nodes, links } = pathsGraph(SAMPLES.paths.answer);
  const slot = (id: string): number | undefined => nodes.find((node) => node.id === id)?.slot;
  assert.equal(slot('0:/'), slot('2:/'));
  assert.notEqual(slot('0:/'), slot('1:/a'));
  assert.equal(slot('1#other'), 0);
  assert.equal(nodes[0]?.words, '/: 10 users (100%), 3 (30%) ended here');
  assert.equal(links[2]?.words, '/a to /: 4 users');
  assert.deepEqual(
    nodes.map(({ lost }) => lost),
    [3, 1, 1, 0],
  );
});

test('statistics: bins with numbers, boxes on one axis', () => {
  const { edges, series } = SAMPLES.statistics.answer;
  const [euro] = series;
  assert.ok(euro);
  const { bars, lastEdge } = spreadBars(edges, euro, { kind: 'number' });
  assert.deepEqual(
    bars.map(({ label, value, words }) => [label, value, words]),
    [
      ['10', 4, '10 to 20: 4 (40%)'],
      ['20', 6, '20 to 30: 6 (60%)'],
    ],
  );
  assert.equal(lastEdge, '30');
  const [low, high] = boxExtent(series);
  assert.deepEqual([low, high], [0, 36]);
  assert.deepEqual(boxOf(euro, 0, 40), { low: 0.05, from: 0.25, middle: 0.5, to: 0.75, high: 0.9 });
  assert.equal(boxOf({ ...euro, quantiles: [] }, 0, 40), undefined);
  assert.equal(spreadName(euro), 'EUR');
  assert.match(correlationWords(-0.7), /strong.*falls/);
});

test('an experiment: intervals on one axis on which 0 lies', () => {
  const { rows, zero, ticks } = forestOf(SAMPLES.experiment.answer);
  assert.deepEqual(
    rows.map(({ verdict }) => verdict),
    ['control', 'better', 'open'],
  );
  const [control, better, open] = rows;
  assert.equal(control?.middle, undefined);
  assert.ok((better?.low ?? 0) > zero && (better?.high ?? 2) <= 1);
  assert.ok((open?.low ?? 1) < zero && (open?.high ?? 0) > zero && (open?.low ?? -1) >= 0);
  assert.ok(ticks.some(({ value, at }) => value === 0 && Math.abs(at - zero) < 1e-9));
  const alone = forestOf({
    ...SAMPLES.experiment.answer,
    variants: SAMPLES.experiment.answer.variants.slice(0, 1),
  });
  assert.ok(alone.zero > 0 && alone.zero < 1);
});

test('attribution: conversions or the money of a currency, by each model', () => {
  const { answer } = SAMPLES.attribution;
  const [conversions, euro] = creditedOf(answer);
  assert.ok(conversions && euro);
  assert.deepEqual(creditRows(answer, conversions)[0]?.parts, [
    { model: 'first', value: 6, share: 0.75 },
    { model: 'markov', value: 5.5, share: 0.6875 },
  ]);
  assert.deepEqual(creditRows(answer, euro)[1]?.parts[0], { model: 'first', value: 20, share: 0.25 });
});
