import type { StoredEvent } from '../../../src/contract/event.ts';
import type { LiveFilterInput } from '../../../src/contract/live.ts';

/** One thing that the stream is filtered by. Several of one field are alternatives; different fields must all hold. */
export interface Condition {
  readonly field: 'type' | 'source' | 'user_id' | 'property';
  /** The key, for properties. */
  readonly key?: string;
  readonly value: string;
}

/** At most so many conditions at a time. */
export const CONDITIONS_MAX = 20;

const FIELD_WORDS = { type: 'Type', source: 'Source', user_id: 'User' } as const;

const nameOf = ({ field, key = '' }: Condition): string => (field === 'property' ? key : FIELD_WORDS[field]);

/** A condition in words: `Type: purchase`. */
export const conditionText = (condition: Condition): string => `${nameOf(condition)}: ${condition.value}`;

/** Whether two conditions say the same. */
export const isSame = (one: Condition, other: Condition): boolean =>
  one.field === other.field && one.key === other.key && one.value === other.value;

/** Adds a condition, unless it is there already or there are enough. */
export const withCondition = (conditions: readonly Condition[], added: Condition): readonly Condition[] =>
  conditions.length >= CONDITIONS_MAX || conditions.some((each) => isSame(each, added))
    ? conditions
    : [...conditions, added];

/** Conditions as they are sent. */
export const wireFilterOf = (conditions: readonly Condition[]): LiveFilterInput => {
  const fields: Partial<Record<'type' | 'source' | 'user_id', string[]>> = {};
  const properties: Record<string, string[]> = {};
  for (const { field, key, value } of conditions) {
    if (field === 'property') (properties[key ?? ''] ??= []).push(value);
    else (fields[field] ??= []).push(value);
  }
  return { ...fields, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
};

const PREFIXES: Readonly<Record<string, 'type' | 'source' | 'user_id'>> = {
  type: 'type',
  source: 'source',
  user: 'user_id',
  user_id: 'user_id',
};

const TYPED = /^\s*([^\s:=]+)\s*[:=]\s*(.+?)\s*$/;

/** What somebody typed: `type:purchase`, `user:ada`, `plan=pro`. Undefined if it says no field. */
export const parseCondition = (text: string): Condition | undefined => {
  const [, name, value] = TYPED.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const field = PREFIXES[name.toLowerCase()];
  if (field !== undefined) return { field, value };
  return { field: 'property', key: name.replace(/^properties\./, ''), value };
};

/** Properties that may be offered: short and single. */
const OFFERED_LENGTH_MAX = 60;

const conditionsOf = ({ type, source, user_id, properties }: StoredEvent): Condition[] => [
  { field: 'type', value: type },
  ...(source === undefined ? [] : [{ field: 'source' as const, value: source }]),
  ...(user_id === undefined ? [] : [{ field: 'user_id' as const, value: user_id }]),
  ...Object.entries(properties)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => ({ field: 'property' as const, key, value: String(value) }))
    .filter(({ value }) => value.length > 0 && value.length <= OFFERED_LENGTH_MAX),
];

const keyOf = ({ field, key = '', value }: Condition): string => JSON.stringify([field, key, value]);

const WEIGHT = { type: 3, source: 2, user_id: 1, property: 0 } as const;

interface Offer {
  readonly condition: Condition;
  readonly count: number;
}

const tally = (events: readonly StoredEvent[]): Offer[] => {
  const counts = new Map<string, { condition: Condition; count: number }>();
  for (const condition of events.flatMap(conditionsOf)) {
    const key = keyOf(condition);
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { condition, count: 1 });
    else entry.count += 1;
  }
  return [...counts.values()].sort(
    (a, b) => WEIGHT[b.condition.field] - WEIGHT[a.condition.field] || b.count - a.count,
  );
};

const isLike = (condition: Condition, text: string): boolean => {
  const typed = parseCondition(text);
  const value = condition.value.toLowerCase();
  if (typed !== undefined)
    return (
      typed.field === condition.field &&
      typed.key?.toLowerCase() === condition.key?.toLowerCase() &&
      value.includes(typed.value.toLowerCase())
    );
  const wanted = text.trim().toLowerCase();
  return (
    value.includes(wanted) ||
    `${nameOf(condition).toLowerCase()}:`.startsWith(wanted.replace(/\s*[:=]$/, ':'))
  );
};

/**
 * What may be meant by a text that is being typed: conditions of events seen lately, kinds first, then frequent ones; and always what was typed out
 * itself. Without a field the text is offered as user too, because ids are pasted.
 */
export const suggest = (text: string, events: readonly StoredEvent[], max = 8): Condition[] => {
  const typed = parseCondition(text);
  const seen = tally(events).filter(({ condition }) => isLike(condition, text));
  const own: Condition[] = typed === undefined ? [] : [typed];
  const pasted: Condition[] =
    typed === undefined && text.trim() !== '' ? [{ field: 'user_id', value: text.trim() }] : [];
  return [...own, ...seen.map(({ condition }) => condition), ...pasted]
    .filter((condition, index, all) => all.findIndex((each) => isSame(each, condition)) === index)
    .slice(0, max);
};
