import type { ByteSource } from './source.ts';
import { decodeText, REPLACEMENT, type TextChunk } from './text.ts';
import type { RowBatch, SourceRow } from './row.ts';

/** Cuts a text file into rows as its pieces arrive. Keeps what is incomplete. */
export interface RowCutter {
  /** Rows that are complete with this piece. */
  push(chunk: TextChunk): SourceRow[];
  /** The rows that the end of the file completes. */
  end(): SourceRow[];
}

/** Longest row, characters: a bound on memory. A longer one is a problem row, cut to `TEXT_KEPT_MAX`. */
export const ROW_CHARS_MAX = 16 * 1024 * 1024;

/** Longest original text kept of a row that cannot be read, characters. */
export const TEXT_KEPT_MAX = 64 * 1024;

/** A row that cannot be read. */
export const problemRow = (number: number, line: number, text: string, problem: string): SourceRow => ({
  number,
  line,
  text: text.length > TEXT_KEPT_MAX ? text.slice(0, TEXT_KEPT_MAX) : text,
  problem,
});

/** What is said of a row with bytes that are not valid in the file's encoding. */
export const encodingProblem = (encoding: string): string =>
  `the row is not valid ${encoding}: name the file's encoding with --encoding, for example --encoding windows-1252`;

/** Whether a row of a chunk has bytes that were not valid: a genuine U+FFFD is only taken for one in a chunk that has invalid bytes, too. */
export const isGarbled = (text: string, dirty: boolean): boolean => dirty && text.includes(REPLACEMENT);

/** The rows of a source, by a cutter. */
export async function* cutRows(
  source: ByteSource,
  encoding: string,
  cutter: RowCutter,
): AsyncGenerator<RowBatch> {
  for await (const chunk of decodeText(source.chunks(), encoding)) {
    const rows = cutter.push(chunk);
    if (rows.length > 0) yield { rows, bytesRead: source.bytesRead() };
  }
  const rows = cutter.end();
  if (rows.length > 0) yield { rows, bytesRead: source.bytesRead() };
}

/** How often a character occurs in a text. */
export const countOf = (character: string, text: string): number => {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1;
  return count;
};
