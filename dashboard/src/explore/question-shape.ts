import { KINDS, type Question } from './kinds.ts';

/**
 * Whether what an address or a saved insight holds can be shown in the forms. Only the shape is looked at, so that nothing fails on the page; whether it makes sense,
 * the server says.
 */

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isFlag: Check = (value) => typeof value === 'boolean';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));

const isScalar = either(isText, isNumber, isFlag);
const isTexts = listOf(isText);

const FILTER_DEPTH_MAX = 20;

const isCondition = (value: Readonly<Record<string, unknown>>): boolean =>
  isText(value['op']) &&
  (value['op'] === 'in_cohort' ? isText(value['cohort']) : isText(value['field'])) &&
  (!('value' in value) || isScalar(value['value'])) &&
  (!('values' in value) || listOf(isScalar)(value['values']));

const isFilter = (value: unknown, depth = 0): boolean => {
  if (!isObject(value) || depth > FILTER_DEPTH_MAX) return false;
  const list = value['and'] ?? value['or'];
  if (list !== undefined) return Array.isArray(list) && list.every((each) => isFilter(each, depth + 1));
  return 'not' in value ? isFilter(value['not'], depth + 1) : isCondition(value);
};

const shaped =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(value).every(([name, each]) => each === undefined || fields[name]?.(each) === true);

const filter: Check = (value) => isFilter(value);
const isSelector = either(isText, shaped({ name: isText, types: isTexts, filter }));
const isInstant = either(isText, isNumber);
const isMeasure = either(isText, shaped({ kind: isText, of: isText, level: isNumber, per: isText }));
const isRange = either(isText, shaped({ from: isInstant, to: isInstant }));

/** What stands in questions by these names, whatever their kind. What is missing here is not shown in forms: any value will do. */
const CHECKS: Readonly<Partial<Record<string, Check>>> = {
  kind: isText,
  types: isTexts,
  filter,
  by: isTexts,
  top: isNumber,
  range: isRange,
  timezone: isText,
  interval: isText,
  measure: isMeasure,
  series: listOf(shaped({ name: isText, measure: isMeasure, types: isTexts, filter, hidden: isFlag })),
  formula: listOf(either(isText, shaped({ name: isText, formula: isText }))),
  window: isText,
  cumulative: isFlag,
  per: isText,
  smooth: shaped({ moving_average: isNumber }),
  compare: either(isText, shaped({ to: isInstant })),
  source: isText,
  steps: listOf(isSelector),
  order: isText,
  actor: isText,
  exclusions: listOf(shaped({ events: isSelector, after: isNumber, before: isNumber })),
  start: isSelector,
  return: isSelector,
  period: isText,
  periods: isNumber,
  mode: isText,
  cohorts: isText,
  from: either(isSelector, isNumber),
  to: either(isSelector, isNumber),
  label: isText,
  depth: isNumber,
  collapse: isText,
  min_share: isNumber,
  views: isSelector,
  passive: isTexts,
  pages: isNumber,
  live_minutes: isNumber,
  look_back: isText,
  windows: listOf(isNumber),
  events: isSelector,
  conversion: isSelector,
  channel: isText,
  touches: isSelector,
  models: isTexts,
  lookback: isText,
  half_life: isText,
  of: isText,
  with: isText,
  levels: listOf(isNumber),
  bins: isNumber,
  exposure: isSelector,
  variant: isText,
  goal: isSelector,
  currency: isText,
  control: isText,
  split: (value) => isObject(value) && Object.values(value).every(isNumber),
  confidence: isNumber,
  metric: isText,
  summary: isText,
};

/** What every question of a kind must have to be shown. */
const NEEDED: Readonly<Partial<Record<string, readonly string[]>>> = {
  funnel: ['steps'],
  revenue: ['events'],
  attribution: ['conversion', 'channel'],
  statistics: ['of'],
  experiment: ['exposure', 'variant', 'goal'],
  metric: ['metric'],
};

/** Why a value is not a question that can be shown; undefined if it is one. */
export const shapeTrouble = (value: unknown): string | undefined => {
  if (!isObject(value)) return 'It is not a question.';
  const kind = KINDS.find((each) => each === value['kind']);
  if (kind === undefined) return `“${String(value['kind'])}” is not a kind of question of this page.`;
  const missing = NEEDED[kind]?.find((name) => !(name in value));
  if (missing !== undefined) return `A question of the kind ${kind} needs “${missing}”.`;
  const wrong = Object.entries(value).find(([name, each]) => CHECKS[name]?.(each) === false);
  return wrong === undefined ? undefined : `“${wrong[0]}” is not what it should be.`;
};

/** A value as a question; undefined if it is none. */
export const questionFrom = (value: unknown): Question | undefined =>
  shapeTrouble(value) === undefined ? (value as Question) : undefined;
