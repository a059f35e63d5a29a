import { type ReactNode, useState } from 'react';
import type { LedgerAnswer } from '../../../src/contract/ledger.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { Card, Fresh, Icon, Loaded, Skeleton } from '../design/index.ts';
import { fullCount, share } from '../lib/format.ts';
import { ACCOUNTS, partsOf, reasonsOf, refusedOf } from './accounts.ts';
import { type Range, rangeText } from './range.ts';
import { RefusedPanel } from './refused-panel.tsx';
import { whyOf } from './said.tsx';

const EVERY_MS = 2_000;

const SINCE = { '30m': 'now-30m', '24h': 'now-24h', '7d': 'now-7d', '30d': 'now-30d' } as const;

/** The accounts as a bar and as a sum, so that everybody can see that it adds up. */
const Sum = ({ ledger }: { readonly ledger: LedgerAnswer }): ReactNode => {
  const { total, balanced } = ledger;
  return (
    <>
      <div className="ledger-bar" aria-hidden="true">
        {partsOf(total).map(({ account, percent }) => (
          <span key={account} data-account={account} style={{ width: `${percent}%` }} />
        ))}
      </div>
      <dl className="ledger-sum">
        <div className="ledger-term" data-whole="">
          <dt>Received</dt>
          <dd className="number">{fullCount(total.received)}</dd>
        </div>
        {ACCOUNTS.map((account, index) => (
          <div className="ledger-term" key={account} data-none={total[account] === 0 ? '' : undefined}>
            <dt>
              <span className="ledger-mark" data-account={account} />
              {account}
            </dt>
            <dd className="number">
              <span className="ledger-sign" aria-hidden="true">
                {index === 0 ? '=' : '+'}
              </span>
              {fullCount(total[account])}
            </dd>
          </div>
        ))}
      </dl>
      {balanced ? null : (
        <p className="ledger-fault" role="alert">
          <Icon name="warning" size={14} />
          It does not add up: {fullCount(Math.abs(total.difference))} events are{' '}
          {total.difference > 0 ? 'unaccounted for' : 'counted twice'}. See /api/health.
        </p>
      )}
    </>
  );
};

const Reasons = ({
  ledger,
  onOpen,
}: {
  readonly ledger: LedgerAnswer;
  readonly onOpen: (reason: string) => void;
}): ReactNode => {
  const reasons = reasonsOf(ledger.total);
  const refused = refusedOf(ledger.total);
  if (reasons.length === 0)
    return (
      <p className="reasons-none">
        <Icon name="check" size={14} /> Nothing was refused.
      </p>
    );
  return (
    <ul className="reasons" aria-label="Refused, and why">
      {reasons.slice(0, 6).map(({ code, count }) => (
        <li key={code}>
          <button type="button" className="reason" onClick={() => onOpen(code)}>
            <code className="truncate">{code}</code>
            <span className="number">{fullCount(count)}</span>
            <span className="number reason-share">{share(count, refused)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
};

interface LedgerCardProps {
  readonly project: string;
  readonly range: Range;
}

/** What became of everything that was received, and why some of it was refused. */
export const LedgerCard = ({ project, range }: LedgerCardProps): ReactNode => {
  const [reason, setReason] = useState<string>();
  // The ledger goes by receipt: what lies in a period of the past may have been received any time since.
  const since = range.kind === 'live' ? SINCE[range.span] : undefined;
  const { data, atMs, error } = usePolled(
    JSON.stringify([project, since]),
    (signal) => ask<LedgerAnswer>(pathOf('/api/ledger', project, { since }), { signal }),
    { everyMs: EVERY_MS },
  );
  const when = range.kind === 'live' ? `received in the ${rangeText(range)}` : 'all that was ever received';
  return (
    <Card
      title="Every event accounted for"
      className="ledger-card"
      aside={
        <>
          {data?.balanced === true ? (
            <span className="ledger-balanced">
              <Icon name="check" size={12} /> adds up
            </span>
          ) : null}
          <span className="fresh ledger-when">{when}</span>
          <Fresh atMs={atMs} />
        </>
      }
    >
      <Loaded
        data={data}
        error={whyOf(error?.message)}
        trouble="The books could not be read"
        loading={<Skeleton height="5rem" />}
      >
        {(ledger) => (
          <div className="ledger">
            <div>
              <Sum ledger={ledger} />
            </div>
            <div className="ledger-reasons">
              <h3>Refused, and why</h3>
              <Reasons ledger={ledger} onOpen={setReason} />
            </div>
          </div>
        )}
      </Loaded>
      {reason === undefined ? null : (
        <RefusedPanel project={project} reason={reason} since={since} onClose={() => setReason(undefined)} />
      )}
    </Card>
  );
};
