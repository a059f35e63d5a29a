import type { FilterValue, Scalar, Variable, VariableValues } from '../contract/boards.ts';
import {
  type Condition,
  conditionSchema,
  type Filter,
  type RangeInput,
  rangeSchema,
} from '../contract/question.ts';
import { didYouMean } from '../lib/nearest.ts';
import { parseField } from '../query/fields.ts';
import { parseFilter } from '../query/filter.ts';
import { parseRequest } from '../http/parse-request.ts';
import { invalidAt } from '../http/request-problem.ts';
import { parseRange, parseTimeZone } from '../query/time-range.ts';
import { type Changes, within } from './question.ts';

/** What one variable does to questions: nothing, where its value is null. */
type Effect = Pick<Changes, 'range' | 'timezone'> & { readonly filter?: Filter };

/** What the variables of a board are set to. */
export interface Settings {
  /** By name, defaults included. */
  readonly values: VariableValues;
  readonly effects: ReadonlyMap<string, Effect>;
}

const FILTER_VALUE_KEYS: readonly string[] = ['op', 'value', 'values'];

/** Throws ApiError `invalid_request` unless these may be the variables of one board. */
export const checkVariables = async (variables: readonly Variable[], nowMs: number): Promise<void> => {
  const names = new Set<string>();
  const kinds = new Set<string>();
  for (const [index, variable] of variables.entries()) {
    const { name, kind } = variable;
    const path = `variables.${index}`;
    if (names.has(name)) throw invalidAt(`${path}.name`, `There are two variables "${name}".`);
    if (kinds.has(kind))
      throw invalidAt(`${path}.kind`, `A board has one variable of the kind "${kind}" at most.`);
    names.add(name);
    if (kind === 'range' || kind === 'timezone') kinds.add(kind);
    if (kind === 'filter') {
      const withDefault = variable.default;
      if (withDefault !== null && !variable.ops.includes(withDefault.op))
        throw invalidAt(`${path}.default.op`, `"${withDefault.op}" is not among "ops".`);
    }
    if (kind === 'filter' || kind === 'choice') parseField(variable.field, `${path}.field`);
    await within(`${path}.default`, () => effectOf(variable, variable.default, nowMs));
  }
};

/** What the variables are set to by somebody. Throws ApiError `invalid_request` for a name that there is not, or a value that the variable does not take. */
export const settle = async (
  variables: readonly Variable[],
  given: VariableValues,
  nowMs: number,
): Promise<Settings> => {
  const names = variables.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw invalidAt(
      `variables.${unknown}`,
      names.length === 0
        ? 'The board has no variables.'
        : `The board has no variable "${unknown}".${didYouMean(unknown, names)} It has ${names.join(', ')}.`,
    );
  const effects = new Map<string, Effect>();
  const values: VariableValues = {};
  for (const variable of variables) {
    const { name } = variable;
    const value = Object.hasOwn(given, name) ? given[name] : variable.default;
    values[name] = value ?? null;
    effects.set(name, await within(`variables.${name}`, () => effectOf(variable, value ?? null, nowMs)));
  }
  return { values, effects };
};

/** What the variables do to the questions of one tile. */
export const changesOf = ({ effects }: Settings, ignores: readonly string[]): Changes => {
  const heeded = [...effects].filter(([name]) => !ignores.includes(name)).map(([, effect]) => effect);
  const filters = heeded.flatMap(({ filter }) => (filter === undefined ? [] : [filter]));
  const range = heeded.find((each) => each.range !== undefined)?.range;
  const timezone = heeded.find((each) => each.timezone !== undefined)?.timezone;
  return {
    ...(range === undefined ? {} : { range }),
    ...(timezone === undefined ? {} : { timezone }),
    filters,
  };
};

/** Problems stand where the value does: their paths begin there. */
const effectOf = (variable: Variable, value: VariableValues[string], nowMs: number): Effect => {
  if (value === null) return {};
  switch (variable.kind) {
    case 'range':
      return { range: rangeOf(value, nowMs) };
    case 'timezone':
      return { timezone: timezoneOf(value) };
    case 'filter':
      return { filter: filterOf(variable, value) };
    case 'choice':
      return { filter: choiceOf(variable, value) };
  }
};

const rangeOf = (value: unknown, nowMs: number): RangeInput => {
  const range = parseRequest(rangeSchema, value);
  parseRange(range, nowMs, 'UTC');
  return range;
};

const timezoneOf = (value: unknown): string => {
  if (typeof value !== 'string')
    throw invalidAt('', 'takes the name of a time zone, for example "Europe/Berlin".');
  return parseTimeZone(value);
};

const filterOf = (
  { field, ops }: Extract<Variable, { kind: 'filter' }>,
  value: VariableValues[string],
): Filter => {
  if (!isFilterValue(value))
    throw invalidAt('', 'takes a condition without its field, for example {"op": "eq", "value": "DE"}.');
  if (!ops.includes(value.op))
    throw invalidAt('op', `"${value.op}" is not offered. Use one of ${ops.join(', ')}.`);
  const condition = parseRequest(conditionSchema, { ...value, field });
  parseFilter(condition);
  return condition;
};

const isFilterValue = (value: unknown): value is FilterValue =>
  typeof value === 'object' &&
  value !== null &&
  'op' in value &&
  Object.keys(value).every((key) => FILTER_VALUE_KEYS.includes(key));

const choiceOf = (
  { field, choices, multiple }: Extract<Variable, { kind: 'choice' }>,
  value: VariableValues[string],
): Condition => {
  const values = (Array.isArray(value) ? value : [value]) as Scalar[];
  if (values.length > 1 && !multiple) throw invalidAt('', 'takes one of its choices, not several.');
  const unknown = values.find((each) => !choices.some((choice) => choice.value === each));
  if (unknown !== undefined)
    throw invalidAt(
      '',
      `${JSON.stringify(unknown).slice(0, 100)} is not among its choices: ${choices
        .slice(0, 20)
        .map((choice) => JSON.stringify(choice.value).slice(0, 50))
        .join(', ')}.`,
    );
  return { field, op: 'in', values };
};
