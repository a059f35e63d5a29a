import './live.css';
import { lazy, type ReactNode, useEffect, useMemo, useState } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { Palette } from '../chart/series.ts';
import type { ApiError } from '../data/api.ts';
import { Banner, Button, Card, Part, Segmented, Skeleton } from '../design/index.ts';
import { patiently } from '../lib/patiently.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { plural } from '../lib/format.ts';
import { useOfStore, useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { DEMO_PROJECT, isThere } from '../start/demo.ts';
import { DemoArriving } from '../start/demo-arriving.tsx';
import { FirstEvent } from '../start/first-event.tsx';
import { ByType } from './by-type.tsx';
import { type Condition, withCondition } from './filter.ts';
import { Here } from './here.tsx';
import { LedgerCard } from './ledger-card.tsx';
import {
  addressOfRange,
  type Extent,
  fittingRange,
  type Range,
  rangeOfAddress,
  rangeText,
  SPANS,
} from './range.ts';
import { SaidContext } from './said.tsx';
import { Stats } from './stats.tsx';
import { StreamCard } from './stream-card.tsx';
import { Top } from './top.tsx';
import { useExtent } from './use-extent.ts';
import { useStream } from './use-stream.ts';

const Business = lazy(
  patiently(() => import('./business.tsx').then((module) => ({ default: module.Business }))),
);

const choose = (range: Range | undefined): void =>
  changeAddress(range === undefined ? { range: null, from: null, to: null } : addressOfRange(range), {
    isStep: true,
  });

const LIVE: Range = { kind: 'live', span: '30m' };

interface HeadProps {
  readonly range: Range;
  readonly extent: Extent;
  /** Nobody chose the range; it was found. */
  readonly isFound: boolean;
}

const Where = ({ range, extent, isFound }: HeadProps): ReactNode => {
  const all: Range = { kind: 'period', fromMs: extent.firstMs, toMs: extent.lastMs };
  if (range.kind === 'period')
    return (
      <Banner
        kind="info"
        actions={
          <Button size="small" onClick={() => choose(LIVE)}>
            Back to live
          </Button>
        }
      >
        {isFound ? <strong>Nothing arrived in the last 24 hours. </strong> : null}
        {isFound
          ? `Your ${plural(extent.count, 'event')} lie between ${rangeText(range).replace(' to ', ' and ')}; that is shown.`
          : `Showing ${rangeText(range)}.`}
      </Banner>
    );
  if (fittingRange(extent).kind !== 'period') return null;
  return (
    <Banner
      kind="info"
      actions={
        <Button size="small" onClick={() => choose(all)}>
          Show them
        </Button>
      }
    >
      Nothing arrived in the last 24 hours. Your {plural(extent.count, 'event')} lie between{' '}
      {rangeText(all).replace(' to ', ' and ')}.
    </Banner>
  );
};

const Ranges = ({ range }: { readonly range: Range }): ReactNode => (
  <Segmented
    label="Time range"
    options={SPANS.map((value) => ({ value, text: value, title: rangeText({ kind: 'live', span: value }) }))}
    value={range.kind === 'live' ? range.span : undefined}
    onChange={(span) => choose({ kind: 'live', span })}
  />
);

/** Said once: a card that fails for the same reason does not repeat it. What the connection is to blame for, it says itself. */
const Uncounted = ({ error }: { readonly error: ApiError | undefined }): ReactNode =>
  error === undefined || error.status === 0 ? null : (
    <Banner kind="warn">
      <strong>Not everything can be counted now.</strong> {error.message} It is asked again by itself.
    </Banner>
  );

/** The page while it is not known whether there is anything to show. */
const Loading = (): ReactNode => (
  <div className="live" aria-busy="true">
    <div className="live-top">
      <header className="live-head">
        <h1>Live</h1>
      </header>
    </div>
    <div className="stats stats-loading">
      <Skeleton height="2rem" width="60%" />
    </div>
    <Card title="Events by type" className="by-type">
      <Skeleton height="100%" />
    </Card>
    <Card title="Live events" className="stream">
      <Skeleton height="100%" />
    </Card>
  </div>
);

const mayStartDemo = ({ permissions }: SessionAnswer): boolean => permissions.includes('platform:admin');

/** A project in which there is nothing yet. */
const Empty = ({ session, project, onProject, demo }: Omit<PageProps, 'status' | 'rest'>): ReactNode => {
  if (project === DEMO_PROJECT && demo.demo !== undefined && isThere(demo.demo))
    return <DemoArriving demo={demo.demo} />;
  return (
    <FirstEvent session={session} demo={mayStartDemo(session) ? demo : undefined} onProject={onProject} />
  );
};

/** What happens now: who is active, how much comes in, what it is, and what became of it. */
export const LivePage = ({ session, project, onProject, demo, status }: PageProps): ReactNode => {
  const [conditions, setConditions] = useState<readonly Condition[]>([]);
  const palette = useMemo(() => new Palette(), []);
  const stream = useStream(conditions);
  const { data: extent, again, error: extentError } = useExtent(project);
  const search = useStore(addressStore);
  const isStreaming = useOfStore(stream.store, ({ seen }) => seen > 0);
  useEffect(() => {
    if (isStreaming) again();
  }, [isStreaming, again]);
  if (extent === undefined && extentError === undefined && !isStreaming) return <Loading />;
  if (extent?.count === 0 && !isStreaming && conditions.length === 0)
    return <Empty {...{ session, project, onProject, demo }} />;
  const chosen = rangeOfAddress(search);
  const range = chosen ?? (extent === undefined ? LIVE : fittingRange(extent));
  const filterBy = (condition: Condition): void => setConditions(withCondition(conditions, condition));
  const shared = { project, range, onFilter: filterBy };
  return (
    <div className="live">
      <div className="live-top">
        <header className="live-head">
          <h1>Live</h1>
          {status}
          <Ranges range={range} />
        </header>
        {extent === undefined || extent.count === 0 ? null : (
          <Where range={range} extent={extent} isFound={chosen === undefined} />
        )}
        <Uncounted error={extentError} />
      </div>
      <SaidContext value={extentError?.message}>
        <Stats project={project} range={range} />
        <Part loading={<div className="stats stats-loading live-business" />}>
          <Business key={project} project={project} range={range} />
        </Part>
        <ByType range={range} palette={palette} />
        <StreamCard
          project={project}
          stream={stream}
          conditions={conditions}
          onConditions={setConditions}
          palette={palette}
        />
        <div className="live-tops">
          <Top {...shared} label="Top pages" fields={['page', 'referrer']} />
          <Top {...shared} label="Top sources" fields={['source', 'country', 'device_type', 'browser']} />
        </div>
        {range.kind === 'live' ? <Here key={project} project={project} /> : null}
        <LedgerCard project={project} range={range} />
      </SaidContext>
    </div>
  );
};
