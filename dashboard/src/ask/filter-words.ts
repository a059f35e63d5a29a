import type { Condition, Filter } from '../../../src/contract/question.ts';
import { fieldText } from './fields.ts';
import { OPERATORS } from './filter-model.ts';

/** A filter as a sentence, for summaries: `Country is DE and plan is not there`. */

const SHOWN_MAX = 3;

const listed = (values: readonly unknown[]): string => {
  const shown = values.slice(0, SHOWN_MAX).map(String).join(', ');
  return values.length > SHOWN_MAX ? `${shown} and ${values.length - SHOWN_MAX} more` : shown;
};

const conditionWords = (condition: Condition): string => {
  const start = `${fieldText(condition.field)} ${OPERATORS[condition.op]}`;
  if ('values' in condition) return `${start} ${listed(condition.values)}`;
  if (!('value' in condition)) return start;
  return condition.value === '' ? `${start} empty` : `${start} ${String(condition.value)}`;
};

const inner = (filter: Filter, cohortName: (id: string) => string): string => {
  const words = filterWords(filter, cohortName);
  return 'and' in filter || 'or' in filter ? `(${words})` : words;
};

/** A filter as a sentence. */
export const filterWords = (filter: Filter, cohortName: (id: string) => string = (id) => id): string => {
  if ('and' in filter) return filter.and.map((each) => inner(each, cohortName)).join(' and ');
  if ('or' in filter) return filter.or.map((each) => inner(each, cohortName)).join(' or ');
  if ('not' in filter) return `not ${inner(filter.not, cohortName)}`;
  if (filter.op === 'in_cohort') return `user in ${cohortName(filter.cohort)}`;
  return conditionWords(filter);
};
