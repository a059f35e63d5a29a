import type { Filter, Measure, RangeInput } from '../../../src/contract/question.ts';
import type { Group } from './group.ts';
import type { Question } from './display.ts';
import { NUMBERS } from '../lib/numbers.ts';
import { shareText } from '../lib/format.ts';

/** A field as people call it: `properties.plan` is `plan`. */
export const fieldWords = (field: string): string =>
  field.startsWith('properties.') ? field.slice('properties.'.length) : field.replaceAll('_', ' ');

const NUMBER_WORDS = { sum: 'Sum of', avg: 'Average', min: 'Least', max: 'Greatest' } as const;

/** The level of a quantile, as the head of its number: `Median`, `95%`. */
export const levelHead = (level: number): string => (level === 0.5 ? 'Median' : shareText(level));

const quantileWords = (level: number, field: string): string =>
  level === 0.5 ? `Median ${field}` : `${NUMBERS.upTo(level * 100, 2)}th percentile of ${field}`;

/** What is measured, as the name of a series: `Users`, `Sum of value`, `Median items`. */
export const measureWords = (measure: Measure | undefined): string => {
  if (measure === undefined || measure === 'count') return 'Events';
  if (measure === 'unique_users') return 'Users';
  if (measure === 'unique_sessions') return 'Sessions';
  switch (measure.kind) {
    case 'count':
      return 'Events';
    case 'unique':
      return UNIQUE_WORDS[measure.of] ?? `Distinct ${fieldWords(measure.of)}`;
    case 'quantile':
      return quantileWords(measure.level, fieldWords(measure.of));
    case 'rate':
      return measure.of === undefined
        ? `Events a ${measure.per}`
        : `${fieldWords(measure.of)} a ${measure.per}`;
    default:
      return `${NUMBER_WORDS[measure.kind]} ${fieldWords(measure.of)}`;
  }
};

const UNIQUE_WORDS: Readonly<Partial<Record<string, string>>> = { user_id: 'Users', session_id: 'Sessions' };

const LISTED = 3;

