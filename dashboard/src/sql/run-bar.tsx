import type { ReactNode } from 'react';
import { Button, Select } from '../design/index.ts';
import { duration, fullCount } from '../lib/format.ts';
import { COMMAND_KEY } from '../lib/platform.ts';
import { useNow } from '../lib/use-now.ts';
import type { Workbench } from './use-workbench.ts';

const LIMITS = [100, 1_000, 10_000, 100_000] as const;

/** How long a statement has been running. */
const Running = ({ sinceMs }: { readonly sinceMs: number }): ReactNode => {
  const now = useNow();
  return (
    <span className="sql-running number" role="status">
      <span className="beacon" /> Running
      <span aria-hidden="true">{duration(Math.max(0, now - sinceMs))}</span>
    </span>
  );
};

/** Runs the statement, or ends it; says within which limits. */
export const RunBar = ({ bench }: { readonly bench: Workbench }): ReactNode => {
  const { statement, limits, state, run, cancel } = bench;
  const { runningSinceMs, isCancelled } = state;
  const offered = LIMITS.filter((each) => each <= limits.rows_max || each === LIMITS[0]);
  return (
    <footer className="sql-bar">
      {runningSinceMs === undefined ? (
        <Button kind="primary" icon="play" disabled={statement.text.trim() === ''} onClick={run}>
          Run <kbd>{COMMAND_KEY} ⏎</kbd>
        </Button>
      ) : (
        <Button icon="close" onClick={cancel}>
          Cancel
        </Button>
      )}
      <Select
        label="Rows at most"
        options={offered.map((each) => ({ value: String(each), text: `${fullCount(each)} rows` }))}
        value={String(Math.min(statement.limit, limits.rows_max))}
        onChange={(value) => statement.setLimit(Number(value))}
      />
      {runningSinceMs === undefined ? null : <Running sinceMs={runningSinceMs} />}
      {isCancelled ? <span className="quiet">Cancelled.</span> : null}
      <span className="sql-rules quiet">
        One SELECT, up to {duration(limits.timeout_ms_max)}. Times are UTC.{' '}
        <span className="sql-key-help">
          <kbd>Ctrl Space</kbd> completes.
        </span>
      </span>
    </footer>
  );
};
