import { type ReactNode, useState } from 'react';
import { IconButton, Notice, Panel } from '../design/index.ts';
import { duration, plural } from '../lib/format.ts';
import { momentIn } from '../lib/zoned.ts';
import { foundRuns, type PastRun } from './history.ts';

interface HistoryPanelProps {
  readonly runs: readonly PastRun[];
  readonly zone: string;
  readonly onChoose: (sql: string) => void;
  readonly onKeep: (sql: string, isKept: boolean) => void;
  readonly onForget: () => void;
  readonly onClose: () => void;
}

const LINES_SHOWN = 6;

const headOf = (sql: string): string => {
  const lines = sql.trim().split('\n');
  return lines.length > LINES_SHOWN ? `${lines.slice(0, LINES_SHOWN).join('\n')}\n…` : lines.join('\n');
};

const resultOf = ({ rows, ms }: PastRun): string =>
  rows === undefined ? 'failed' : `${plural(rows, 'row')}${ms === undefined ? '' : `, ${duration(ms)}`}`;

/** Statements that were run in this browser. */
export const HistoryPanel = (props: HistoryPanelProps): ReactNode => {
  const { runs, zone, onChoose, onKeep, onForget, onClose } = props;
  const [search, setSearch] = useState('');
  const found = foundRuns(runs, search);
  return (
    <Panel
      title="History"
      actions={
        runs.some(({ isKept }) => !isKept) ? (
          <IconButton icon="trash" label="Forget all but favourites" onClick={onForget} />
        ) : undefined
      }
      onClose={onClose}
    >
      {runs.length === 0 ? (
        <Notice title="Nothing was run yet">
          Statements that you run are kept in this browser, the last 100.
        </Notice>
      ) : (
        <>
          <input
            type="search"
            className="input"
            aria-label="Search the history"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          {found.length === 0 ? <Notice title="None has these words" /> : null}
          <ol className="past">
            {found.map((run) => (
              <li key={run.sql} className="past-run">
                <button type="button" className="past-sql" onClick={() => onChoose(run.sql)}>
                  <code>{headOf(run.sql)}</code>
                  <span className="quiet number">
                    {momentIn(run.atMs, zone)} · {resultOf(run)}
                  </span>
                </button>
                <IconButton
                  icon="star"
                  label={run.isKept ? 'Keep no longer' : 'Keep as favourite'}
                  aria-pressed={run.isKept}
                  className="button past-keep"
                  onClick={() => onKeep(run.sql, !run.isKept)}
                />
              </li>
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
};
