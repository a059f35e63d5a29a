import { memo, type ReactNode, useMemo } from 'react';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { EventPicker } from '../ask/event-picker.tsx';
import { timeSpan, type Unit, writerOf, written } from '../chart/units.ts';
import { usePolledQuestion } from '../data/questions.ts';
import { ChangeMark, Fresh, Icon, Popover, Stat } from '../design/index.ts';
import { changeOf, percent, plural, shortCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { askedRange, type Range } from './range.ts';
import { uncounted } from './uncounted.tsx';
import { type Chosen, useChoices } from './use-choices.ts';

const EVERY_MS = 5_000;
/** More currencies than this are counted, not shown. */
const CURRENCIES_MAX = 3;

type Series = TrendAnswer['series'][number];

/** The way of a number, without the buckets that are covered in part only. */
const sparkOf = ({ incomplete }: TrendAnswer, { values }: Series): readonly number[] =>
  values.slice(incomplete.first ? 1 : 0, incomplete.last ? -1 : undefined).map((value) => value ?? 0);

interface ChoiceProps {
  readonly project: string;
  readonly label: string;
  readonly words: string;
  readonly of: 'goal' | 'payment';
  readonly value: string | undefined;
  readonly choose: Chosen['choose'];
}

/** The type of events that a number goes by, and where to choose another. Not drawn anew with the number. */
const Choice = memo(({ project, label, words, of, value, choose }: ChoiceProps): ReactNode => {
  const text = value === undefined ? 'choose an event' : `${words} ${value}`;
  return (
    <Popover
      label={`${text}: ${label.toLowerCase()}`}
      className="live-choice"
      button={
        <>
          <span className="truncate">{text}</span>
          <Icon name="chevron" size={10} />
        </>
      }
    >
      {(close) => (
        <div className="live-choosing">
          <p className="field-label">{label}</p>
          <EventPicker
            project={project}
            label={label}
            value={value}
            onChange={(type) => {
              choose({ [of]: type });
              close();
            }}
          />
        </div>
      )}
    </Popover>
  );
});
Choice.displayName = 'Choice';

interface PartProps {
  readonly project: string;
  readonly range: Range;
  readonly chosen: Chosen;
}

const Conversion = memo(({ project, range, chosen }: PartProps): ReactNode => {
  const { goal, choose } = chosen;
  const zone = useTimeZone();
  const { data, error, atMs } = usePolledQuestion(
    project,
    goal === undefined
      ? null
      : {
          kind: 'trend',
          range: askedRange(range),
          timezone: zone,
          series: [{ measure: 'unique_users', types: [goal] }, { measure: 'unique_users' }],
          formula: ['A / B'],
          compare: 'previous_period',
        },
    EVERY_MS,
  );
  const rate = data?.series.find(({ id }) => id === 'formula_1');
  const total = rate?.total ?? null;
  const before = rate?.compared?.total ?? null;
  const isKnown = goal === undefined || rate !== undefined;
  return (
    <Stat
      label="Conversion"
      value={isKnown ? written(percent, total) : undefined}
      trouble={uncounted(error)}
      change={total === null || before === null ? undefined : changeOf(total, before)}
      than="the time before"
      note={
        <Choice
          project={project}
          label="What counts as a conversion"
          words="users with"
          of="goal"
          value={goal}
          choose={choose}
        />
      }
      atMs={atMs}
      spark={data === undefined || rate === undefined ? undefined : sparkOf(data, rate)}
    />
  );
});
Conversion.displayName = 'Conversion';

const moneyUnit = (currency: string | null | undefined): Unit =>
  typeof currency === 'string' ? { kind: 'money', currency } : { kind: 'number' };

/** One currency of several. */
const Money = ({ series }: { readonly series: Series }): ReactNode => {
  const { currency, total, compared } = series;
  const { axis, full } = writerOf(moneyUnit(currency));
  const change = total === null ? undefined : changeOf(total, compared?.total ?? 0);
  return (
    <li>
      <span className="live-money" title={written(full, total)}>
        {written(axis, total)}
      </span>
      <span className="live-money-words">
        {currency ?? 'no currency'}
        {change === undefined ? null : <ChangeMark change={change} than="the time before" />}
      </span>
    </li>
  );
};

interface CurrenciesProps {
  readonly all: readonly Series[];
  readonly note: ReactNode;
  readonly atMs: number | undefined;
}

/** Several currencies beside each other: they are never added up. */
const Currencies = ({ all, note, atMs }: CurrenciesProps): ReactNode => {
  const left = all.length - CURRENCIES_MAX;
  return (
    <div className="stat live-currencies" role="group" aria-label="Revenue">
      <div className="stat-label">
        <span className="truncate">Revenue</span>
        <Fresh atMs={atMs} isShort />
      </div>
      <ul>
        {all.slice(0, CURRENCIES_MAX).map((series) => (
          <Money key={series.currency ?? ''} series={series} />
        ))}
      </ul>
      <div className="stat-note truncate">
        {note}
        {left > 0 ? `, ${plural(left, 'more currency', 'more currencies')}` : null}
      </div>
    </div>
  );
};

/** What came in, in each currency. */
const Revenue = memo(({ project, range, chosen }: PartProps): ReactNode => {
  const { payment, choose } = chosen;
  const zone = useTimeZone();
  const { data, error, atMs } = usePolledQuestion(
    project,
    payment === undefined
      ? null
      : {
          kind: 'trend',
          measure: { kind: 'sum', of: 'value' },
          types: [payment],
          range: askedRange(range),
          timezone: zone,
          compare: 'previous_period',
        },
    EVERY_MS,
  );
  const note = (
    <Choice
      project={project}
      label="What brings money in"
      words="value of"
      of="payment"
      value={payment}
      choose={choose}
    />
  );
  const all = data?.series;
  if (all !== undefined && all.length > 1) return <Currencies all={all} note={note} atMs={atMs} />;
  const [only] = all ?? [];
  const total = only?.total ?? null;
  const isKnown = payment === undefined || all !== undefined;
  const { short, full } = writerOf(moneyUnit(only?.currency));
  return (
    <Stat
      label="Revenue"
      value={isKnown ? written(short, total) : undefined}
      trouble={uncounted(error)}
      title={total === null ? undefined : full(total)}
      change={total === null ? undefined : changeOf(total, only?.compared?.total ?? 0)}
      than="the time before"
      note={note}
      atMs={atMs}
      spark={data === undefined || only === undefined ? undefined : sparkOf(data, only)}
    />
  );
});
Revenue.displayName = 'Revenue';

/** Who is in the middle of a visit, and what the visits of the last half hour were like. */
const SessionsNow = memo(({ project }: { readonly project: string }): ReactNode => {
  const { data, error, atMs } = usePolledQuestion(
    project,
    { kind: 'sessions', range: 'last 30 minutes', interval: '1m', pages: 0, live_minutes: 5 },
    EVERY_MS,
  );
  const total = data?.total;
  const spark = useMemo(() => data?.series[0]?.values.sessions.slice(1, -1), [data]);
  return (
    <Stat
      label="Sessions now"
      value={data === undefined ? undefined : shortCount(data.live.sessions)}
      trouble={uncounted(error)}
      title="with an event in the last 5 minutes"
      note={
        total === undefined
          ? ''
          : total.sessions === 0
            ? 'none began in 30 minutes'
            : `${written(timeSpan, total.duration_median_ms)} median, ${written(percent, total.bounce_rate)} bounce`
      }
      atMs={atMs}
      spark={spark}
    />
  );
});
SessionsNow.displayName = 'SessionsNow';

/** What comes of it: conversion, revenue, visits. */
export const Business = ({
  project,
  range,
}: {
  readonly project: string;
  readonly range: Range;
}): ReactNode => {
  const { chosen, error } = useChoices(project, range);
  if (chosen === undefined && error !== undefined)
    return <div className="stats live-business">{uncounted(error)}</div>;
  if (chosen === undefined) return <div className="stats stats-loading live-business" />;
  return (
    <div className="stats live-business">
      <Conversion project={project} range={range} chosen={chosen} />
      <Revenue project={project} range={range} chosen={chosen} />
      {range.kind === 'live' ? <SessionsNow project={project} /> : null}
    </div>
  );
};
