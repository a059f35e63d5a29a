import { invalidAt } from '../http/request-problem.ts';
import type { StatementValue } from '../lib/statement-value.ts';
import type { Statement } from './sql.ts';

/** What the engine takes as one statement, once its parameters stand in it as literals: its setting `max_query_size`, as it is by default. */
export const STATEMENT_BYTES_MAX = 256 * 1024;

/** Around each literal: quotes, and the cast to its type. */
const LITERAL_BYTES = 48;
/** Around each text of a list. */
const ENTRY_BYTES = 8;

const PLACEHOLDER = /\{(p\d+):[^}]+\}/gu;
const ESCAPED = /['"\\\n\r\t\0]/gu;

/** A text that is quoted so many times, each of which may double what must be escaped. */
const quotedBytes = (text: string, times: number): number => {
  const escaped = text.match(ESCAPED)?.length ?? 0;
  return Buffer.byteLength(text) + escaped * (2 ** times - 1);
};

const TWICE = 2;

/** At most so many bytes is a value as a literal. A list is a text of quoted texts. */
const literalBytes = (value: StatementValue): number => {
  if (typeof value !== 'object') return LITERAL_BYTES + quotedBytes(String(value), 1);
  return value.reduce<number>(
    (sum, entry) => sum + ENTRY_BYTES + quotedBytes(String(entry), TWICE),
    LITERAL_BYTES,
  );
};

/** At most so many bytes is the statement with its parameters in place. */
export const statementBytes = ({ text, params }: Statement): number => {
  const sizes = new Map(Object.entries(params).map(([name, value]) => [name, literalBytes(value)]));
  const uses = [...text.matchAll(PLACEHOLDER)];
  return uses.reduce((sum, [, name = '']) => sum + (sizes.get(name) ?? 0), Buffer.byteLength(text));
};

/** Throws ApiError `invalid_request` for a statement that the engine would not read to its end. */
export const checkSize = (statement: Statement): void => {
  const bytes = statementBytes(statement);
  if (bytes <= STATEMENT_BYTES_MAX) return;
  throw invalidAt(
    '',
    `The question is up to ${bytes.toLocaleString('en')} bytes long once it is written as SQL; at most ${STATEMENT_BYTES_MAX.toLocaleString('en')} are taken. Use fewer or shorter types and values.`,
  );
};
