/** What is told of a statement of users that may not run. */
export interface Judgement {
  /** `refused`: it is SQL, and may not be run here. `invalid`: it is not what the engine takes. */
  readonly kind: 'refused' | 'invalid';
  readonly message: string;
  /** Where, in UTF-16 units of the statement; undefined where nobody knows. */
  readonly span?: { readonly start: number; readonly end: number } | undefined;
  /** What may have been meant, best first. */
  readonly suggestions: readonly string[];
}

/** Asks the engine while a statement is judged, and resolves with the lines of its answer: as one who sees the rows of the project, or as one who sees none, on empty tables. Rejects with EngineError. */
export type JudgeAsk = (sql: string, sees: 'nothing' | 'rows') => Promise<readonly string[]>;

/** Judges a statement of users before it runs. Resolves with undefined for one that may, rejects with EngineError for one that the engine does not understand. */
export type Judge = (text: string, ask: JudgeAsk) => Promise<Judgement | undefined>;
