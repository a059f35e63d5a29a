/**
 * A lexer for as much of ClickHouse SQL as the engine's front must understand: where strings, quoted identifiers and comments begin and end, so
 * that nothing inside them is taken for a parameter, a keyword or the end of the statement. After ClickHouse's `src/Parsers/Lexer.cpp`.
 */

/** `word`: bare identifier or keyword. `text`: string literal, heredoc, quoted identifier. `symbol`: any other single character. */
export interface Token {
  readonly kind: 'word' | 'text' | 'symbol';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Nesting in (), [] and {} before this token. */
  readonly depth: number;
}

const WORD_START = /[A-Za-z_]/;
const WORD = /[A-Za-z0-9_$]*/y;
const HEREDOC = /\$[A-Za-z0-9_]*\$/y;
const NUMBER = /[0-9][0-9A-Za-z_.]*/y;
const SPACE = /\s/;
/** Typographic quotes, which ClickHouse accepts as well. They know no escapes. */
const CLOSING_QUOTE: Readonly<Record<string, string>> = { '\u2018': '\u2019', '\u201c': '\u201d' };

const matchAt = (pattern: RegExp, sql: string, at: number): string => {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? '';
};

const endOf = (sql: string, mark: string, from: number): number => {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
};

/** End of a comment that begins at `at`, or `at` if none does. */
const commentEnd = (sql: string, at: number): number => {
  if (sql.startsWith('/*', at)) return endOf(sql, '*/', at + 2);
  const line = sql.startsWith('--', at) || sql.startsWith('# ', at) || sql.startsWith('#!', at);
  return line ? endOf(sql, '\n', at) : at;
};

/** End of a literal in ', " or `: a backslash escapes one character, a doubled quote stands for itself. */
const quotedEnd = (sql: string, at: number): number => {
  const quote = sql[at];
  let end = at + 1;
  while (end < sql.length) {
    if (sql[end] === '\\') end += 2;
    else if (sql[end] !== quote) end += 1;
    else if (sql[end + 1] === quote) end += 2;
    else return end + 1;
  }
  return sql.length;
};

/** End of a string-like token that begins at `at`, or `at` if none does. */
const textEnd = (sql: string, at: number): number => {
  const first = sql[at] ?? '';
  if (first === "'" || first === '"' || first === '`') return quotedEnd(sql, at);
  const closing = CLOSING_QUOTE[first];
  if (closing !== undefined) return endOf(sql, closing, at + 1);
  const heredoc = first === '$' ? matchAt(HEREDOC, sql, at) : '';
  return heredoc === '' ? at : endOf(sql, heredoc, at + heredoc.length);
};

const tokenAt = (sql: string, at: number, depth: number): Token => {
  const text = textEnd(sql, at);
  if (text > at) return { kind: 'text', start: at, end: text, depth };
  if (WORD_START.test(sql[at] ?? ''))
    return { kind: 'word', start: at, end: at + matchAt(WORD, sql, at).length, depth };
  return { kind: 'symbol', start: at, end: at + Math.max(1, matchAt(NUMBER, sql, at).length), depth };
};

/** The tokens of a statement, comments and spaces left out. Never throws: an unfinished literal runs to the end, and the engine will say so. */
export function* scanSql(sql: string): Generator<Token> {
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const comment = commentEnd(sql, at);
    if (comment > at || SPACE.test(sql[at] ?? '')) {
      at = Math.max(comment, at + 1);
      continue;
    }
    const token = tokenAt(sql, at, depth);
    const first = token.kind === 'symbol' ? sql[at] : undefined;
    if (first === '(' || first === '[' || first === '{') depth += 1;
    if (first === ')' || first === ']' || first === '}') depth -= 1;
    yield token;
    at = token.end;
  }
}
