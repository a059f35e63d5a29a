import type { ReactNode } from 'react';
import type { QuarantineAnswer, RefusedRow } from '../../../src/contract/events.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { CodeBlock, Loaded, Notice, Panel, Skeleton } from '../design/index.ts';
import { clockMs, dayAndMinute } from '../lib/format.ts';
import { REFUSED } from './accounts.ts';

const ROWS = 20;
const EVERY_MS = 10_000;

/** The rows with a reason; which account it belongs to is not known here, so every one is asked. */
const askRows = async (
  project: string,
  reason: string,
  since: string | undefined,
  signal: AbortSignal,
): Promise<RefusedRow[]> => {
  const answers = await Promise.all(
    REFUSED.map((outcome) =>
      ask<QuarantineAnswer>(pathOf('/api/quarantine', project, { outcome, reason, since, limit: ROWS }), {
        signal,
      }),
    ),
  );
  return answers.flatMap(({ rows }) => rows).slice(0, ROWS);
};

const prettyBody = (body: string): { readonly text: string; readonly isJson: boolean } => {
  try {
    return { text: JSON.stringify(JSON.parse(body), null, 2), isJson: true };
  } catch {
    return { text: body, isJson: false };
  }
};

const Row = ({ row }: { readonly row: RefusedRow }): ReactNode => {
  const at = new Date(row.received_at);
  const body = row.body === null ? undefined : prettyBody(row.body);
  return (
    <li className="refused-row">
      <p className="refused-head">
        <span className="refused-type truncate">{row.type ?? 'no type'}</span>
        <time className="number quiet" dateTime={row.received_at} title={dayAndMinute(at)}>
          {clockMs(at)}
        </time>
      </p>
      <p>{row.detail}</p>
      {row.id === null ? null : (
        <p className="quiet truncate">
          id <code>{row.id}</code>
        </p>
      )}
      {body === undefined ? (
        <p className="quiet">Its bytes were not kept.</p>
      ) : (
        <CodeBlock label={`bytes of the event ${row.id ?? ''}`} wraps {...body} />
      )}
    </li>
  );
};

const Rows = ({ rows }: { readonly rows: readonly RefusedRow[] }): ReactNode => (
  <ol className="refused-rows">
    {rows.map((row) => (
      <Row key={`${row.raw_position}-${row.position}-${row.id}-${row.received_at}`} row={row} />
    ))}
  </ol>
);

const NONE_KEPT = (
  <Notice title="None is kept">Only some of these are kept as samples; the count holds them all.</Notice>
);

interface RefusedPanelProps {
  readonly project: string;
  readonly reason: string;
  readonly since: string | undefined;
  readonly onClose: () => void;
}

/** The last events refused for one reason, with their bytes as far as they were kept. */
export const RefusedPanel = ({ project, reason, since, onClose }: RefusedPanelProps): ReactNode => {
  const { data, error } = usePolled(
    JSON.stringify([project, reason, since]),
    (signal) => askRows(project, reason, since, signal),
    { everyMs: EVERY_MS },
  );
  return (
    <Panel title={<code>{reason}</code>} onClose={onClose}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="These could not be read"
        loading={<Skeleton height="8rem" />}
      >
        {(rows) => (rows.length === 0 ? NONE_KEPT : <Rows rows={rows} />)}
      </Loaded>
    </Panel>
  );
};
