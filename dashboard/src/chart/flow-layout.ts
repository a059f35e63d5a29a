import { sankey, type SankeyLink, type SankeyNode } from 'd3-sankey';

/** Where something may be: a step of a way. */
export interface FlowNode {
  readonly id: string;
  /** Which column, from 0. */
  readonly level: number;
  readonly name: string;
  readonly value: number;
  /** How much of it goes no further. */
  readonly lost: number;
  readonly slot: number;
  /** What is said of it when it is looked at. */
  readonly words: string;
}

/** What goes from one to another. */
export interface FlowLink {
  readonly source: string;
  readonly target: string;
  readonly value: number;
  readonly words: string;
}

/** Ways from column to column. */
export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
  readonly links: readonly FlowLink[];
}

/** A node in its place, in pixels. */
export interface PlacedNode extends FlowNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How much of its height is lost, at its lower end. */
  readonly lostHeight: number;
}

/** A link in its place: from the middle of one edge to that of the other. */
export interface PlacedLink extends FlowLink {
  readonly key: string;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly width: number;
}

/** Everything in its place. */
export interface FlowLayout {
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
  readonly levels: number;
}

/** How large the drawing is, and which way it runs. */
export interface FlowFrame {
  readonly width: number;
  readonly height: number;
  /** The first column stands at the right: ways that lead to it. */
  readonly isMirrored: boolean;
  /** Left free at the right of the rightmost column, for its names. */
  readonly namePx: number;
}

const NODE_PX = 10;
/** Between nodes of a column: room for a line of text. */
const PADDING_PX = 16;

/** An end of a link: an id before it is laid, a node afterwards. */
type End = string | number | SankeyNode<FlowNode, FlowLink>;

/** Puts nodes in columns by their level, as high as their value, and links between them. Nodes of a column stay in their order. */
export const layFlow = ({ nodes, links }: FlowGraph, frame: FlowFrame): FlowLayout => {
  const { width, height, isMirrored, namePx } = frame;
  const levels = Math.max(0, ...nodes.map(({ level }) => level)) + 1;
  const known = new Set(nodes.map(({ id }) => id));
  const lay = sankey<FlowNode, FlowLink>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ level }) => level)
    .nodeWidth(NODE_PX)
    .nodePadding(PADDING_PX)
    .nodeSort(null as unknown as undefined)
    .extent([
      [isMirrored ? namePx : 0, PADDING_PX / 2],
      [Math.max(NODE_PX, isMirrored ? width : width - namePx), Math.max(1, height - PADDING_PX / 2)],
    ]);
  const laid = lay({
    nodes: nodes.map((node) => ({ ...node, fixedValue: node.value })),
    links: links
      .filter(({ source, target }) => known.has(source) && known.has(target))
      .map((link) => ({ ...link })),
  });
  const flip = (x: number): number => (isMirrored ? width - x : x);
  // Columns are shared out between the first and the last: of one alone the library makes no number.
  const first = isMirrored ? namePx : 0;
  const placed = laid.nodes.map((node) =>
    placeNode(
      Number.isFinite(node.x0) ? node : { ...node, x0: first, x1: first + NODE_PX },
      flip,
      isMirrored,
    ),
  );
  return { nodes: placed, links: laid.links.map((link) => placeLink(link, flip)), levels };
};

const placeNode = (
  node: SankeyNode<FlowNode, FlowLink>,
  flip: (x: number) => number,
  isMirrored: boolean,
): PlacedNode => {
  const {
    id,
    level,
    name,
    value: _,
    lost,
    slot,
    words,
    x0 = 0,
    x1 = 0,
    y0 = 0,
    y1 = 0,
    fixedValue = 0,
  } = node;
  const height = y1 - y0;
  return {
    ...{ id, level, name, lost, slot, words, value: fixedValue },
    x: isMirrored ? flip(x1) : x0,
    y: y0,
    width: x1 - x0,
    height,
    lostHeight: fixedValue === 0 ? 0 : (height * lost) / fixedValue,
  };
};

const placeLink = (link: SankeyLink<FlowNode, FlowLink>, flip: (x: number) => number): PlacedLink => {
  const { value, words, width = 0, y0 = 0, y1 = 0 } = link;
  const ends: readonly End[] = [link.source, link.target];
  const [from, to] = ends.map((end) => (typeof end === 'object' ? end : undefined));
  const [source = '', target = ''] = [from?.id, to?.id];
  return {
    ...{ source, target, value, words, width, y0, y1 },
    key: `${source}\n${target}`,
    x0: flip(from?.x1 ?? 0),
    x1: flip(to?.x0 ?? 0),
  };
};

/** The middle line of a link, as an SVG path. */
export const linkPath = ({ x0, x1, y0, y1 }: PlacedLink): string => {
  const middle = (x0 + x1) / 2;
  return `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}`;
};

/** The nodes and links that lie on a way through a node: all before it and all behind it. */
export const throughNode = (links: readonly PlacedLink[], id: string): ReadonlySet<string> => {
  const found = new Set([id]);
  const follow = (from: 'source' | 'target', to: 'source' | 'target'): void => {
    const seen = new Set([id]);
    for (let frontier = [id]; frontier.length > 0; ) {
      const next = links.filter((link) => frontier.includes(link[from]));
      frontier = [];
      for (const link of next) {
        found.add(link.key);
        if (seen.has(link[to])) continue;
        seen.add(link[to]);
        found.add(link[to]);
        frontier.push(link[to]);
      }
    }
  };
  follow('source', 'target');
  follow('target', 'source');
  return found;
};
