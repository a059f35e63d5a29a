import type { Variable, VariableValues } from '../../../src/contract/boards.ts';
import type { AskInsight } from '../../../src/contract/insights.ts';
import type { Condition, Filter } from '../../../src/contract/question.ts';
import type { BoardMoment } from '../data/board-answers.ts';
import { effective } from '../board/address-values.ts';
import { isCondition, isSpan } from './values.ts';

/** What the values of variables do to a question that is asked by itself: as the board does it once it is saved. */
export const askingOf = (
  variables: readonly Variable[],
  values: VariableValues,
  ignores: readonly string[],
  moment: BoardMoment | undefined,
): Partial<AskInsight> => {
  const filters: Filter[] = [];
  const asking: { -readonly [Key in keyof AskInsight]?: AskInsight[Key] } = {};
  for (const variable of variables) {
    const value = effective(variable, values);
    if (value === null || ignores.includes(variable.name)) continue;
    if (variable.kind === 'range' && (typeof value === 'string' || isSpan(value))) asking.range = value;
    if (variable.kind === 'timezone' && typeof value === 'string') asking.timezone = value;
    if (variable.kind === 'filter' && isCondition(value))
      filters.push({ field: variable.field, ...value } as Condition);
    if (variable.kind === 'choice' && typeof value !== 'object')
      filters.push({ field: variable.field, op: 'in', values: [value] });
    if (variable.kind === 'choice' && Array.isArray(value))
      filters.push({ field: variable.field, op: 'in', values: value });
  }
  const [first] = filters;
  return {
    ...asking,
    ...(first === undefined ? {} : { filter: filters.length === 1 ? first : { and: filters } }),
    ...(moment === undefined ? {} : { as_of: moment }),
  };
};
