import type { ReactNode } from 'react';
import type { ImportAnswer } from '../../../src/contract/imports.ts';
import { useImport } from '../data/imports.ts';
import { Fresh, Link, Loaded, Notice, Panel, Skeleton } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';

const Progress = ({ answer, zone }: { readonly answer: ImportAnswer; readonly zone: string }): ReactNode => {
  const { stored, quarantined, last_row: last, missing } = answer;
  if (last === 0)
    return (
      <Notice title="Nothing of it is here">
        No row of a file came by this name. Imports whose events have ids of their own leave no trace of it
        either: they are in the list only.
      </Notice>
    );
  const percent = Math.min(100, ((stored + quarantined) / last) * 100);
  return (
    <div className="import-progress">
      <div className="import-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </div>
      <dl className="data-facts">
        <div>
          <dt>stored</dt>
          <dd className="number">{fullCount(stored)}</dd>
        </div>
        <div>
          <dt>in quarantine</dt>
          <dd className="number">{fullCount(quarantined)}</dd>
        </div>
        <div>
          <dt>last row seen</dt>
          <dd className="number">{fullCount(last)}</dd>
        </div>
        <div>
          <dt>not here yet, before it</dt>
          <dd className="number">
            {missing.ranges.length === 0
              ? 'none'
              : missing.ranges
                  .slice(0, 5)
                  .map(([from, to]) =>
                    from === to ? fullCount(from) : `${fullCount(from)}–${fullCount(to)}`,
                  )
                  .join(', ')}
            {missing.ranges.length > 5 || !missing.complete ? ' …' : ''}
          </dd>
        </div>
        {answer.first_timestamp === null || answer.last_timestamp === null ? null : (
          <div>
            <dt>happened</dt>
            <dd>
              {momentIn(answer.first_timestamp, zone)} to {momentIn(answer.last_timestamp, zone)}
            </dd>
          </div>
        )}
      </dl>
      {quarantined === 0 ? null : (
        <Link to="/data/refused" params={{ outcome: 'quarantined' }}>
          Refused rows, with their reasons
        </Link>
      )}
    </div>
  );
};

interface ImportPanelProps {
  readonly project: string;
  readonly id: string;
  readonly onClose: () => void;
}

/** How far an import is, by what is stored of it. */
export const ImportPanel = ({ project, id, onClose }: ImportPanelProps): ReactNode => {
  const zone = useTimeZone();
  const { data, error, atMs, again } = useImport(project, id);
  return (
    <Panel title={id} actions={<Fresh atMs={atMs} />} onClose={onClose}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The import could not be read"
        again={again}
        loading={<Skeleton height="6rem" />}
      >
        {(answer) => <Progress answer={answer} zone={zone} />}
      </Loaded>
    </Panel>
  );
};
