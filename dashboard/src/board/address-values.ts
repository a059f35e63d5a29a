import type { Variable, VariableValues } from '../../../src/contract/boards.ts';

/** A value of a variable. */
export type Value = VariableValues[string];

const PREFIX = 'v.';

/** The parameter of the address that holds the value of a variable. */
export const parameterOf = (name: string): string => `${PREFIX}${name}`;

const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};

/** A value as the address has it: a text as it is, unless it would be taken for something else. */
export const valueText = (value: Value): string =>
  typeof value === 'string' && parsed(value) === undefined ? value : JSON.stringify(value);

const valueOf = (text: string): Value => {
  const json = parsed(text);
  return json === undefined ? text : (json.value as Value);
};

/** What the address says of the variables of a board. Others are not heeded. */
export const valuesOfAddress = (
  search: string,
  variables: readonly Pick<Variable, 'name'>[],
): VariableValues => {
  const parameters = new URLSearchParams(search);
  const values: VariableValues = {};
  for (const { name } of variables) {
    const text = parameters.get(parameterOf(name));
    if (text !== null) values[name] = valueOf(text);
  }
  return values;
};

/** The value that holds: the one that was chosen, or else the default. */
export const effective = (
  variable: { readonly name: string; readonly default: unknown },
  values: VariableValues,
): Value =>
  Object.hasOwn(values, variable.name) ? (values[variable.name] ?? null) : (variable.default as Value);
