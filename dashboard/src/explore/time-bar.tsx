import type { ReactNode } from 'react';
import type { INTERVAL_CHOICES } from '../../../src/contract/question.ts';
import type { COMPARED_PERIODS } from '../../../src/contract/trend.ts';
import { RangePicker } from '../ask/range-picker.tsx';
import { Select } from '../design/index.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { Problems } from './forms/part.tsx';
import type { Question } from './kinds.ts';

type IntervalChoice = (typeof INTERVAL_CHOICES)[number];

const INTERVAL_WORDS: Readonly<Record<IntervalChoice, string>> = {
  auto: 'Fitting interval',
  '10s': 'Every 10 s',
  '30s': 'Every 30 s',
  '1m': 'Every minute',
  '5m': 'Every 5 min',
  '15m': 'Every 15 min',
  '1h': 'Every hour',
  '1d': 'Every day',
  '1w': 'Every week',
  '1M': 'Every month',
  total: 'As one number',
};

const INTERVALS = Object.entries(INTERVAL_WORDS).map(([value, text]) => ({
  value: value as IntervalChoice,
  text,
}));

type Period = (typeof COMPARED_PERIODS)[number];
type Compared = 'none' | 'other' | Period;

const COMPARED: readonly { readonly value: Compared; readonly text: string }[] = [
  { value: 'none', text: 'No comparison' },
  { value: 'previous_period', text: 'With the time before' },
  { value: 'previous_day', text: 'With the day before' },
  { value: 'previous_week', text: 'With the week before' },
  { value: 'previous_month', text: 'With the month before' },
  { value: 'previous_year', text: 'With the year before' },
];

const comparedOf = (compare: unknown): Compared => {
  if (compare === undefined || compare === null) return 'none';
  return COMPARED.find(({ value }) => value === compare)?.value ?? 'other';
};

interface TimeBarProps {
  readonly question: Question;
  readonly change: (patch: Partial<Question>) => void;
}

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Tokyo',
];

const ZoneSelect = ({ question, change }: TimeBarProps): ReactNode => {
  const zone = useTimeZone();
  const fixed = question.timezone;
  const others = [...new Set([...(fixed === undefined ? [] : [fixed]), ...ZONES])];
  return (
    <Select
      label="Time zone"
      value={fixed ?? ''}
      options={[
        { value: '', text: zone.replaceAll('_', ' '), note: 'As on all pages' },
        ...others.map((each) => ({ value: each, text: each.replaceAll('_', ' ') })),
      ]}
      onChange={(next) => change({ timezone: next === '' ? undefined : next })}
    />
  );
};

/** When, how fine, in whose time, and compared with what. */
export const TimeBar = ({ question, change }: TimeBarProps): ReactNode => {
  const hasInterval = ['trend', 'metric', 'sessions', 'revenue'].includes(question.kind);
  const compare = question.kind === 'trend' || question.kind === 'metric' ? question.compare : undefined;
  const interval = (hasInterval && 'interval' in question ? question.interval : undefined) ?? 'auto';
  const compared = comparedOf(compare);
  return (
    <div className="time-bar">
      <RangePicker value={question.range ?? 'last 7 days'} onChange={(range) => change({ range })} />
      {hasInterval ? (
        <Select
          label="Interval"
          value={interval}
          options={INTERVALS}
          onChange={(next) => change({ interval: next === 'auto' ? undefined : next })}
        />
      ) : null}
      {question.kind === 'trend' || question.kind === 'metric' ? (
        <Select
          label="Compared with"
          value={compared}
          options={[
            ...COMPARED,
            ...(compared === 'other' ? [{ value: 'other' as const, text: 'With another time' }] : []),
          ]}
          onChange={(next) => {
            if (next !== 'other') change({ compare: next === 'none' ? undefined : next });
          }}
        />
      ) : null}
      <ZoneSelect question={question} change={change} />
      <Problems at={['range', 'interval', 'compare', 'timezone']} />
    </div>
  );
};
