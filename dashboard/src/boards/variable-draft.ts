import type { FilterOp, Variable } from '../../../src/contract/boards.ts';

/** Kinds of variables, and what they are called. */
export const KIND_WORDS: Readonly<Record<Variable['kind'], string>> = {
  range: 'Time range',
  timezone: 'Time zone',
  filter: 'Filter',
  choice: 'List of choices',
};

/** Of these a board has one at most. */
const ONCE: readonly Variable['kind'][] = ['range', 'timezone'];

/** The kinds that a board may get one more of. */
export const kindsFor = (variables: readonly Variable[]): readonly Variable['kind'][] =>
  (Object.keys(KIND_WORDS) as Variable['kind'][]).filter(
    (kind) => !ONCE.includes(kind) || !variables.some((variable) => variable.kind === kind),
  );

/** As the contract has it, which reads requests and is not for pages. */
const NAME_MAX = 40;
const CHOICES_MAX = 200;

/** A name that a variable may have, from what it is called; none that another has. */
export const nameFrom = (label: string, taken: readonly string[]): string => {
  const plain = label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, NAME_MAX - 3);
  const wish = plain === '' ? 'variable' : plain;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wish : `${wish}_${number}`;
    if (!taken.includes(name)) return name;
  }
};

/** A variable of a kind, as it begins. */
export const newVariable = (kind: Variable['kind'], taken: readonly string[]): Variable => {
  const label = KIND_WORDS[kind];
  const base = { name: nameFrom(label, taken), label };
  switch (kind) {
    case 'range':
      return { ...base, kind, default: 'last 30 days' };
    case 'timezone':
      return { ...base, kind, default: null };
    case 'filter':
      return { ...base, kind, field: '', ops: ['in', 'not_in'] satisfies FilterOp[], default: null };
    case 'choice':
      return { ...base, kind, field: '', choices: [], multiple: false, default: null };
  }
};

type Choices = Extract<Variable, { readonly kind: 'choice' }>['choices'];

/** Stands between a choice and what it is called; without spaces it is part of a value, such as an address. */
const CALLED = /\s=\s/u;

/** Choices as they are typed: one a line, after ` = ` what it is called. */
export const choicesText = (choices: Choices): string =>
  choices
    .map(({ value, label }) => (label === undefined || label === '' ? String(value) : `${value} = ${label}`))
    .join('\n');

/** What was typed, as choices. One that was there before keeps what it is: a number stays one. */
export const choicesOf = (text: string, before: Choices): Choices => {
  const found = new Map<string, Choices[number]>();
  for (const line of text.split('\n')) {
    const at = line.search(CALLED);
    const value = (at < 0 ? line : line.slice(0, at)).trim();
    const label = at < 0 ? '' : line.slice(at + 3).trim();
    if (value === '' || found.has(value) || found.size >= CHOICES_MAX) continue;
    const known = before.find((choice) => String(choice.value) === value);
    found.set(value, { value: known?.value ?? value, ...(label === '' ? {} : { label }) });
  }
  return [...found.values()];
};

/** What a variable lacks to be saved; undefined if it is whole. */
export const lackOf = (variable: Variable): string | undefined => {
  if (variable.kind !== 'filter' && variable.kind !== 'choice') return undefined;
  if (variable.field === '') return 'Choose the field that it is about.';
  if (variable.kind === 'filter')
    return variable.ops.length === 0 ? 'Choose a comparison at least.' : undefined;
  return variable.choices.length === 0 ? 'Write a choice at least.' : undefined;
};

/** A choice variable whose default is among its choices; none where it is not. */
export const withFittingDefault = (variable: Variable): Variable => {
  if (variable.kind !== 'choice' || variable.default === null) return variable;
  const wanted = Array.isArray(variable.default) ? variable.default : [variable.default];
  const fits = wanted.every((each) => variable.choices.some(({ value }) => value === each));
  return fits && (variable.multiple || wanted.length === 1) ? variable : { ...variable, default: null };
};
