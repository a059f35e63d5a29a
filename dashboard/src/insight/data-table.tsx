import './data-table.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { NO_NUMBER, writerOf, written } from '../chart/units.ts';
import { CopyButton, Icon } from '../design/index.ts';
import type { OnDrill } from './group.ts';
import {
  csvOf,
  sortedRows,
  type TableCell,
  type TableColumn,
  type TableRow,
  type TableShape,
} from './table-shape.ts';
import { plural } from '../lib/format.ts';

/** With more rows than this, only those in sight are made. */
const VIRTUAL_FROM = 80;
const ROW_PX = 30;
const OVERSCAN = 12;

interface Order {
  readonly column: number;
  readonly isDown: boolean;
}

const cellText = (cell: TableCell, column: TableColumn, row: TableRow, index: number): string => {
  if (typeof cell === 'string') return cell;
  const unit = row.units?.[index] ?? column.unit;
  return unit === undefined ? NO_NUMBER : written(writerOf(unit).full, cell);
};

interface RowProps {
  readonly row: TableRow;
  readonly columns: readonly TableColumn[];
  readonly onDrill: OnDrill | undefined;
}

const Row = ({ row, columns, onDrill }: RowProps): ReactNode => {
  const { drill } = row;
  return (
    <tr>
      {columns.map((column, index) => {
        const text = cellText(row.cells[index] ?? null, column, row, index);
        return (
          <td key={index} data-number={column.unit === undefined ? undefined : ''} title={text}>
            {index === 0 && drill !== undefined && onDrill !== undefined ? (
              <button type="button" className="data-table-drill" onClick={() => onDrill(drill)}>
                {text}
              </button>
            ) : (
              text
            )}
          </td>
        );
      })}
    </tr>
  );
};

const Space = ({ height, span }: { readonly height: number; readonly span: number }): ReactNode =>
  height > 0 ? (
    <tr aria-hidden="true" className="data-table-space" style={{ height }}>
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- it stands for rows out of sight */}
      <td colSpan={span} />
    </tr>
  ) : null;

interface HeadProps {
  readonly columns: readonly TableColumn[];
  readonly order: Order | undefined;
  readonly onOrder: (order: Order) => void;
}

const Head = ({ columns, order, onOrder }: HeadProps): ReactNode => (
  <thead>
    <tr>
      {columns.map((column, index) => {
        const isBy = order?.column === index;
        const isNumber = column.unit !== undefined;
        return (
          <th
            key={index}
            scope="col"
            data-number={isNumber ? '' : undefined}
            aria-sort={isBy ? (order.isDown ? 'descending' : 'ascending') : undefined}
          >
            <button
              type="button"
              onClick={() => onOrder({ column: index, isDown: isBy ? !order.isDown : isNumber })}
            >
              {column.head}
              {isBy ? <Icon name={order.isDown ? 'down' : 'up'} size={11} /> : null}
            </button>
          </th>
        );
      })}
    </tr>
  </thead>
);

interface DataTableProps {
  /** What it is, for screen readers. */
  readonly caption: string;
  readonly table: TableShape;
  readonly onDrill?: OnDrill | undefined;
  /** Without what stands around it. */
  readonly isBare?: boolean;
}

/** A table of numbers: sorted by a press on a head, as many rows as there are. */
export const DataTable = ({ caption, table, onDrill, isBare = false }: DataTableProps): ReactNode => {
  const { columns, rows, title } = table;
  const [order, setOrder] = useState<Order>();
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () => (order === undefined ? rows : sortedRows(rows, order.column, order.isDown)),
    [rows, order],
  );
  const isVirtual = shown.length > VIRTUAL_FROM;
  const virtual = useVirtualizer({
    count: isVirtual ? shown.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = Math.max(0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0));
  const named = title === '' ? caption : `${caption}: ${title}`;
  return (
    <div className="data-table">
      {isBare ? null : (
        <div className="data-table-head">
          <span className="data-table-title">{title}</span>
          <span className="quiet number">{plural(shown.length, 'row')}</span>
          <CopyButton text={csvOf(table)} what={`${named} as CSV`} />
        </div>
      )}
      <div className="data-table-box" ref={box} tabIndex={0} role="group" aria-label={named}>
        <table aria-rowcount={shown.length + 1}>
          <caption className="unseen">{named}</caption>
          <Head columns={columns} order={order} onOrder={setOrder} />
          <tbody>
            {isVirtual ? <Space height={above} span={columns.length} /> : null}
            {isVirtual
              ? items.map(({ index }) => {
                  const row = shown[index];
                  return row === undefined ? null : (
                    <Row key={index} row={row} columns={columns} onDrill={onDrill} />
                  );
                })
              : shown.map((row, index) => <Row key={index} row={row} columns={columns} onDrill={onDrill} />)}
            {isVirtual ? <Space height={below} span={columns.length} /> : null}
          </tbody>
        </table>
      </div>
    </div>
  );
};
