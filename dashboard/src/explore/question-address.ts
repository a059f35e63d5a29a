import { type DisplayInput } from '../insight/display.ts';
import type { Question } from './kinds.ts';
import { readNotation, writeNotation } from '../lib/notation.ts';
import { questionFrom, shapeTrouble } from './question-shape.ts';

/** What an address says of what is explored. */
export interface Addressed {
  readonly question: Question | undefined;
  readonly display: DisplayInput | undefined;
  /** Why the address holds no question, if it means to. */
  readonly trouble: string | undefined;
}

const readAll = (text: string | null): unknown => (text === null ? undefined : readNotation(text));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What an address says. */
export const addressedIn = (search: string): Addressed => {
  const parameters = new URLSearchParams(search);
  const text = parameters.get('q');
  let display: DisplayInput | undefined;
  try {
    const read = readAll(parameters.get('as'));
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) display = read;
  } catch {
    // How it is drawn is not worth a complaint: it is drawn as usual.
  }
  if (text === null) return { question: undefined, display, trouble: undefined };
  try {
    const read = readAll(text);
    const trouble = shapeTrouble(read);
    return { question: questionFrom(read), display, trouble };
  } catch (error) {
    return { question: undefined, display, trouble: `The address is damaged: ${messageOf(error)}.` };
  }
};

/** The parameters of an address for a question and how it is drawn. */
export const addressOf = (
  question: Question,
  display: DisplayInput,
): Readonly<Record<'q' | 'as', string | null>> => ({
  q: writeNotation(question),
  as: Object.values(display).every((value) => value === undefined) ? null : writeNotation(display),
});
