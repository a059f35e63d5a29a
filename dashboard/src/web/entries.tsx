import type { ReactNode } from 'react';
import type { WebList } from '../../../src/contract/web.ts';
import { Icon, Notice, Skeleton } from '../design/index.ts';
import { fullCount, shortCount } from '../lib/format.ts';
import { Change } from './change.tsx';
import { LISTS, type Row } from './lists.ts';

/** So many rows a list shows on the page. */
export const SHOWN = 8;

/** Stands where rows will be. */
export const EntriesLoading = (): ReactNode => (
  <div className="web-entries-loading">
    {Array.from({ length: SHOWN }, (_, index) => (
      <Skeleton key={index} height="1.75rem" width={`${96 - index * 10}%`} />
    ))}
  </div>
);

interface EntriesProps {
  readonly list: WebList;
  readonly rows: readonly Row[];
  readonly isCompared: boolean;
  readonly isChosen: (value: string | null) => boolean;
  readonly onChoose: (value: string | null) => void;
}

/** The entries of a list, each with a bar as long as its share of the largest. Pressing one narrows the page to it. */
export const Entries = ({ list, rows, isCompared, isChosen, onChoose }: EntriesProps): ReactNode => {
  const { text, one, empty } = LISTS[list];
  if (rows.length === 0) return <Notice title="Nothing here">{empty}</Notice>;
  return (
    <table className="web-entries" data-compared={isCompared ? '' : undefined}>
      <caption className="unseen">{text} by visitors</caption>
      <thead>
        <tr>
          <th scope="col">{one}</th>
          <th scope="col">Visitors</th>
          {isCompared ? <th scope="col">Change</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ entry, words, percent }) => {
          const isPressed = isChosen(entry.value);
          return (
            <tr key={JSON.stringify(entry.value)}>
              <td>
                <span className="web-bar" style={{ width: `${percent}%` }} />
                <button
                  type="button"
                  className="web-entry"
                  title={words}
                  data-absent={entry.value === null ? '' : undefined}
                  aria-pressed={isPressed}
                  onClick={() => onChoose(entry.value)}
                >
                  {isPressed ? <Icon name="check" size={12} /> : null}
                  <span className="truncate">{words}</span>
                </button>
              </td>
              <td className="number" title={`${fullCount(entry.sessions)} visits`}>
                {shortCount(entry.visitors)}
              </td>
              {isCompared ? (
                <td>
                  <Change now={entry.visitors} before={entry.previous?.visitors ?? null} />
                </td>
              ) : null}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};
