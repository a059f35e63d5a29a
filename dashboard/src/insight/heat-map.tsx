import './heat-map.css';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { fullCount, percent, shortCount } from '../lib/format.ts';
import type { HeatCell, HeatRow } from './retention-shape.ts';

interface HeatMapProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  /** Above the names of the rows. */
  readonly head: string;
  /** What a column is: `day` gives `Day 0`, `Day 1` and so on. */
  readonly unit: string;
  readonly rows: readonly HeatRow[];
  readonly onPress?: ((row: HeatRow, cell: HeatCell) => void) | undefined;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Text stays readable on the strongest. */
const STRONGEST = 72;
const FAINTEST = 4;

const ground = ({ rate, heat, period }: HeatCell): string | undefined => {
  if (rate === null) return undefined;
  if (period === 0) return 'var(--pressed)';
  const share = FAINTEST + heat * (STRONGEST - FAINTEST);
  return `color-mix(in srgb, var(--accent-solid) ${share.toFixed(1)}%, var(--surface))`;
};

const MOVES: Readonly<Partial<Record<string, Place>>> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
  Home: { row: 0, column: Number.NEGATIVE_INFINITY },
  End: { row: 0, column: Number.POSITIVE_INFINITY },
};

const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));

interface CellProps {
  readonly cell: HeatCell;
  readonly isHere: boolean;
  readonly onFocus: () => void;
  readonly onPress: (() => void) | undefined;
}

const Cell = ({ cell, isHere, onFocus, onPress }: CellProps): ReactNode => (
  <td
    className="heat-cell"
    data-state={cell.state}
    data-press={onPress === undefined ? undefined : ''}
    style={{ background: ground(cell) }}
    tabIndex={isHere ? 0 : -1}
    title={cell.words}
    onFocus={onFocus}
    onClick={onPress}
  >
    {cell.rate === null ? '' : percent(cell.rate)}
  </td>
);

/** Rates by row and period, coloured by how high they are. Arrow keys move from cell to cell, Enter presses. */
export const HeatMap = ({ label, head, unit, rows, onPress }: HeatMapProps): ReactNode => {
  const body = useRef<HTMLTableSectionElement>(null);
  const [here, setHere] = useState<Place>({ row: 0, column: 0 });
  const columns = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const go = ({ row, column }: Place): void => {
    const next = { row: clamp(row, rows.length - 1), column: clamp(column, columns - 1) };
    setHere(next);
    body.current?.rows[next.row]?.querySelectorAll<HTMLElement>('.heat-cell')[next.column]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[here.row];
    const cell = row?.cells[here.column];
    const move = MOVES[event.key];
    if (move !== undefined) go({ row: here.row + move.row, column: here.column + move.column });
    else if (event.key === 'Enter' && row !== undefined && cell !== undefined) onPress?.(row, cell);
    else return;
    event.preventDefault();
  };
  return (
    <div className="heat" style={{ '--heat-rows': rows.length } as CSSProperties}>
      <table role="grid" aria-label={label} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" className="heat-size">
              Size
            </th>
            {Array.from({ length: columns }, (_, index) => (
              <th key={index} scope="col" className="heat-period">
                <span className="heat-unit">{unit}</span> {index}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, rowIndex) => (
            <tr key={row.key} data-mean={row.start === null ? '' : undefined}>
              <th scope="row" title={row.isGrowing ? 'This cohort still grows' : undefined}>
                {row.name}
                {row.isGrowing ? <span className="quiet"> …</span> : null}
              </th>
              <td className="heat-size number" title={fullCount(row.size)}>
                {shortCount(row.size)}
              </td>
              {row.cells.map((cell, column) => (
                <Cell
                  key={cell.period}
                  cell={cell}
                  isHere={here.row === rowIndex && here.column === column}
                  onFocus={() => setHere({ row: rowIndex, column })}
                  onPress={onPress === undefined || cell.rate === null ? undefined : () => onPress(row, cell)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
