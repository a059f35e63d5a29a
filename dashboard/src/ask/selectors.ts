import type { Filter, Selector } from '../../../src/contract/question.ts';
import { filterWords } from './filter-words.ts';

/** Which events a part of a question means, in one form. */
export interface Selection {
  /** None: of any type. */
  readonly types: readonly string[];
  readonly filter: Filter | undefined;
}

/** Every event. */
export const EVERY_EVENT: Selection = { types: [], filter: undefined };

/** A selector in one form. */
export const selectionOf = (selector: Selector | undefined): Selection => {
  if (selector === undefined) return EVERY_EVENT;
  if (typeof selector === 'string') return { types: [selector], filter: undefined };
  return { types: selector.types ?? [], filter: selector.filter };
};

/** A selection as questions take it, as short as it may be. */
export const selectorOf = ({ types, filter }: Selection): Selector => {
  const [only] = types;
  if (types.length === 1 && only !== undefined && filter === undefined) return only;
  return {
    ...(types.length === 0 ? {} : { types: [...types] }),
    ...(filter === undefined ? {} : { filter }),
  };
};

/** Whether it means every event. */
export const isEvery = ({ types, filter }: Selection): boolean => types.length === 0 && filter === undefined;

/** In words: `purchase or refund where Country is DE`. */
export const selectionWords = ({ types, filter }: Selection): string => {
  const name = types.length === 0 ? 'Any event' : types.join(' or ');
  return filter === undefined ? name : `${name} where ${filterWords(filter)}`;
};
