import './flow.css';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useSize } from '../lib/use-size.ts';
import { colourOf } from './colours.ts';
import { type FlowGraph, layFlow, linkPath, type PlacedNode, throughNode } from './flow-layout.ts';
import { writerOf } from './units.ts';

interface FlowProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly graph: FlowGraph;
  /** The first column stands at the right: ways that lead to it. */
  readonly isMirrored?: boolean;
  readonly onPress?: ((id: string) => void) | undefined;
}

/** A column has at least so much room; more columns than fit are scrolled to. */
const COLUMN_LEAST_PX = 150;
const NAME_PX = 150;
const NODE_PX = 30;
const HEIGHT = { least: 220, most: 900 };
const LETTER_PX = 6.4;
const NAME_GAP_PX = 6;
/** The number behind a name takes so much. */
const VALUE_PX = 46;

const count = writerOf({ kind: 'count' });

const cut = (name: string, widthPx: number): string => {
  const most = Math.max(4, Math.floor(widthPx / LETTER_PX));
  if (name.length <= most) return name;
  // Addresses differ at their end.
  const isAddress = name.startsWith('/') || name.includes('://');
  return isAddress ? `…${name.slice(name.length - most + 1)}` : `${name.slice(0, most - 1)}…`;
};

interface NodeProps {
  readonly node: PlacedNode;
  readonly roomPx: number;
  readonly isFaint: boolean;
  readonly onLook: (id: string | undefined) => void;
  readonly onPress: ((id: string) => void) | undefined;
}

const Node = ({ node, roomPx, isFaint, onLook, onPress }: NodeProps): ReactNode => {
  const { id, x, y, width, height, lostHeight, name, value, slot, words } = node;
  return (
    <g
      className="flow-node"
      data-faint={isFaint ? '' : undefined}
      data-press={onPress === undefined ? undefined : ''}
      onPointerEnter={() => onLook(id)}
      onPointerLeave={() => onLook(undefined)}
      onClick={() => onPress?.(id)}
    >
      <title>{words}</title>
      <rect className="flow-place" x={x} y={y - 8} width={roomPx} height={Math.max(18, height + 8)} />
      <g
        className="flow-bar"
        role={onPress === undefined ? 'img' : 'button'}
        tabIndex={0}
        aria-label={words}
        onFocus={() => onLook(id)}
        onBlur={() => onLook(undefined)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          onPress?.(id);
        }}
      >
        <rect
          x={x}
          y={y}
          width={width}
          height={Math.max(1, height)}
          rx={2}
          style={{ fill: colourOf(slot) }}
        />
        {lostHeight < 1 ? null : (
          <rect
            className="flow-lost"
            x={x}
            y={y + height - lostHeight}
            width={width}
            height={lostHeight}
            rx={2}
          />
        )}
      </g>
      {/* Cut to its room, with a short number: who hears it is told all of it above. */}
      <text aria-hidden="true" x={x + width + NAME_GAP_PX} y={y + Math.max(1, height) / 2} dy="0.32em">
        {cut(name, roomPx - width - VALUE_PX - 2 * NAME_GAP_PX)}
        <tspan className="flow-value" dx={6}>
          {count.axis(value)}
        </tspan>
      </text>
    </g>
  );
};

const heightOf = ({ nodes }: FlowGraph, given: number): number => {
  const perLevel = new Map<number, number>();
  for (const { level } of nodes) perLevel.set(level, (perLevel.get(level) ?? 0) + 1);
  const most = Math.max(1, ...perLevel.values());
  return Math.max(given, Math.min(HEIGHT.most, Math.max(HEIGHT.least, most * NODE_PX)));
};

/** Ways from column to column; looking at one shows all that lead through it. */
export const Flow = ({ label, graph, isMirrored = false, onPress }: FlowProps): ReactNode => {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [looked, setLooked] = useState<string>();
  const levels = Math.max(0, ...graph.nodes.map(({ level }) => level)) + 1;
  const width = Math.max(size?.width ?? 0, levels * COLUMN_LEAST_PX);
  const height = heightOf(graph, (size?.height ?? 0) - 4);
  const layout = useMemo(
    () => layFlow(graph, { width, height, isMirrored, namePx: NAME_PX }),
    [graph, width, height, isMirrored],
  );
  const through = useMemo(
    () => (looked === undefined ? undefined : throughNode(layout.links, looked)),
    [layout, looked],
  );
  const isFaint = (key: string): boolean => through !== undefined && !through.has(key);
  const roomPx = levels < 2 ? width : (width - NAME_PX - 10) / (levels - 1);
  return (
    <div className="flow" ref={box} role="group" aria-label={label}>
      {size === undefined ? null : (
        <svg width={width} height={height}>
          <g aria-hidden="true">
            {layout.links.map((link) => (
              <path
                key={link.key}
                className="flow-link"
                data-faint={isFaint(link.key) ? '' : undefined}
                d={linkPath(link)}
                style={{ strokeWidth: Math.max(1, link.width) }}
              >
                <title>{link.words}</title>
              </path>
            ))}
          </g>
          {layout.nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              roomPx={Math.max(60, node.level === (isMirrored ? 0 : levels - 1) ? NAME_PX : roomPx)}
              isFaint={isFaint(node.id)}
              onLook={setLooked}
              onPress={onPress}
            />
          ))}
        </svg>
      )}
    </div>
  );
};
