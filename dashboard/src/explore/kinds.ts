import type { QuestionInput } from '../../../src/contract/query.ts';
import type { RangeInput } from '../../../src/contract/question.ts';
import type { IconName } from '../design/index.ts';

/** The kinds of questions that are put together here, in the order of the chooser. */
export const KINDS = [
  'trend',
  'funnel',
  'retention',
  'paths',
  'sessions',
  'lifecycle',
  'stickiness',
  'revenue',
  'attribution',
  'statistics',
  'experiment',
  'metric',
] as const;
export type Kind = (typeof KINDS)[number];

/** A question of a kind, as it is put together. */
export type QuestionOf<K extends Kind> = Extract<QuestionInput, { kind: K }>;
/** A question that is put together here. */
export type Question = QuestionOf<Kind>;

interface KindFacts {
  readonly text: string;
  /** What it answers, in a line. */
  readonly note: string;
  readonly icon: IconName;
}

/** How the kinds are told apart. */
export const KIND_FACTS: Readonly<Record<Kind, KindFacts>> = {
  trend: { text: 'Trend', note: 'How much of something, over time', icon: 'chart' },
  funnel: { text: 'Funnel', note: 'How many go on from step to step', icon: 'filter' },
  retention: { text: 'Retention', note: 'Who comes back, and when', icon: 'refresh' },
  paths: { text: 'Paths', note: 'What people do next, or did before', icon: 'next' },
  sessions: { text: 'Sessions', note: 'Visits: how many, how long, how deep', icon: 'session' },
  lifecycle: { text: 'Lifecycle', note: 'Who is new, stays, returns, goes', icon: 'pulse' },
  stickiness: { text: 'Stickiness', note: 'On how many days people come', icon: 'calendar' },
  revenue: { text: 'Revenue', note: 'Money, orders and buyers', icon: 'star' },
  attribution: { text: 'Attribution', note: 'Which channels bring conversions', icon: 'external' },
  statistics: { text: 'Statistics', note: 'How a number is spread', icon: 'table' },
  experiment: { text: 'Experiment', note: 'What differs between variants', icon: 'eye' },
  metric: { text: 'Metric', note: 'A number that is defined once', icon: 'gear' },
};

/** Events that are still to be chosen: no server takes it. */
export const UNCHOSEN = { types: [] as string[] };

const RANGE: Readonly<Record<Kind, string>> = {
  trend: 'last 7 days',
  funnel: 'last 30 days',
  retention: 'last 14 days',
  paths: 'last 7 days',
  sessions: 'last 7 days',
  lifecycle: 'last 30 days',
  stickiness: 'last 30 days',
  revenue: 'last 30 days',
  attribution: 'last 30 days',
  statistics: 'last 30 days',
  experiment: 'last 30 days',
  metric: 'last 7 days',
};

/** A question of a kind of which nothing is chosen yet. */
export const startOf = (kind: Kind, range: RangeInput = RANGE[kind]): Question => {
  switch (kind) {
    case 'trend':
    case 'sessions':
    case 'lifecycle':
    case 'stickiness':
    case 'retention':
      return { kind, range };
    case 'paths':
      return { kind, label: 'type', range };
    case 'funnel':
      return { kind, steps: [UNCHOSEN, UNCHOSEN], range };
    case 'revenue':
      return { kind, events: UNCHOSEN, range };
    case 'attribution':
      return { kind, conversion: UNCHOSEN, channel: '', range };
    case 'statistics':
      return { kind, of: '', range };
    case 'experiment':
      return { kind, exposure: UNCHOSEN, variant: '', goal: UNCHOSEN, range };
    case 'metric':
      return { kind, metric: '', range };
  }
};

/** Kinds whose questions take a break-down; the others name their groups otherwise. */
const WITH_BY: ReadonlySet<Kind> = new Set([
  'trend',
  'funnel',
  'retention',
  'sessions',
  'revenue',
  'statistics',
  'metric',
]);
const WITH_ACTOR: ReadonlySet<Kind> = new Set([
  ...(['funnel', 'retention', 'paths', 'lifecycle', 'stickiness', 'attribution', 'experiment'] as const),
]);

/** A question becomes one of another kind: what both take is kept. */
export const becoming = (question: Question, kind: Kind): Question => {
  if (question.kind === kind) return question;
  const { range, timezone, filter } = question;
  const by = 'by' in question ? question.by : undefined;
  const actor = 'actor' in question ? question.actor : undefined;
  return {
    ...startOf(kind, range),
    ...(timezone === undefined ? {} : { timezone }),
    ...(filter === undefined ? {} : { filter }),
    ...(by === undefined || !WITH_BY.has(kind) ? {} : { by }),
    ...(actor === undefined || !WITH_ACTOR.has(kind) ? {} : { actor }),
  };
};
