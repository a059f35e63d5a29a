import type { Condition, Filter } from '../../../src/contract/question.ts';

/** A filter as it is edited: conditions that may be unfinished, and groups of them, one level deep. What is deeper, or negated as a whole, is kept as it is. */

/** What a condition says of its field. */
export type Operator = Condition['op'];

/** What an operator is called in a sentence, in the order of the list. */
export const OPERATORS: Readonly<Record<Operator, string>> = {
  eq: 'is',
  neq: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  contains: 'contains',
  gt: 'is more than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  exists: 'is there',
  not_exists: 'is not there',
};

/** What operators take beside the field. */
export type Takes = 'one' | 'many' | 'none';

/** What an operator takes beside the field. */
export const takesOf = (op: Operator): Takes => {
  if (op === 'in' || op === 'not_in') return 'many';
  return op === 'exists' || op === 'not_exists' ? 'none' : 'one';
};

type Scalar = string | number | boolean;

/** A condition under way. */
export interface DraftCondition {
  readonly kind: 'condition';
  readonly field: string | undefined;
  readonly op: Operator;
  /** As many as were chosen; operators that take one take the first. */
  readonly values: readonly Scalar[];
}

/** A cohort that users must belong to. */
export interface DraftCohort {
  readonly kind: 'cohort';
  readonly cohort: string | undefined;
}

/** A part of a filter that is shown and kept, not edited. */
export interface DraftKept {
  readonly kind: 'kept';
  readonly filter: Filter;
}

/** A line of a filter. */
export type DraftLine = DraftCondition | DraftCohort | DraftKept;

/** Lines that hold together. */
export interface DraftGroup {
  readonly kind: 'group';
  readonly match: Match;
  readonly lines: readonly DraftLine[];
}

/** How conditions are joined. */
export type Match = 'and' | 'or';

/** A filter under way. */
export interface Draft {
  readonly match: Match;
  readonly parts: readonly (DraftLine | DraftGroup)[];
}

/** A condition of which nothing is chosen yet. */
export const NEW_CONDITION: DraftCondition = { kind: 'condition', field: undefined, op: 'eq', values: [] };

/** A filter without conditions. */
export const NO_FILTER: Draft = { match: 'and', parts: [] };

const lineOf = (filter: Filter): DraftLine => {
  if (!('op' in filter)) return { kind: 'kept', filter };
  if (filter.op === 'in_cohort') return { kind: 'cohort', cohort: filter.cohort };
  const values = 'values' in filter ? filter.values : 'value' in filter ? [filter.value] : [];
  return { kind: 'condition', field: filter.field, op: filter.op, values };
};

const joined = (filter: Filter): { readonly match: Match; readonly of: readonly Filter[] } | undefined => {
  if ('and' in filter) return { match: 'and', of: filter.and };
  return 'or' in filter ? { match: 'or', of: filter.or } : undefined;
};

const partOf = (filter: Filter): DraftLine | DraftGroup => {
  const list = joined(filter);
  return list === undefined
    ? lineOf(filter)
    : { kind: 'group', match: list.match, lines: list.of.map(lineOf) };
};

/** A filter as it is edited. */
export const draftOf = (filter: Filter | undefined): Draft => {
  if (filter === undefined) return NO_FILTER;
  const list = joined(filter);
  return list === undefined
    ? { match: 'and', parts: [lineOf(filter)] }
    : { match: list.match, parts: list.of.map(partOf) };
};

const COMPARED: ReadonlySet<Operator> = new Set(['gt', 'gte', 'lt', 'lte']);
const NUMBER = /^-?\d+(?:\.\d+)?$/u;

/** What is compared by more and less is a number if it looks like one. */
const compared = (value: Scalar): number | string =>
  typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : (value as number | string);

const conditionOf = ({ field, op, values }: DraftCondition): Filter | undefined => {
  const [first] = values;
  if (field === undefined) return undefined;
  if (op === 'exists' || op === 'not_exists') return { field, op };
  if (first === undefined) return undefined;
  if (op === 'in' || op === 'not_in') return { field, op, values: [...values] };
  if (op === 'contains') return first === '' ? undefined : { field, op, value: String(first) };
  if (COMPARED.has(op))
    return first === ''
      ? undefined
      : { field, op: op as 'gt' | 'gte' | 'lt' | 'lte', value: compared(first) };
  return { field, op: op as 'eq' | 'neq', value: first };
};

const lineFilter = (line: DraftLine): Filter | undefined => {
  if (line.kind === 'kept') return line.filter;
  if (line.kind === 'cohort')
    return line.cohort === undefined ? undefined : { op: 'in_cohort', cohort: line.cohort };
  return conditionOf(line);
};

const joinedBy = (match: Match, filters: readonly Filter[], keepsOne: boolean): Filter | undefined => {
  const [only] = filters;
  if (only === undefined) return undefined;
  if (filters.length === 1 && !keepsOne) return only;
  return match === 'and' ? { and: filters } : { or: filters };
};

const partFilter = (part: DraftLine | DraftGroup): Filter | undefined => {
  if (part.kind !== 'group') return lineFilter(part);
  const filters = part.lines.map(lineFilter).filter((filter) => filter !== undefined);
  return joinedBy(part.match, filters, false);
};

/** The filter that is meant; undefined while no condition is finished. Unfinished ones are left out. */
export const filterOf = ({ match, parts }: Draft): Filter | undefined => {
  const filters = parts.map(partFilter).filter((filter) => filter !== undefined);
  const [only] = filters;
  // Alone, a group would be taken for the whole filter, whose parts it has.
  return joinedBy(match, filters, only !== undefined && joined(only) !== undefined && filters.length === 1);
};

/** What a condition takes when its operator becomes another one: nothing that it cannot take. */
export const withOperator = (condition: DraftCondition, op: Operator): DraftCondition => {
  const takes = takesOf(op);
  const values = takes === 'none' ? [] : takes === 'one' ? condition.values.slice(0, 1) : condition.values;
  return { ...condition, op, values };
};

/** How many conditions a filter has. */
export const countOf = (filter: Filter | undefined): number => {
  if (filter === undefined) return 0;
  if ('not' in filter) return countOf(filter.not);
  const list = joined(filter);
  return list === undefined ? 1 : list.of.reduce((sum, each) => sum + countOf(each), 0);
};
