import { type ReactNode, useMemo, useRef } from 'react';
import { fullCount, share } from '../lib/format.ts';
import { useSize } from '../lib/use-size.ts';
import type { Flow, FlowNode } from './flows.ts';
import { type DrawnNode, heightFor, layOut } from './sankey-layout.ts';

interface SankeyProps {
  readonly flow: Flow;
  /** What it shows, for screen readers. */
  readonly label: string;
  /** Whether something is behind a branch. */
  readonly isOpen: (node: FlowNode) => boolean;
  readonly onOpen: (node: FlowNode) => void;
}

const LETTER_PX = 6.7;
/** Room of words between two columns is what lies between them; of those at the right edge this. */
const EDGE_PX = 160;
/** Room that a number beside the branches takes. */
const ROOMY_PX = 110;

const cut = (text: string, px: number): string => {
  const letters = Math.max(3, Math.floor(px / LETTER_PX));
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
};

interface WordsProps {
  readonly node: DrawnNode;
  readonly whole: number;
  /** Pixels until the next column. */
  readonly room: number;
}

const Words = ({ node, whole, room }: WordsProps): ReactNode => {
  const { name, count, x1, y0, y1, reason } = node;
  const y = (y0 + y1) / 2;
  const number = fullCount(count);
  // Reasons stand close together: one line is all there is room for.
  if (reason !== undefined || node.id.endsWith(' '))
    return (
      <text x={x1 + 7} y={y} dy="0.32em" className="sankey-words">
        {cut(name, room - (number.length + 1) * LETTER_PX)}
        <tspan dx="6" className="sankey-count">
          {number}
        </tspan>
      </text>
    );
  // Where it is narrow the number stands in the sum below.
  if (room < ROOMY_PX)
    return node.id === 'received' ? null : (
      <text x={x1 + 7} y={y} dy="0.32em" className="sankey-words">
        {cut(name, room)}
      </text>
    );
  return (
    <text x={x1 + 7} y={y} className="sankey-words">
      <tspan x={x1 + 7} dy="-0.15em">
        {cut(name, room)}
      </tspan>
      <tspan x={x1 + 7} dy="1.2em" className="sankey-count">
        {number}
        {node.id === 'received' ? '' : ` · ${share(count, whole)}`}
      </tspan>
    </text>
  );
};

/** Where everything went, as branches as thick as their number. What can be pressed here can be pressed beside it as well. */
export const Sankey = ({ flow, label, isOpen, onOpen }: SankeyProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const drawn = useMemo(() => (size === undefined ? undefined : layOut(flow, size)), [flow, size]);
  const whole = flow.nodes[0]?.count ?? 0;
  const columns = [...new Set(drawn?.nodes.map(({ x0 }) => x0))].sort((a, b) => a - b);
  const roomOf = ({ x0, x1 }: DrawnNode): number => {
    const next = columns[columns.indexOf(x0) + 1];
    return next === undefined ? EDGE_PX : next - x1 - 14;
  };
  return (
    <figure className="sankey">
      <div
        className="sankey-host"
        ref={host}
        role="img"
        aria-label={label}
        style={{ height: heightFor(flow) }}
      >
        {drawn === undefined || size === undefined ? null : (
          <svg width={size.width} height={size.height} aria-hidden="true">
            {drawn.links.map(({ target, path, width }) => (
              <path
                key={target.id}
                className="sankey-link"
                data-flow={target.account}
                data-press={isOpen(target) ? '' : undefined}
                d={path}
                strokeWidth={width}
                onClick={() => onOpen(target)}
              >
                <title>
                  {target.name}: {fullCount(target.count)}
                </title>
              </path>
            ))}
            {drawn.nodes.map((node) => (
              <g
                key={node.id}
                data-press={isOpen(node) ? '' : undefined}
                className="sankey-node"
                onClick={() => onOpen(node)}
              >
                <rect
                  data-flow={node.account}
                  x={node.x0}
                  y={node.y0}
                  width={node.x1 - node.x0}
                  height={Math.max(1, node.y1 - node.y0)}
                  rx="2"
                />
                <Words node={node} whole={whole} room={roomOf(node)} />
              </g>
            ))}
          </svg>
        )}
      </div>
      {drawn?.isThickened === true ? (
        <figcaption className="quiet">
          Branches too thin to be seen are drawn thicker than they are.
        </figcaption>
      ) : null}
    </figure>
  );
};
