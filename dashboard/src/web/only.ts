import type { WebList, WebOnly } from '../../../src/contract/web.ts';
import { LISTS, valueWords } from './lists.ts';

/** What the page is narrowed to, as it stands in its address: a parameter a list, values parted by commas; `\` before a comma or another `\` of a value, and `\-` for absence. */

const LIST_NAMES = Object.keys(LISTS) as WebList[];
/** More than anybody chooses by hand. */
const VALUES_MAX = 50;
const ABSENT = '\\-';

const escaped = (value: string | null): string => value?.replaceAll(/[\\,]/g, '\\$&') ?? ABSENT;

const split = (text: string): (string | null)[] =>
  (text.match(/(?:\\.|[^\\,])+/gsu) ?? []).map((part) =>
    part === ABSENT ? null : part.replaceAll(/\\(.)/gsu, '$1'),
  );

/** What an address says. */
export const onlyOf = (search: string): WebOnly => {
  const parameters = new URLSearchParams(search);
  const lists = LIST_NAMES.flatMap((list) => {
    const values = [...new Set(split(parameters.get(list) ?? ''))].slice(0, VALUES_MAX);
    return values.length === 0 ? [] : [[list, values]];
  });
  return Object.fromEntries(lists) as WebOnly;
};

type Parameters = Readonly<Record<string, string | null>>;

/** The parameters with a value put in, or taken out if it is there. */
export const toggled = (only: WebOnly, list: WebList, value: string | null): Parameters => {
  const now = only[list] ?? [];
  const next = now.includes(value) ? now.filter((each) => each !== value) : [...now, value];
  return { [list]: next.length === 0 ? null : next.slice(-VALUES_MAX).map(escaped).join(',') };
};

/** The parameters that narrow down nothing. */
export const CLEARED: Parameters = Object.fromEntries(LIST_NAMES.map((list) => [list, null]));

/** One thing that the page is narrowed to. */
export interface Narrowing {
  readonly list: WebList;
  readonly value: string | null;
  readonly text: string;
}

/** All of them, in the order of the lists. */
export const narrowingsOf = (only: WebOnly): readonly Narrowing[] =>
  LIST_NAMES.flatMap((list) =>
    (only[list] ?? []).map((value) => ({
      list,
      value,
      text: `${LISTS[list].one}: ${valueWords(list, value)}`,
    })),
  );
