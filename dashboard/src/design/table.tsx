import './table.css';
import { type ReactNode, useState } from 'react';
import { Icon } from './icons.tsx';

/** A column of a table. */
export interface Column<Row> {
  readonly key: string;
  /** What stands above it; empty where the column holds buttons. */
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** What it is sorted by; it cannot be if absent. */
  readonly sortBy?: (row: Row) => string | number;
  /** Left out where there is little room. */
  readonly isWide?: boolean;
}

interface TableProps<Row> {
  /** What it is, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** What pressing a row does. Put a link or button into its first cell as well: rows are not reached by keyboard. */
  readonly onRow?: (row: Row) => void;
  readonly isChosen?: (row: Row) => boolean;
  /** Stands there if there are no rows. */
  readonly empty?: ReactNode;
  readonly className?: string;
}

interface Order {
  readonly key: string;
  readonly isDown: boolean;
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

const ordered = <Row,>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] => {
  const by = columns.find(({ key }) => key === order?.key)?.sortBy;
  if (by === undefined || order === undefined) return rows;
  const sign = order.isDown ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(by(a), by(b)));
};

/** Where a column has no words of its own, it holds buttons. */
const Head = ({ text }: { readonly text: string }): ReactNode =>
  text === '' ? <span className="unseen">What can be done</span> : text;

/** Rows under a head that stays in sight. For some hundred rows; more want a virtual list. */
export const Table = <Row,>(props: TableProps<Row>): ReactNode => {
  const { caption, columns, rows, keyOf, onRow, isChosen, empty, className = '' } = props;
  const [order, setOrder] = useState<Order>();
  if (rows.length === 0 && empty !== undefined) return empty;
  const turn = ({ key, isNumber }: Column<Row>): void =>
    setOrder(order?.key === key ? { key, isDown: !order.isDown } : { key, isDown: isNumber === true });
  return (
    <div className={`table-box ${className}`}>
      <table className="table">
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                data-number={column.isNumber === true ? '' : undefined}
                data-wide={column.isWide === true ? '' : undefined}
                aria-sort={
                  order?.key === column.key ? (order.isDown ? 'descending' : 'ascending') : undefined
                }
              >
                {column.sortBy === undefined ? (
                  <Head text={column.head} />
                ) : (
                  <button type="button" className="table-sort" onClick={() => turn(column)}>
                    {column.head}
                    {order?.key === column.key ? (
                      <Icon name={order.isDown ? 'down' : 'up'} size={12} />
                    ) : null}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered(rows, columns, order).map((row) => (
            <tr
              key={keyOf(row)}
              data-pressable={onRow === undefined ? undefined : ''}
              aria-selected={isChosen?.(row)}
              onClick={onRow === undefined ? undefined : () => onRow(row)}
            >
              {columns.map((column) => (
                <td
                  key={column.key}
                  data-number={column.isNumber === true ? '' : undefined}
                  data-wide={column.isWide === true ? '' : undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
