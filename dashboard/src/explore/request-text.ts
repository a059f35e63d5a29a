import type { Question } from './kinds.ts';

/** A question as JSON that people read. */
export const jsonOf = (question: Question): string => JSON.stringify(question, null, 2);

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The command that asks a question. */
export const curlOf = (origin: string, project: string, question: Question): string =>
  [
    `curl ${quoted(`${origin}/api/query?project=${encodeURIComponent(project)}`)}`,
    `  -H "authorization: Bearer $AEVUM_KEY"`,
    `  -H 'content-type: application/json'`,
    `  -d ${quoted(JSON.stringify(question))}`,
  ].join(' \\\n');

/** A word of SQL with what it is. */
export interface SqlPiece {
  readonly kind: 'word' | 'text' | 'number' | 'note' | 'plain';
  readonly text: string;
}

const WORDS =
  'select from where and or not in as group order by limit with union all distinct if case when then else end join left inner on having interval between is null asc desc over partition settings prewhere using array any';
const TOKEN = new RegExp(
  String.raw`('(?:[^'\\]|\\.|'')*')|(--[^\n]*)|(\{\w+:[^}]*\}|\b\d+(?:\.\d+)?\b)|\b(${WORDS.split(' ').join('|')})\b`,
  'giu',
);

/** Cuts SQL into coloured pieces; put together they are the text again. */
export const sqlPieces = (sql: string): readonly SqlPiece[] => {
  const pieces: SqlPiece[] = [];
  let end = 0;
  for (const match of sql.matchAll(TOKEN)) {
    if (match.index > end) pieces.push({ kind: 'plain', text: sql.slice(end, match.index) });
    const kind =
      match[1] !== undefined
        ? 'text'
        : match[2] !== undefined
          ? 'note'
          : match[3] !== undefined
            ? 'number'
            : 'word';
    pieces.push({ kind, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < sql.length) pieces.push({ kind: 'plain', text: sql.slice(end) });
  return pieces;
};