/** `a, b and c`; of many the first and how many more. */
export const listWords = (names: readonly string[], joint = 'and'): string => {
  const shown =
    names.length > LISTED + 1 ? [...names.slice(0, LISTED), `${names.length - LISTED} more`] : names;
  if (shown.length <= 1) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} ${joint} ${shown.at(-1)}`;
};

const OP_WORDS = {
  eq: 'is',
  neq: 'is not',
  in: 'is',
  not_in: 'is none of',
  contains: 'contains',
  gt: 'over',
  gte: 'at least',
  lt: 'under',
  lte: 'at most',
  exists: 'is there',
  not_exists: 'is absent',
} as const;

const valueWords = (value: string | number | boolean): string => (value === '' ? 'absent' : String(value));

/** A filter as a clause: `country is DE or FR`. */
export const filterWords = (filter: Filter): string => {
  if ('and' in filter) return filter.and.map(filterWords).join(' and ');
  if ('or' in filter) return filter.or.map(filterWords).join(' or ');
  if ('not' in filter) return `not (${filterWords(filter.not)})`;
  if (filter.op === 'in_cohort') return 'in a cohort';
  const start = `${fieldWords(filter.field)} ${OP_WORDS[filter.op]}`;
  if ('values' in filter) return `${start} ${listWords(filter.values.map(valueWords), 'or')}`;
  return 'value' in filter ? `${start} ${valueWords(filter.value)}` : start;
};

/** Which events, as requests write it. What is in a filter, the server has checked or will check. */
export type SelectorInput =
  | string
  | { readonly types?: readonly string[] | undefined; readonly filter?: unknown }
  | undefined;

/** Which events a selector means: `purchase`, `any event where country is DE`. */
export const selectorWords = (selector: SelectorInput): string => {
  if (selector === undefined) return 'any event';
  if (typeof selector === 'string') return selector;
  const events = selector.types === undefined ? 'any event' : listWords(selector.types, 'or');
  return selector.filter === undefined ? events : `${events} where ${filterWords(selector.filter as Filter)}`;
};

/** A range as it is asked, in words. */
export const rangeWords = (range: RangeInput | undefined): string => {
  if (range === undefined) return '';
  if (typeof range === 'string') return range;
  const write = (at: string | number): string =>
    typeof at === 'number' ? new Date(at).toISOString().slice(0, 16).replace('T', ' ') : at;
  return range.to === undefined ? `since ${write(range.from)}` : `${write(range.from)} to ${write(range.to)}`;
};

/** The value of a group, as people read it. */
export const groupWords = (group: Group, isOther: boolean): string => {
  if (isOther) return 'Other';
  if (group === null) return 'All';
  return Object.values(group)
    .map((value) => value ?? '(none)')
    .join(' · ');
};

const typesWords = (types: readonly string[] | undefined): string =>
  types === undefined ? '' : ` of ${listWords(types, 'or')}`;

const actorWords = (actor: 'user' | 'session' | undefined): string =>
  actor === 'session' ? 'Sessions' : 'Users';

const stepWords = (
  step: string | { readonly name?: string | undefined; readonly types?: readonly string[] | undefined },
): string => (typeof step === 'string' ? step : (step.name ?? listWords(step.types ?? ['any event'], 'or')));

const pathsWords = (question: Extract<Question, { kind: 'paths' }>): string => {
  if (question.to !== undefined) return `Paths to ${selectorWords(question.to)}`;
  return question.from === undefined ? 'Paths' : `Paths from ${selectorWords(question.from)}`;
};

type Trend = Extract<Question, { kind: 'trend' }>;

const trendWords = ({ series, formula, measure, types }: Trend): string => {
  if (series === undefined && formula === undefined) return `${measureWords(measure)}${typesWords(types)}`;
  const shown = (series ?? []).filter(({ hidden }) => hidden !== true);
  const names = [
    ...shown.map((each) => each.name ?? `${measureWords(each.measure)}${typesWords(each.types ?? types)}`),
    ...(formula ?? []).map((each) => (typeof each === 'string' ? each : (each.name ?? each.formula))),
  ];
  return listWords(names);
};

/** What is asked, without when and by what. */
const subjectWords = (question: Question): string => {
  switch (question.kind) {
    case 'trend':
      return trendWords(question);
    case 'metric':
      return question.metric;
    case 'metric_windows':
      return `Windows of ${question.metric}`;
    case 'funnel':
      return `Funnel from ${question.steps.map(stepWords).join(' to ')}`;
    case 'funnel_users':
      return question.outcome === 'dropped'
        ? `${actorWords(question.actor)} who went no further than ${stepWords(question.steps[question.step - 1] ?? '')}`
        : `${actorWords(question.actor)} who got to ${stepWords(question.steps[question.step - 1] ?? '')}`;
    case 'paths':
      return pathsWords(question);
    case 'sessions':
      return 'Sessions';
    case 'web':
      return 'Web analytics';
    case 'revenue':
      return `Revenue of ${selectorWords(question.events)}`;
    case 'attribution':
      return `What brought ${selectorWords(question.conversion)}, by ${fieldWords(question.channel)}`;
    case 'statistics':
      return question.with === undefined
        ? `How ${fieldWords(question.of)} is spread`
        : `How ${fieldWords(question.of)} goes with ${fieldWords(question.with)}`;
    case 'experiment':
      return `${selectorWords(question.goal)} by ${fieldWords(question.variant)}`;
    case 'retention':
      return `${actorWords(question.actor)} who come back after ${selectorWords(question.start)}`;
    case 'lifecycle':
      return `Lifecycle of ${actorWords(question.actor).toLowerCase()} by ${question.period ?? 'day'}`;
    case 'stickiness':
      return `Stickiness of ${actorWords(question.actor).toLowerCase()} by ${question.period ?? 'day'}`;
  }
};

const DEFAULT_RANGES: Readonly<Partial<Record<Question['kind'], string>>> = {
  trend: 'last 24 hours',
  metric: 'last 24 hours',
  metric_windows: 'last 24 hours',
  retention: 'last 14 days',
  funnel: 'last 7 days',
  funnel_users: 'last 7 days',
  paths: 'last 7 days',
  sessions: 'last 7 days',
  web: 'last 7 days',
};
const USUAL_RANGE = 'last 30 days';

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A question as a sentence: `Users of purchase by country where plan is pro, last 30 days`. */
export const titleOf = (question: Question): string => {
  const by =
    'by' in question && question.by !== undefined ? ` by ${question.by.map(fieldWords).join(' and ')}` : '';
  const where =
    'filter' in question && question.filter !== undefined ? ` where ${filterWords(question.filter)}` : '';
  const range = rangeWords(question.range ?? DEFAULT_RANGES[question.kind] ?? USUAL_RANGE);
  return `${upperFirst(subjectWords(question))}${by}${where}, ${range}`;
};
