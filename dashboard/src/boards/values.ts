import type { FilterValue, Variable } from '../../../src/contract/boards.ts';
import type { RangeInput } from '../../../src/contract/question.ts';
import { OPERATORS, takesOf } from '../ask/filter-model.ts';
import { choiceText, words } from '../board/choices.ts';
import type { Value } from '../board/address-values.ts';

/** Whether a value is a range with its own beginning and end. */
export const isSpan = (value: Value | undefined): value is Exclude<RangeInput, string> =>
  typeof value === 'object' && value !== null && 'from' in value;

/** Whether a value is a condition. */
export const isCondition = (value: Value | undefined): value is FilterValue =>
  typeof value === 'object' && value !== null && 'op' in value;

const NAMED_MAX = 2;

const listText = (values: readonly string[]): string =>
  values.length > NAMED_MAX
    ? `${values.slice(0, NAMED_MAX).join(', ')} +${values.length - NAMED_MAX}`
    : values.join(', ');

const conditionText = ({ op, value, values = [] }: FilterValue): string => {
  const takes = takesOf(op);
  if (takes === 'none') return OPERATORS[op];
  if (takes === 'one') return op === 'eq' ? words(value) : `${OPERATORS[op]} ${words(value)}`;
  const list = listText(values.map(words));
  return op === 'in' ? list : `not ${list}`;
};

/** What nothing chosen means. */
const UNSET: Readonly<Record<Variable['kind'], string>> = {
  range: 'As each tile has it',
  timezone: 'As each tile has it',
  filter: 'Any',
  choice: 'Any',
};

/** A value in few words. */
export const valueWords = (variable: Variable, value: Value): string => {
  if (value === null) return UNSET[variable.kind];
  if (isSpan(value)) return `${String(value.from)} to ${String(value.to ?? 'now')}`;
  if (isCondition(value)) return conditionText(value);
  const chosen = Array.isArray(value) ? value : [value];
  if (variable.kind !== 'choice') return listText(chosen.map(words));
  return listText(chosen.map((each) => choiceText(variable.choices, each)));
};
