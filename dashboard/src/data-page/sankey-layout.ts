import { sankey, sankeyLinkHorizontal } from 'd3-sankey';
import type { Flow, FlowLink, FlowNode } from './flows.ts';

/** Room of the drawing, in pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** A place, drawn. */
export interface DrawnNode extends FlowNode {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** A branch, drawn. */
export interface DrawnLink {
  readonly target: FlowNode;
  readonly path: string;
  readonly width: number;
}

/** A flow, drawn. */
export interface DrawnFlow {
  readonly nodes: readonly DrawnNode[];
  readonly links: readonly DrawnLink[];
  /** Branches are drawn thicker than their number, so that they are seen. */
  readonly isThickened: boolean;
}

/** The thinnest branch, in pixels. */
const LEAST_PX = 2;
const NODE_PX = 10;
const PADDING_PX = 32;
/** Room of the words at the right of the last places. */
const WORDS_PX = 170;
const LEAST_HEIGHT_PX = 280;

/** As much height lets the words of all places stand apart. */
export const heightFor = ({ nodes, links }: Flow): number => {
  const columns = [0, 1, 2].map(
    (depth) => nodes.filter(({ id }) => depthOf(links, id) === depth).length * (PADDING_PX + LEAST_PX),
  );
  return Math.max(LEAST_HEIGHT_PX, ...columns.map((words) => words + LEAST_HEIGHT_PX / 2));
};

const depthOf = (links: Flow['links'], id: string): number => {
  const into = links.find(({ target }) => target === id);
  return into === undefined ? 0 : 1 + depthOf(links, into.source);
};

/** How much each place weighs in the drawing: what it counts, but never so little that it is not seen. A place weighs what leaves it. */
const weightsOf = ({ nodes, links }: Flow, least: number): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>();
  const weigh = (node: FlowNode): number => {
    const known = weights.get(node.id);
    if (known !== undefined) return known;
    const parts = links.filter(({ source }) => source === node.id);
    const sum = parts.reduce((all, { target }) => all + weigh(nodeOf(nodes, target)), 0);
    const weight = parts.length === 0 ? Math.max(node.count, least) : sum;
    weights.set(node.id, weight);
    return weight;
  };
  for (const node of nodes) weigh(node);
  return weights;
};

const nodeOf = (nodes: readonly FlowNode[], id: string): FlowNode => {
  const found = nodes.find((node) => node.id === id);
  if (found === undefined) throw new RangeError(`no place ${id}`);
  return found;
};

interface Placed {
  readonly flow: FlowNode;
}

/** Lays a flow out from left to right. */
export const layOut = (flow: Flow, { width, height }: Room): DrawnFlow => {
  const [whole] = flow.nodes;
  if (whole === undefined || width <= WORDS_PX || height <= 0)
    return { nodes: [], links: [], isThickened: false };
  const leaves = flow.nodes.filter(({ id }) => !flow.links.some(({ source }) => source === id)).length;
  const room = Math.max(LEAST_PX * leaves, height - PADDING_PX * leaves);
  const least = (whole.count * LEAST_PX) / room;
  const weights = weightsOf(flow, least);
  const layout = sankey<Placed, FlowLink>()
    .nodeId(({ flow: { id } }) => id)
    .nodeWidth(NODE_PX)
    .nodePadding(PADDING_PX)
    .nodeSort(null)
    .linkSort(null)
    // Places without branches stay where they are, rather than at the right edge.
    .nodeAlign(({ depth = 0 }) => depth)
    .extent([
      [1, 8],
      [width - WORDS_PX, height - 8],
    ]);
  const { nodes, links } = layout({
    nodes: flow.nodes.map((node) => ({ flow: node })),
    links: flow.links.map((link) => ({ ...link, value: weights.get(link.target) ?? 0 })),
  });
  const path = sankeyLinkHorizontal<Placed, FlowLink>();
  return {
    nodes: nodes.map(({ flow: node, x0 = 0, x1 = 0, y0 = 0, y1 = 0 }) => ({ ...node, x0, x1, y0, y1 })),
    links: links.map((link) => ({
      target: (link.target as unknown as Placed).flow,
      path: path(link) ?? '',
      width: link.width ?? 0,
    })),
    isThickened: flow.nodes.some(({ count }) => count < least),
  };
};
