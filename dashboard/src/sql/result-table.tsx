import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { SqlAnswer } from '../../../src/contract/sql.ts';
import { copyText, toast } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { cellText, columnWidths, shortCell, shortType } from './cells.ts';
import { isNumeric } from './result-chart.ts';

type Columns = SqlAnswer['columns'];
type Row = SqlAnswer['rows'][number];

const ROW_PX = 28;
const OVERSCAN = 12;
/** More columns than this are not drawn; files and the opened row hold all. */
export const COLUMNS_MAX = 100;
const PAGE_ROWS = 15;

interface RowViewProps {
  readonly id: string;
  readonly index: number;
  readonly row: Row;
  readonly columns: Columns;
  readonly top: number;
  readonly template: string;
  /** Which of its cells the keys are at. */
  readonly current: number | undefined;
  readonly onPick: (row: number, column: number) => void;
  readonly onOpen: (row: number) => void;
}

const RowView = memo((props: RowViewProps): ReactNode => {
  const { id, index, row, columns, top, template, current, onPick, onOpen } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="sql-row"
      data-current={current === undefined ? undefined : ''}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
    >
      <div role="rowheader" tabIndex={-1} className="sql-cell sql-number-of" onClick={() => onOpen(index)}>
        {fullCount(index + 1)}
      </div>
      {columns.map((column, at) => (
        <div
          key={at}
          id={`${id}-${index}-${at}`}
          role="gridcell"
          tabIndex={-1}
          aria-colindex={at + 2}
          className="sql-cell"
          data-number={isNumeric(column) ? '' : undefined}
          data-null={row[at] === null ? '' : undefined}
          aria-selected={current === at}
          onClick={() => onPick(index, at)}
          onDoubleClick={() => onOpen(index)}
        >
          {shortCell(row[at])}
        </div>
      ))}
    </div>
  );
});
RowView.displayName = 'RowView';

const isCopy = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !altKey && key.toLowerCase() === 'c';

const copied = (text: string, what: string): void =>
  void copyText(text).then((done) =>
    toast(done ? `Copied ${what}.` : 'The browser did not let it be copied.'),
  );

interface Cell {
  readonly row: number;
  readonly column: number;
}

const MOVES: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [PAGE_ROWS, 0],
  PageUp: [-PAGE_ROWS, 0],
  Home: [0, -COLUMNS_MAX],
  End: [0, COLUMNS_MAX],
};

const within = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));

interface Keyed {
  readonly rows: readonly Row[];
  readonly columns: Columns;
  readonly onOpen: (row: number) => void;
  /** Brings a cell into view. */
  readonly show: (cell: Cell) => void;
}

/** Which cell the keys are at, and what they do there. */
const useCells = ({ rows, columns, onOpen, show }: Keyed) => {
  const [at, setAt] = useState<Cell>();
  const pick = useCallback((row: number, column: number) => setAt({ row, column }), []);
  const move = ([down, right]: readonly [number, number]): void => {
    const now = at ?? { row: down > 0 ? -1 : 0, column: 0 };
    const cell = {
      row: within(now.row + down, rows.length),
      column: within(now.column + right, columns.length),
    };
    setAt(cell);
    show(cell);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isCopy(event) && at !== undefined && (getSelection()?.toString() ?? '') === '') {
      event.preventDefault();
      copied(cellText(rows[at.row]?.[at.column]), 'the cell');
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = MOVES[event.key];
    if (step === undefined && (event.key !== 'Enter' || at === undefined)) return;
    event.preventDefault();
    if (step !== undefined) move(step);
    else if (at !== undefined) onOpen(at.row);
  };
  return { at, pick, onKeyDown };
};

const templateOf = (columns: Columns, rows: readonly Row[]) => {
  const widths = columnWidths(columns, rows);
  const numbers = String(rows.length).length + 4;
  const tracks = widths.map((width, at) =>
    at === widths.length - 1 ? `minmax(${width}ch, 1fr)` : `${width}ch`,
  );
  return {
    template: `${numbers}ch ${tracks.join(' ')}`,
    minWidth: `${widths.reduce((sum, width) => sum + width, numbers)}ch`,
  };
};

const Head = ({ columns, template }: { readonly columns: Columns; readonly template: string }): ReactNode => (
  <div role="row" aria-rowindex={1} className="sql-head-row" style={{ gridTemplateColumns: template }}>
    <div role="columnheader" className="sql-cell sql-number-of">
      <span className="unseen">Row</span>
    </div>
    {columns.map((column, at) => (
      <div
        key={at}
        role="columnheader"
        className="sql-cell"
        data-number={isNumeric(column) ? '' : undefined}
        title={`${column.name}: ${column.type}`}
      >
        <span className="truncate">{column.name}</span>
        <span className="sql-type truncate">{shortType(column.type)}</span>
      </div>
    ))}
  </div>
);

interface ResultTableProps {
  readonly columns: Columns;
  readonly rows: readonly Row[];
  /** It answers an earlier statement. */
  readonly isOld: boolean;
  readonly onOpen: (row: number) => void;
}

/** The rows of an answer, in the order of the statement. Arrows move from cell to cell, Enter opens a row, Ctrl+C copies a cell. Only what is in view is drawn. */
export const ResultTable = ({ columns: all, rows, isOld, onOpen }: ResultTableProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const id = useId();
  const columns = useMemo(() => all.slice(0, COLUMNS_MAX), [all]);
  const { template, minWidth } = useMemo(() => templateOf(columns, rows), [columns, rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => host.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    // The head stays above the rows.
    scrollPaddingStart: 2 * ROW_PX,
  });
  const show = ({ row, column }: Cell): void => {
    virtual.scrollToIndex(row, { align: 'auto' });
    requestAnimationFrame(() =>
      document
        .getElementById(`${id}-${row}-${column}`)
        ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    );
  };
  const { at, pick, onKeyDown } = useCells({ rows, columns, onOpen, show });
  return (
    <div
      ref={host}
      className="sql-table"
      role="grid"
      tabIndex={0}
      aria-label="Rows"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={at === undefined ? undefined : `${id}-${at.row}-${at.column}`}
      data-old={isOld ? '' : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="sql-head" style={{ minWidth }}>
        <Head columns={columns} template={template} />
      </div>
      <div role="rowgroup" className="sql-rows" style={{ height: virtual.getTotalSize(), minWidth }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <RowView
              key={index}
              {...{ id, index, row, columns, template, onOpen }}
              top={start}
              current={at?.row === index ? at.column : undefined}
              onPick={pick}
            />
          );
        })}
      </div>
    </div>
  );
};
