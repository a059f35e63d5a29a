import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowOf } from './flows.ts';
import { heightFor, layOut } from './sankey-layout.ts';

const flow = flowOf({
  ...{
    received: 1_000_010,
    stored: 1_000_000,
    duplicate: 4,
    stale: 1,
    quarantined: 5,
    blocked: 0,
    pending: 0,
  },
  difference: 0,
  reasons: { duplicate_id: 4, too_old: 1, missing_type: 2, not_an_object: 3 },
});

test('branches fill the places that they leave and enter, and all are seen', () => {
  const { nodes, links, isThickened } = layOut(flow, { width: 900, height: 400 });
  assert.equal(isThickened, true);
  const received = nodes.find(({ id }) => id === 'received');
  assert.ok(received);
  const sum = links
    .filter(({ target }) => ['stored', 'duplicate', 'stale', 'quarantined'].includes(target.id))
    .reduce((all, { width }) => all + width, 0);
  assert.ok(Math.abs(sum - (received.y1 - received.y0)) < 0.01);
  for (const { width, target } of links) assert.ok(width > 1.5, `${target.id} ${width}`);
  for (const { x0, x1, y0, y1 } of nodes) assert.ok(x0 >= 0 && x1 <= 900 && y0 >= 0 && y1 <= 400.01);
});

test('nothing, or no room, draws nothing', () => {
  assert.deepEqual(layOut({ nodes: [], links: [] }, { width: 900, height: 400 }).nodes, []);
  assert.deepEqual(layOut(flow, { width: 100, height: 400 }).nodes, []);
});

test('the more places, the higher', () => {
  const reasons = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`rule_${at}`, 1]));
  const many = flowOf({
    ...{ received: 30, stored: 0, duplicate: 0, stale: 0, quarantined: 0, blocked: 30, pending: 0 },
    ...{ difference: 0, reasons },
  });
  assert.ok(heightFor(flow) < 420);
  assert.ok(heightFor(many) >= heightFor({ nodes: [], links: [] }));
});
