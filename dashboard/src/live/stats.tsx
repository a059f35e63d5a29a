import { type ReactNode, useEffect } from 'react';
import { presentRate, summed, totalOf } from '../chart/series.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { type LiveTrend, useTrend } from '../data/use-trend.ts';
import { Stat } from '../design/index.ts';
import { changeOf, fullCount, plural, rate, shortCount } from '../lib/format.ts';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { askedRange, type Range, rangeBefore, rangeText } from './range.ts';
import { uncounted } from './uncounted.tsx';

const BEFORE_EVERY_MS = 20_000;
/** So many of the last buckets the sparkline of the rate shows: 10 minutes. */
const RATE_BUCKETS = 60;

const valueOf = ({ answer }: LiveTrend): number | undefined =>
  answer === undefined ? undefined : totalOf(answer);

/** The way of a number. Buckets at the ends that the range covers in part only are left out: they would look like a rise and a fall. */
const sparkOf = ({ answer }: LiveTrend): readonly number[] | undefined =>
  answer === undefined
    ? undefined
    : summed(answer).slice(answer.incomplete.first ? 1 : 0, answer.incomplete.last ? -1 : undefined);

/** The total of a measure in the time before the range; asked rarely, because the past hardly changes. */
const useBefore = (project: string, range: Range, measure: TotalProps['measure']): number | undefined => {
  const question = { kind: 'trend', measure, interval: 'total', range: rangeBefore(range) };
  const { data } = usePolled(
    JSON.stringify([project, question]),
    (signal) => ask<TrendAnswer>(pathOf('/api/query', project), { body: question, signal }),
    { everyMs: BEFORE_EVERY_MS },
  );
  return data === undefined ? undefined : totalOf(data);
};

const ActiveUsers = (): ReactNode => {
  const shared = { kind: 'trend', measure: 'unique_users' } as const;
  const now = useTrend({ ...shared, interval: 'total', range: 'last 5 minutes' });
  const before = useTrend({ ...shared, interval: 'total', range: { from: 'now-10m', to: 'now-5m' } });
  const way = useTrend({ ...shared, interval: '1m', range: 'last 30 minutes' });
  const count = valueOf(now);
  const earlier = valueOf(before);
  useEffect(() => {
    document.title = count === undefined ? 'Live · Aevum' : `${shortCount(count)} active · Aevum`;
  }, [count]);
  return (
    <Stat
      label="Active users"
      value={count === undefined ? undefined : shortCount(count)}
      trouble={uncounted(now.error)}
      change={count === undefined || earlier === undefined ? undefined : changeOf(count, earlier)}
      than="the 5 minutes before"
      note="in the last 5 minutes"
      atMs={now.atMs}
      spark={sparkOf(way)}
    />
  );
};

const EventRate = (): ReactNode => {
  const { answer, atMs, error } = useTrend({ kind: 'trend', interval: '10s', range: 'last 30 minutes' });
  const sums = answer === undefined ? undefined : summed(answer);
  const peak = sums === undefined ? 0 : Math.max(0, ...sums) / 10;
  return (
    <Stat
      label="Event rate"
      value={answer === undefined ? undefined : rate(presentRate(answer))}
      trouble={uncounted(error)}
      unit="/s"
      note={sums === undefined ? '' : `peak ${rate(peak)}/s in 30 minutes`}
      atMs={atMs}
      spark={sums?.slice(0, -1).slice(-RATE_BUCKETS)}
    />
  );
};

interface TotalProps {
  readonly project: string;
  readonly range: Range;
  readonly label: string;
  readonly measure: 'count' | 'unique_users' | 'unique_sessions';
}

const Total = ({ project, range, label, measure }: TotalProps): ReactNode => {
  const trend = useTrend({ kind: 'trend', measure, range: askedRange(range) });
  const before = useBefore(project, range, measure);
  const count = valueOf(trend);
  const isLive = range.kind === 'live';
  return (
    <Stat
      label={label}
      value={count === undefined ? undefined : shortCount(count)}
      trouble={uncounted(trend.error)}
      title={count === undefined ? undefined : fullCount(count)}
      change={isLive && count !== undefined && before !== undefined ? changeOf(count, before) : undefined}
      than="the time before"
      note={isLive ? `in the ${rangeText(range)}` : 'in this period'}
      atMs={trend.atMs}
      spark={sparkOf(trend)}
    />
  );
};

const PerUser = ({ range }: { readonly range: Range }): ReactNode => {
  const shared = { kind: 'trend', interval: 'total', range: askedRange(range) } as const;
  const events = useTrend({ ...shared, measure: 'count' });
  const users = useTrend({ ...shared, measure: 'unique_users' });
  const people = valueOf(users);
  const count = valueOf(events);
  const isKnown = people !== undefined && count !== undefined;
  return (
    <Stat
      label="Events per user"
      value={isKnown ? (people === 0 ? '–' : rate(count / people)) : undefined}
      trouble={uncounted(users.error ?? events.error)}
      note={isKnown ? plural(people, 'user') : ''}
      atMs={users.atMs}
    />
  );
};

/** The numbers at the top: what happens now, or what a period held. */
export const Stats = ({ project, range }: { readonly project: string; readonly range: Range }): ReactNode => {
  const isLive = range.kind === 'live';
  return (
    <div className="stats">
      {isLive ? <ActiveUsers /> : null}
      {isLive ? <EventRate /> : null}
      <Total project={project} range={range} label="Events" measure="count" />
      <Total project={project} range={range} label="Users" measure="unique_users" />
      {isLive ? null : <Total project={project} range={range} label="Sessions" measure="unique_sessions" />}
      {isLive ? null : <PerUser range={range} />}
    </div>
  );
};
