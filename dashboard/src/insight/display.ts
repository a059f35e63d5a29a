import type { Display, DisplayName } from '../../../src/contract/insights.ts';
import type { QueryAnswer, QuestionInput } from '../../../src/contract/query.ts';

/** A question as it is asked. */
export type Question = QuestionInput;
/** What it is answered with. */
export type Answer = QueryAnswer;
/** How an answer is drawn, as far as it is said. */
export type DisplayInput = { readonly [Name in keyof Display]?: Display[Name] | undefined };

type Displays = readonly [DisplayName, ...DisplayName[]];

const OVER_TIME: Displays = ['line', 'area', 'bar', 'number', 'table'];

/** How answers to each kind of question may be drawn; what stands first is taken if nothing is said. As `DISPLAYS_OF` of the contract, without what reads requests. */
export const DISPLAYS: Readonly<Record<Question['kind'], Displays>> = {
  trend: OVER_TIME,
  metric: OVER_TIME,
  metric_windows: ['table'],
  funnel: ['funnel', 'bar', 'number', 'table'],
  funnel_users: ['table'],
  paths: ['flow', 'table'],
  sessions: OVER_TIME,
  web: ['overview', 'line', 'number', 'table'],
  revenue: OVER_TIME,
  attribution: ['bar', 'table'],
  statistics: ['histogram', 'number', 'table'],
  experiment: ['intervals', 'table'],
  retention: ['heatmap', 'line', 'table'],
  lifecycle: ['bar', 'area', 'table'],
  stickiness: ['bar', 'line', 'number', 'table'],
};

/** What a display is called. */
export const DISPLAY_WORDS: Readonly<Record<DisplayName, string>> = {
  line: 'Line',
  area: 'Area',
  bar: 'Bars',
  number: 'Number',
  table: 'Table',
  funnel: 'Funnel',
  heatmap: 'Heat map',
  flow: 'Flow',
  histogram: 'Histogram',
  intervals: 'Intervals',
  overview: 'Overview',
};

const PLAIN: Omit<Display, 'as'> = {
  stacked: false,
  legend: true,
  labels: false,
  scale: 'linear',
  unit: '',
};

/** How an answer is drawn if nothing else is said. */
export const defaultDisplay = (question: Question): Display => {
  const isStacked = question.kind === 'lifecycle';
  const isOneNumber = 'interval' in question && question.interval === 'total';
  const isBroken = 'by' in question && question.by !== undefined;
  const [as] = DISPLAYS[question.kind];
  if (isOneNumber) return { ...PLAIN, as: isBroken ? 'bar' : 'number' };
  return { ...PLAIN, as, stacked: isStacked };
};

/** A display in full: what is not said is taken from what suits the question, and so is what does not suit it. */
export const displayOf = (question: Question, asked: DisplayInput | undefined): Display => {
  const usual = defaultDisplay(question);
  const said: Partial<Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(asked ?? {})) if (value !== undefined) said[name] = value;
  const display: Display = { ...usual, ...said };
  return DISPLAYS[question.kind].includes(display.as) ? display : { ...display, as: usual.as };
};

/** What is asked so that a question can be drawn as it is to be: a web site over time is asked for as its sessions, because web analytics are of a whole range. */
export const askedFor = (question: Question, display: DisplayInput | undefined): Question => {
  if (question.kind !== 'web' || display?.as !== 'line') return question;
  const { types, filter, views, passive, range, timezone, live_minutes, as_of, explain } = question;
  return {
    kind: 'sessions',
    pages: 0,
    ...Object.fromEntries(
      Object.entries({ types, filter, views, passive, range, timezone, live_minutes, as_of, explain }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  };
};
