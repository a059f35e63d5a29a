import type { ReactNode } from 'react';
import type { TraceAnswer, TraceReceipt } from '../../../src/contract/events.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { Icon, Loaded, Skeleton } from '../design/index.ts';
import { clockMs, duration } from '../lib/format.ts';
import { isSettled, stageShares, stepsOf } from './trace-steps.ts';

/** Until the event is queryable its trace is asked this often; from then on hardly ever. */
const UNSETTLED_EVERY_MS = 400;
const SETTLED_EVERY_MS = 60_000;

const Steps = ({ receipt }: { readonly receipt: TraceReceipt }): ReactNode => (
  <ol className="trace-steps">
    {stepsOf(receipt).map(({ name, at, ms, place, isDone }) => (
      <li key={name} className="trace-step" data-done={isDone ? '' : undefined}>
        <span className="trace-mark">{isDone ? <Icon name="check" size={10} /> : null}</span>
        <span className="trace-name">
          {name}
          {place === null ? null : <code className="quiet"> {place}</code>}
        </span>
        <span className="trace-ms number">{ms === null ? '' : `+${duration(ms)}`}</span>
        <span className="trace-at number quiet">
          {at === null ? (isDone ? '' : 'on its way') : clockMs(new Date(at))}
        </span>
      </li>
    ))}
  </ol>
);

const Receipt = ({ receipt }: { readonly receipt: TraceReceipt }): ReactNode => {
  const shares = stageShares(receipt);
  const { total_ms } = receipt.stages;
  const { reason = null, detail = null } = receipt.decided ?? {};
  return (
    <>
      {total_ms === null ? null : (
        <p className="trace-total">
          <strong className="number">{duration(total_ms)}</strong> from receipt to queryable
        </p>
      )}
      {shares.length === 0 ? null : (
        <div className="trace-bar" aria-hidden="true">
          {shares.map((percent, index) => (
            <span key={index} data-stage={index} style={{ width: `${percent}%` }} />
          ))}
        </div>
      )}
      <Steps receipt={receipt} />
      {reason === null ? null : (
        <p className="trace-reason">
          <code>{reason}</code> {detail}
        </p>
      )}
      {receipt.panes.length === 0 ? null : (
        <p className="quiet">
          Counted in {receipt.panes.length === 1 ? 'the pane' : `${receipt.panes.length} panes`} of 10 seconds
          from {receipt.panes.map(({ start }) => clockMs(new Date(start)).slice(0, 8)).join(', ')}.
        </p>
      )}
    </>
  );
};

/** The way of an event: each stage with its milliseconds; every receipt, if it came more than once. */
export const Trace = ({ project, id }: { readonly project: string; readonly id: string }): ReactNode => {
  const { data, error } = usePolled(
    JSON.stringify([project, id]),
    (signal) => ask<TraceAnswer>(pathOf(`/api/events/${encodeURIComponent(id)}/trace`, project), { signal }),
    (trace) => ({
      ease: 2,
      everyMs:
        trace?.receipts.every((receipt) => isSettled(receipt, Date.now())) === true
          ? SETTLED_EVERY_MS
          : UNSETTLED_EVERY_MS,
    }),
  );
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="Its way could not be read"
      loading={<Skeleton height="11.5rem" />}
    >
      {({ receipts }) => (
        <div className="trace">
          {receipts.map((receipt, index) => (
            <div key={index} className="trace-receipt">
              {receipts.length === 1 ? null : (
                <h4>
                  Receipt {index + 1} of {receipts.length}: {receipt.state}
                </h4>
              )}
              <Receipt receipt={receipt} />
            </div>
          ))}
        </div>
      )}
    </Loaded>
  );
};
