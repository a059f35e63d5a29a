import { scanSql, type Token } from '../warehouse/engine/sql-scanner.ts';
import { refused, type Span, SqlProblem } from './problem.ts';

/**
 * The first look at a statement, before the engine sees any of it: only plain lexical elements, which every lexer reads alike. What is left is handed on with comments and odd spaces blanked out, so that nothing reaches the engine that was not
 * read here; every position stays what it was.
 */
export interface ReadSql {
  /** As long as what was given, without comments and without a semicolon at the end. */
  readonly text: string;
  readonly tokens: readonly Token[];
}

const TOKENS_MAX = 20_000;
/** Resolving cannot be interrupted, and takes longer than in proportion to these. */
const SELECTS_MAX = 200;
const SYMBOLS = new Set('()[]{},.+-*/%=<>!?:|;');
const STRING = /^'(?:[^'\\\0]|\\[^\0]|'')*'$/s;
/** No escapes and no control characters: a name must not be able to look like a line of the engine's own words. */
const QUOTED_NAME = /^(?:"[^"\\\p{Cc}]+"|`[^`\\\p{Cc}]+`)$/u;
const FIRST_WORDS = new Set(['SELECT', 'WITH']);

const wordOf = (sql: string, token: Token | undefined): string =>
  token?.kind === 'word' ? sql.slice(token.start, token.end).toUpperCase() : '';

const QUOTE_IT = 'A column of this name is written in double quotes.';

/** Words that begin what nobody may ask for. */
const REFUSED_WORDS: Readonly<Record<string, string>> = {
  SETTINGS: `SETTINGS may not be used: the limits of a statement are fixed. ${QUOTE_IT}`,
  INTO: `INTO may not be used: the answer comes back to you, nowhere else. ${QUOTE_IT}`,
  RECURSIVE: `WITH RECURSIVE may not be used. ${QUOTE_IT}`,
  OUTFILE: `OUTFILE may not be used: the answer comes back to you, nowhere else. ${QUOTE_IT}`,
  INFILE: `INFILE may not be used: no file is read. ${QUOTE_IT}`,
};

/** Reads a statement. Throws SqlProblem for what is not one plain SELECT by its outermost words. */
export const readSql = (sql: string): ReadSql => {
  const tokens = [...scanSql(sql)];
  if (tokens.length > TOKENS_MAX)
    throw refused(`The statement is too long: at most ${TOKENS_MAX} words and symbols are read.`);
  checkComments(sql, tokens);
  for (const [index, token] of tokens.entries()) checkToken(sql, token, tokens[index + 1]);
  const body = withoutSemicolon(sql, tokens);
  checkOutline(sql, body);
  if (body.filter((token) => wordOf(sql, token) === 'SELECT').length > SELECTS_MAX)
    throw refused(`A statement may hold at most ${SELECTS_MAX} SELECTs.`);
  return { text: blanked(sql, body), tokens: body };
};

const checkToken = (sql: string, token: Token, next: Token | undefined): void => {
  const text = sql.slice(token.start, token.end);
  if (token.kind === 'text') return checkQuoted(text, token);
  if (token.kind === 'word') {
    const reason = REFUSED_WORDS[text.toUpperCase()];
    if (reason !== undefined) throw refused(reason, token);
    if (next?.kind === 'text' && next.start === token.end)
      throw refused('Put a space between a word and a quote.', { start: token.start, end: next.start + 1 });
    return;
  }
  const first = text[0] ?? '';
  if (/[0-9]/.test(first) ? !/^[\x20-\x7e]+$/.test(text) : !SYMBOLS.has(first))
    throw refused(`The character ${JSON.stringify(first)} may not be used outside of quotes.`, token);
};

const checkQuoted = (text: string, span: Span): void => {
  if (text.startsWith("'")) {
    if (STRING.test(text)) return;
    throw new SqlProblem('invalid', 'The text that begins here has no end.', span);
  }
  if (!text.startsWith('"') && !text.startsWith('`'))
    throw refused("Texts are written in single quotes: '...'.", span);
  if (!QUOTED_NAME.test(text))
    throw refused('A quoted name must have an end, and no backslash or control character in it.', span);
};

const checkComments = (sql: string, tokens: readonly Token[]): void => {
  const end = tokens.at(-1)?.end ?? 0;
  const rest = sql.slice(end);
  const opened = rest.indexOf('/*');
  if (opened >= 0 && !rest.slice(opened + 2).includes('*/') && !isLineComment(rest.slice(0, opened)))
    throw new SqlProblem('invalid', 'The comment that begins here has no end.', {
      start: end + opened,
      end: sql.length,
    });
};

const isLineComment = (before: string): boolean => /(--|#[ !])[^\n]*$/.test(before);

const withoutSemicolon = (sql: string, tokens: readonly Token[]): readonly Token[] => {
  const first = tokens.findIndex(({ kind, start }) => kind === 'symbol' && sql[start] === ';');
  if (first < 0) return tokens;
  if (first === tokens.length - 1) return tokens.slice(0, -1);
  throw refused('One statement at a time: nothing may follow the semicolon.', tokens[first + 1]);
};

const checkOutline = (sql: string, tokens: readonly Token[]): void => {
  const [first] = tokens;
  if (first === undefined)
    throw new SqlProblem('invalid', 'There is no statement. Write a SELECT.', { start: 0, end: 1 });
  const opening = tokens.find(({ kind, start }) => kind !== 'symbol' || sql[start] !== '(');
  if (!FIRST_WORDS.has(wordOf(sql, opening)))
    throw refused('Only SELECT is run here (WITH ... SELECT too).', opening ?? first);
  const format = tokens.findLastIndex((token) => token.depth === 0 && wordOf(sql, token) === 'FORMAT');
  if (format >= 0 && format === tokens.length - 2 && tokens[format + 1]?.kind === 'word')
    throw refused('FORMAT may not be used: choose the form of the answer with "format".', tokens[format]);
};

/** The tokens where they stood, everything between them as spaces; line breaks stay. */
const blanked = (sql: string, tokens: readonly Token[]): string => {
  let out = '';
  let at = 0;
  for (const { start, end } of tokens) {
    out += sql.slice(at, start).replaceAll(/[^\n]/gu, (char) => ' '.repeat(char.length));
    out += sql.slice(start, end);
    at = end;
  }
  return out;
};

/** A statement that was read, with `?` for every text and number in it: what it does, without what it is about. */
export const withoutValues = (sql: string): string => {
  let out = '';
  let at = 0;
  for (const token of scanSql(sql)) {
    const text = sql.slice(token.start, token.end);
    out += at < token.start && out !== '' ? ' ' : '';
    out += isValue(text, token) ? '?' : text;
    at = token.end;
  }
  return out;
};

const isValue = (text: string, { kind }: Token): boolean =>
  kind === 'text' ? !/^["`]/u.test(text) : kind === 'symbol' && /^[0-9]/u.test(text);
