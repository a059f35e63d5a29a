import type { QueryAnswer, QuestionInput } from '../../../src/contract/query.ts';

/**
 * Whoever comes by a link is told answers, not questions. What is drawn needs a question of the same kind all the same: one that says no more than the answer and the title do.
 */

type Trend = Extract<QueryAnswer, { readonly kind: 'trend' }>;

const isWhole = (value: number | null): boolean => value === null || Number.isInteger(value);

/** Counts are whole; what is not may be anything. */
const measureLike = ({ series }: Trend): 'count' | { readonly kind: 'avg'; readonly of: string } =>
  series.every(({ total, values }) => isWhole(total) && values.every(isWhole))
    ? 'count'
    : { kind: 'avg', of: 'value' };

/** A question that an answer may be to, as far as it is drawn. */
export const questionLike = (answer: QueryAnswer, title: string): QuestionInput => {
  const { from, to } = answer.range;
  const range = { from, to };
  switch (answer.kind) {
    case 'trend':
      return {
        ...{ kind: 'trend', range, interval: answer.interval, series: [{ name: title }] },
        measure: measureLike(answer),
      };
    case 'metric':
      return { kind: 'metric', metric: title, range, interval: answer.interval };
    case 'metric_windows':
      return { kind: 'metric_windows', metric: title, range };
    case 'funnel':
      return { kind: 'funnel', steps: [title], range };
    case 'funnel_users':
      return { kind: 'funnel_users', steps: [title], step: 1, outcome: 'converted', range };
    case 'revenue':
      return { kind: 'revenue', events: title, range };
    case 'attribution':
      return { kind: 'attribution', conversion: title, channel: 'channel', range };
    case 'statistics':
      return { kind: 'statistics', of: title, range };
    case 'experiment':
      return { kind: 'experiment', exposure: title, goal: title, variant: 'variant', range };
    case 'paths':
    case 'sessions':
    case 'web':
    case 'retention':
    case 'lifecycle':
    case 'stickiness':
      return { kind: answer.kind, range };
  }
};

/** An answer whose only numbers have no name takes that of what they stand in. */
export const namedAnswer = (answer: QueryAnswer, title: string): QueryAnswer => {
  if ((answer.kind !== 'trend' && answer.kind !== 'metric') || title === '') return answer;
  return {
    ...answer,
    series: answer.series.map((series) => (series.name === undefined ? { ...series, name: title } : series)),
  };
};
