import type { Filter } from '../../../src/contract/question.ts';

/** The filter in a parameter of the address; undefined if it is none. Whether it is a good one, the server says. */
export const filterIn = (text: string | null): Filter | undefined => {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Filter)
      : undefined;
  } catch {
    return undefined;
  }
};
