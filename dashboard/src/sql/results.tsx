import { type ReactNode, useCallback, useState } from 'react';
import { Fresh, Icon, Notice, Segmented, Tooltip } from '../design/index.ts';
import { byteSize, duration, fullCount, plural, shortCount } from '../lib/format.ts';
import { ChartView } from './chart-view.tsx';
import { COLUMNS_MAX, ResultTable } from './result-table.tsx';
import { RowPanel } from './row-panel.tsx';
import type { Answered } from './use-run.ts';

const VIEWS = [
  { value: 'table', text: 'Table' },
  { value: 'chart', text: 'Chart' },
] as const;

const Facts = ({ answered }: { readonly answered: Answered }): ReactNode => {
  const { answer, atMs } = answered;
  const { row_count: count, truncated, statistics, freshness } = answer;
  return (
    <p className="sql-facts number">
      <strong>{plural(count, 'row')}</strong>
      {truncated ? <span className="sql-more">there are more</span> : null}
      <span>{duration(statistics.elapsed_ms)}</span>
      {statistics.rows_read === null || statistics.bytes_read === null ? null : (
        <span>
          {shortCount(statistics.rows_read)} rows, {byteSize(statistics.bytes_read)} read
        </span>
      )}
      <Fresh atMs={atMs} staleMs={Number.POSITIVE_INFINITY} />
      {freshness.pending_events === 0 ? null : (
        <Tooltip text="Received, but not loaded when the statement ran.">
          <span tabIndex={0}>{plural(freshness.pending_events, 'event')} not in it yet</span>
        </Tooltip>
      )}
    </p>
  );
};

interface ResultsProps {
  readonly answered: Answered;
  readonly isRunning: boolean;
  /** What stands at the right: what can be done with the rows. */
  readonly actions: ReactNode;
}

/** What a statement answered: rows, or a chart of them. */
export const Results = ({ answered, isRunning, actions }: ResultsProps): ReactNode => {
  const [view, setView] = useState<'table' | 'chart'>('table');
  const [open, setOpen] = useState<number>();
  const { answer, question } = answered;
  const { columns, rows, truncated } = answer;
  const openRow = useCallback((row: number) => setOpen(row), []);
  return (
    <section className="card sql-results" aria-label="Results" aria-busy={isRunning}>
      <header className="sql-results-head">
        <Segmented label="View" size="small" options={VIEWS} value={view} onChange={setView} />
        <Facts answered={answered} />
        <div className="sql-results-actions">{actions}</div>
      </header>
      {truncated ? (
        <p className="sql-truncated">
          <Icon name="info" size={14} /> These are the first {fullCount(question.limit)} rows. Raise the
          limit, or download: a file holds more.
        </p>
      ) : null}
      {columns.length > COLUMNS_MAX && view === 'table' ? (
        <p className="sql-truncated">
          <Icon name="info" size={14} /> The first {COLUMNS_MAX} of {columns.length} columns are shown. A row,
          opened, shows all; so do files.
        </p>
      ) : null}
      {rows.length === 0 ? (
        <Notice title="No rows">The statement ran; nothing met it.</Notice>
      ) : view === 'table' ? (
        <ResultTable key={answered.atMs} columns={columns} rows={rows} isOld={isRunning} onOpen={openRow} />
      ) : (
        <ChartView answer={answer} />
      )}
      {open === undefined || rows[open] === undefined ? null : (
        <RowPanel {...{ columns, rows }} index={open} onIndex={setOpen} onClose={() => setOpen(undefined)} />
      )}
    </section>
  );
};
