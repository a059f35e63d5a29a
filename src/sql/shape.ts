import { scanSql, type Token } from '../warehouse/engine/sql-scanner.ts';

const WHOLE = /^\d+$/;
const FRACTION = /^\d+\.\d+$/;
/** Between tokens: no token holds it. */
const SEPARATOR = '\0';

/**
 * A statement without the values in it that cannot change what its names resolve to: plain numbers, and what parameters other than texts become (`_CAST('value', 'Type')`). Statements of one shape have the same words, the same texts otherwise and the same
 * structure, token by token. `text` as `readSql` left it: without comments.
 */
export const shapeOf = (text: string): string => {
  const tokens = [...scanSql(text)];
  return tokens.map((_, at) => shapeAt(text, tokens, at)).join(SEPARATOR);
};

const shapeAt = (text: string, tokens: readonly Token[], at: number): string => {
  const word = wordAt(text, tokens, at);
  const kind = tokens[at]?.kind;
  // Behind a point a number is a place in a tuple.
  if (kind === 'symbol' && wordAt(text, tokens, at - 1) !== '.') {
    if (WHOLE.test(word)) return '0';
    if (FRACTION.test(word)) return '0.0';
  }
  const isParameter =
    kind === 'text' && wordAt(text, tokens, at - 1) === '(' && wordAt(text, tokens, at - 2) === '_CAST';
  return isParameter ? "''" : word;
};

const wordAt = (text: string, tokens: readonly Token[], at: number): string => {
  const token = tokens[at];
  return token === undefined ? '' : text.slice(token.start, token.end);
};
