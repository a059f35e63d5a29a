import { CODES, EngineError } from './engine-error.ts';
import { quoteString } from '../quote.ts';
import { scanSql, type Token } from './sql-scanner.ts';

/** What the engine's front must know of a statement to run it: never more than its outermost words. */
export interface Statement {
  readonly sql: string;
  /** First word, upper case. */
  readonly verb: string;
  /** Format named at the end of the statement, if any. */
  readonly format: string | undefined;
  readonly isRead: boolean;
}

const READING_VERBS = new Set([
  'SELECT',
  'WITH',
  'SHOW',
  'DESCRIBE',
  'DESC',
  'EXISTS',
  'EXPLAIN',
  'FROM',
  'VALUES',
]);

const wordOf = (sql: string, token: Token | undefined): string =>
  token?.kind === 'word' ? sql.slice(token.start, token.end).toUpperCase() : '';

/** Index of the last token at the outermost level that is one of `words`; -1 without. */
const lastOutermost = (sql: string, tokens: readonly Token[], word: string): number =>
  tokens.findLastIndex((token) => token.depth === 0 && wordOf(sql, token) === word);

/** True from the point where an INSERT's text stops being SQL: after VALUES or FORMAT x come data. */
const beginsData = (sql: string, tokens: readonly Token[]): boolean => {
  const last = tokens.at(-1);
  const word = wordOf(sql, last);
  return last?.depth === 0 && (word === 'VALUES' || wordOf(sql, tokens.at(-2)) === 'FORMAT');
};

const tokensOf = (sql: string): Token[] => {
  const tokens: Token[] = [];
  for (const token of scanSql(sql)) {
    const previous = tokens.at(-1);
    if (previous !== undefined && isSemicolon(sql, previous))
      throw new EngineError(CODES.SYNTAX_ERROR, 'Syntax error (Multi-statements are not allowed)');
    tokens.push(token);
    if (wordOf(sql, tokens[0]) === 'INSERT' && beginsData(sql, tokens)) break;
  }
  return tokens;
};

const isSemicolon = (sql: string, token: Token): boolean =>
  token.kind === 'symbol' && sql[token.start] === ';';

/** Reads a statement's outline. Throws EngineError if it is empty or more than one. */
export const parseStatement = (text: string): Statement => {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  const ends = last !== undefined && isSemicolon(text, last);
  if (ends) tokens.pop();
  const first = tokens.find((token) => token.kind === 'word');
  if (first === undefined) throw new EngineError(CODES.SYNTAX_ERROR, 'Syntax error: Empty query');
  const sql = ends && last !== undefined ? text.slice(0, last.start) : text;
  const verb = wordOf(sql, first);
  return { sql, verb, format: formatOf(sql, tokens), isRead: READING_VERBS.has(verb) };
};

/** Whether a word stands anywhere in a statement, outside of quotes and comments. */
export const namesWord = (sql: string, word: string): boolean =>
  [...scanSql(sql)].some((token) => wordOf(sql, token) === word);

/** The name after the last FORMAT, which only settings may follow; a column may be called `format` too. */
const formatOf = (sql: string, tokens: readonly Token[]): string | undefined => {
  const at = lastOutermost(sql, tokens, 'FORMAT');
  const name = tokens[at + 1];
  const after = tokens[at + 2];
  const isLast = after === undefined || wordOf(sql, after) === 'SETTINGS';
  return at >= 0 && name?.kind === 'word' && isLast ? sql.slice(name.start, name.end) : undefined;
};

/**
 * `INSERT INTO t ... FORMAT X` whose data are in a file instead of following: `INSERT INTO t FROM INFILE 'path' ... FORMAT X`. Unlike the function `file()`
 * this needs no right to read files, which readers of the same engine must not have.
 */
export const insertFromFile = (statement: Statement, path: string): string => {
  const { sql } = statement;
  const tokens = [...scanSql(sql)];
  const format = lastOutermost(sql, tokens, 'FORMAT');
  if (statement.verb !== 'INSERT' || format < 0 || format !== tokens.length - 2)
    throw new EngineError(
      CODES.SYNTAX_ERROR,
      'Syntax error: a statement with data must be INSERT INTO ... FORMAT <name>',
    );
  const settings = lastOutermost(sql, tokens, 'SETTINGS');
  const at = tokens[settings < 0 ? format : settings]?.start ?? sql.length;
  return `${sql.slice(0, at)} FROM INFILE ${quoteString(path)} COMPRESSION 'none' ${sql.slice(at)}`;
};
