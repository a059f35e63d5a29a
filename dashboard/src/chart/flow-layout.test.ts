import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowGraph, layFlow, linkPath, throughNode } from './flow-layout.ts';

const node = (id: string, level: number, value: number, lost = 0): FlowGraph['nodes'][number] => ({
  id,
  level,
  value,
  lost,
  name: id,
  slot: 1,
  words: id,
});
const link = (source: string, target: string, value: number): FlowGraph['links'][number] => ({
  source,
  target,
  value,
  words: '',
});

/** `a` comes again two levels on: a loop of labels is none of nodes. */
const graph: FlowGraph = {
  nodes: [node('0:a', 0, 10, 4), node('1:b', 1, 4), node('1:c', 1, 2), node('2:a', 2, 5)],
  links: [link('0:a', '1:b', 4), link('0:a', '1:c', 2), link('1:b', '2:a', 4), link('1:c', '2:a', 1)],
};
const frame = { width: 400, height: 200, isMirrored: false, namePx: 100 };

test('columns by level, heights by value, the order as given, and what is lost at the lower end', () => {
  const { nodes, levels, links } = layFlow(graph, frame);
  const at = (id: string) => {
    const found = nodes.find((each) => each.id === id);
    assert.ok(found);
    return found;
  };
  assert.equal(levels, 3);
  assert.equal(at('0:a').x, 0);
  assert.equal(at('2:a').x + at('2:a').width, 300);
  assert.ok(at('1:b').y < at('1:c').y);
  assert.ok(Math.abs(at('0:a').height / at('1:b').height - 10 / 4) < 1e-9);
  assert.ok(Math.abs(at('0:a').lostHeight / at('0:a').height - 0.4) < 1e-9);
  assert.equal(links.length, 4);
  assert.ok(links.every(({ x0, x1 }) => x0 < x1));
  assert.match(linkPath(links[0] ?? assert.fail()), /^M10,/);
});

test('mirrored, the first column stands at the right', () => {
  const { nodes, links } = layFlow(graph, { ...frame, isMirrored: true });
  const first = nodes.find(({ id }) => id === '0:a');
  assert.equal((first?.x ?? 0) + (first?.width ?? 0), 300);
  assert.ok(links.every(({ x0, x1 }) => x0 > x1));
});

test('one column alone stands where the first would', () => {
  const alone = { nodes: [node('0:a', 0, 10, 10), node('0:b', 0, 2, 2)], links: [] };
  for (const isMirrored of [false, true]) {
    const { nodes, levels } = layFlow(alone, { ...frame, isMirrored });
    const { nodes: several } = layFlow(graph, { ...frame, isMirrored });
    assert.equal(levels, 1);
    for (const { x, width, y, height } of nodes) {
      assert.deepEqual([x, width], [several[0]?.x, several[0]?.width]);
      assert.ok(height > 0 && y >= 0);
    }
  }
});

test('all that lies on a way through a node', () => {
  const { links } = layFlow(graph, frame);
  const through = throughNode(links, '1:b');
  assert.deepEqual([...through].filter((key) => !key.includes('\n')).sort(), ['0:a', '1:b', '2:a']);
  assert.equal(through.has('0:a\n1:b'), true);
  assert.equal(through.has('0:a\n1:c'), false);
});

test('links to nodes that are not there are left out, and one node is laid', () => {
  assert.equal(layFlow({ ...graph, links: [...graph.links, link('1:b', '2:z', 1)] }, frame).links.length, 4);
  assert.equal(layFlow({ nodes: [node('0:a', 0, 3)], links: [] }, frame).nodes.length, 1);
});
