import { createHash } from 'node:crypto';
import { quoteString } from './quote.ts';

/**
 * What a promoted property is in the warehouse: a column of `events` that the engine computes when rows are loaded. Its comment says which property it is and
 * what was decided about it, so that the table itself is the only memory of promotions.
 */

/** What the comment of a promoted column says. */
export interface ColumnMemo {
  readonly key: string;
  /** Promoted by hand. */
  readonly pinned: boolean;
  readonly promotedAtMs: number;
  /** Rows that were there before have been filled in. */
  readonly built: boolean;
  /** Given up: no query may begin to use it, and it will be dropped. */
  readonly retired: boolean;
}

const MEMO_MARK = 'aevum-property:';
const COLUMN_PREFIX = 'property_';
const SLUG_CHARS = 32;
const HASH_CHARS = 12;

/**
 * The column of a key: always the same, unlike that of any other key, and a plain identifier whatever the key holds. (A dot, for one, would make the
 * engine take it for part of a structure.)
 */
export const columnNameOf = (key: string): string => {
  const slug = key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, SLUG_CHARS);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_CHARS);
  return `${COLUMN_PREFIX}${slug}_${hash}`;
};

/** SQL for the text of a property of the first level: null where it is absent or null, the text of a string, or else its JSON. */
export const propertyTextSql = (key: string): string =>
  `JSONExtract(properties, ${quoteString(key)}, 'Nullable(String)')`;

/** Definition of the column that holds the same as `propertyTextSql`. Compressed by LZ4, the engine's default: three times as large as by ZSTD, and read in two thirds of the time. */
export const columnDefinition = (key: string): string =>
  `${columnNameOf(key)} Nullable(String) MATERIALIZED ${propertyTextSql(key)} CODEC(LZ4)`;

/** The comment that a column gets. */
export const memoText = (memo: ColumnMemo): string => `${MEMO_MARK}${JSON.stringify(memo)}`;

/** Reads a comment; undefined for columns that are not promoted properties. */
export const parseMemo = (comment: string): ColumnMemo | undefined => {
  if (!comment.startsWith(MEMO_MARK)) return undefined;
  try {
    return JSON.parse(comment.slice(MEMO_MARK.length)) as ColumnMemo; // written by memoText alone
  } catch {
    return undefined;
  }
};
