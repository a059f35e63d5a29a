import './bar-table.css';
import type { ReactNode } from 'react';
import { fullCount, share, shortCount } from '../lib/format.ts';

/** A row: a name and how often. */
export interface BarRow {
  readonly key: string;
  readonly name: string;
  /** There is no name, the words stand for its absence. */
  readonly isAbsent?: boolean;
  readonly count: number;
  /** What pressing the name does, if anything. */
  readonly onChoose?: (() => void) | undefined;
}

interface BarTableProps {
  readonly caption: string;
  readonly nameHead: string;
  readonly countHead: string;
  readonly rows: readonly BarRow[];
  /** What the shares are parts of. */
  readonly whole: number;
}

const Name = ({ row }: { readonly row: BarRow }): ReactNode => {
  const shared = { className: 'bar-table-name truncate', title: row.name };
  if (row.onChoose !== undefined)
    return (
      <button type="button" {...shared} onClick={row.onChoose}>
        {row.name}
      </button>
    );
  return (
    <span {...shared} data-absent={row.isAbsent === true ? '' : undefined}>
      {row.name}
    </span>
  );
};

/** The most frequent of something, each with a bar as long as its share of the first. */
export const BarTable = ({ caption, nameHead, countHead, rows, whole }: BarTableProps): ReactNode => {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <table className="bar-table">
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{nameHead}</th>
          <th scope="col">{countHead}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <td>
              <span className="bar-table-bar" style={{ width: `${(row.count / most) * 100}%` }} />
              <Name row={row} />
            </td>
            <td className="number" title={fullCount(row.count)}>
              {shortCount(row.count)}
              <span className="bar-table-share">{share(row.count, whole)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
