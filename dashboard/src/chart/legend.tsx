import './legend.css';
import type { ReactNode } from 'react';
import { changeOf } from '../lib/format.ts';
import { lookOf } from './colours.ts';
import type { Line } from './lines.ts';
import { writerOf } from './units.ts';

/** The colour of a line, as a small square. */
export const Swatch = ({ slot }: { readonly slot: number }): ReactNode => {
  const { colour, tint } = lookOf(slot);
  return <span className="swatch" data-slot={colour} data-tint={tint === 0 ? undefined : tint} />;
};

const Total = ({ line }: { readonly line: Line }): ReactNode => {
  if (line.total === null) return null;
  const write = writerOf(line.unit);
  const before = line.before?.total ?? null;
  const change = before === null ? undefined : changeOf(line.total, before);
  return (
    <>
      <span className="number" title={write.full(line.total)}>
        {write.short(line.total)}
      </span>
      {change === undefined || before === null ? null : (
        <span
          className="legend-change number"
          data-direction={change.direction}
          title={`${write.full(before)} in the period before`}
        >
          <span aria-hidden="true">
            {change.direction === 'up' ? '↑' : change.direction === 'down' ? '↓' : ''}
          </span>
          <span className="unseen">{change.direction} </span>
          {change.text}
        </span>
      )}
    </>
  );
};

interface LinesLegendProps {
  readonly lines: readonly Line[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
}

/** Names, colours and totals of lines, with the change against the period before; pressing one hides or shows it. */
export const LinesLegend = ({ lines, hidden, onToggle }: LinesLegendProps): ReactNode => (
  <div className="legend lines-legend" role="group" aria-label="Shown in the chart">
    {lines.map((line) => (
      <button
        key={line.key}
        type="button"
        className="legend-item"
        aria-pressed={!hidden.has(line.key)}
        onClick={() => onToggle(line.key)}
      >
        <Swatch slot={line.slot} />
        <span className="truncate" title={line.name}>
          {line.name}
        </span>
        <Total line={line} />
      </button>
    ))}
  </div>
);
