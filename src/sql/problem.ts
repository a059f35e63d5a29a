/** What is wrong with a statement, and where. Offsets count UTF-16 units of the text that it was found in. */
export class SqlProblem extends Error {
  /** `refused`: it is SQL, and may not be run here. `invalid`: it is not what the engine takes. */
  readonly kind: 'refused' | 'invalid';
  /** Where it begins and ends; undefined where nobody knows. */
  readonly span: Span | undefined;
  /** What may have been meant, best first. */
  readonly suggestions: readonly string[];

  constructor(
    kind: 'refused' | 'invalid',
    message: string,
    span?: Span,
    suggestions: readonly string[] = [],
  ) {
    super(message);
    this.name = 'SqlProblem';
    this.kind = kind;
    this.span = span;
    this.suggestions = suggestions;
  }
}

/** A part of a text. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** A statement that may not be run. */
export const refused = (message: string, span?: Span, suggestions: readonly string[] = []): SqlProblem =>
  new SqlProblem('refused', message, span, suggestions);

/** Where a problem is, for people: line and column from 1, and the line with the place marked below. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

const EXCERPT_CHARS = 100;
const LEAD_CHARS = 60;

/** The place of a span in its text. A long line is cut around it. */
export const placeOf = (text: string, { start, end }: Span): Place => {
  const at = Math.min(start, text.length);
  // Before the first character there is no line break, though lastIndexOf finds one there when asked for -1.
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.indexOf('\n', at);
  const lineEnd = newline < 0 ? text.length : newline;
  const column = at - lineStart;
  const cutStart = column > LEAD_CHARS ? lineStart + column - LEAD_CHARS : lineStart;
  // A tab, or a control character, would put the mark elsewhere.
  const shown = text.slice(cutStart, Math.min(lineEnd, cutStart + EXCERPT_CHARS)).replaceAll(/\p{Cc}/gu, ' ');
  const width = Math.max(1, Math.min(end, lineEnd, cutStart + EXCERPT_CHARS) - at);
  return {
    line: text.slice(0, at).split('\n').length,
    column: column + 1,
    excerpt: `${shown}\n${' '.repeat(at - cutStart)}${'^'.repeat(width)}`,
  };
};
