import { createHash } from 'node:crypto';
import { EngineError } from '../warehouse/engine/engine-error.ts';
import type { Judge, JudgeAsk } from '../warehouse/engine/judgement.ts';
import { REHEARSAL_DATABASE, VIEWS_DATABASE } from '../warehouse/public-tables.ts';
import { checkResolved } from './check-resolved.ts';
import { checkSyntax } from './check-syntax.ts';
import { SqlProblem } from './problem.ts';
import { shapeOf } from './shape.ts';
import { readSyntaxTree } from './syntax-tree.ts';

/** Judges statements. */
export interface SqlGuard {
  /**
   * Resolves for a statement that may be run: `text` as `readSql` left it, with its parameters put in. Rejects with SqlProblem for one that may not, with what `ask` rejects with for one that the engine does not understand, or when it
   * is not reachable.
   */
  judge(text: string, ask: JudgeAsk): Promise<void>;
}

/** The engine's words before a statement whose parse it tells. */
export const SYNTAX_PREFIX = 'EXPLAIN AST ';
const RESOLVED_PREFIX = 'EXPLAIN QUERY TREE passes = 1 ';

const VERDICTS_MAX = 2_000;

/** Errors that are the statement's own, whatever rows there are. */
const RESOLUTION_CODES: ReadonlySet<number> = new Set([
  42, 43, 46, 47, 53, 60, 62, 81, 115, 184, 207, 215, 352, 386,
]);

/** The last good ones, by their hash; the oldest are forgotten. */
class Remembered {
  readonly #keys = new Set<string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether it is among them; if so, it is the youngest now. */
  has(text: string): boolean {
    const key = keyOf(text);
    const isThere = this.#keys.delete(key);
    if (isThere) this.#keys.add(key);
    return isThere;
  }

  add(text: string): void {
    this.#keys.add(keyOf(text));
    const [oldest] = this.#keys;
    if (this.#keys.size > this.#max && oldest !== undefined) this.#keys.delete(oldest);
  }
}

const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64');

/**
 * Judges by the engine's own reading of a statement, first of its parse, then of what that resolves to. Resolving computes what is constant, sub-queries included: it is done as one who may see no row, on empty tables, so it is quick
 * and the verdict is of the text alone. Only where that fails for want of rows it is done again as the one who asks, on the views. Good verdicts are remembered, the oldest forgotten. Names resolve alike whatever the numbers and
 * parameters are, so of a shape that was resolved only the parse is looked at.
 */
export const createSqlGuard = (): SqlGuard => {
  const good = new Remembered(VERDICTS_MAX);
  const resolved = new Remembered(VERDICTS_MAX);
  return {
    async judge(text, ask) {
      if (good.has(text)) return;
      const parse = ask(`${SYNTAX_PREFIX}${text}`, 'nothing');
      // A rejection that nobody hears of would end the process.
      parse.catch(() => undefined);
      // While the engine parses.
      const shape = shapeOf(text);
      checkSyntax(readSyntaxTree(await parse));
      if (!resolved.has(shape)) {
        const { lines, database } = await resolve(text, ask);
        checkResolved(lines, database);
        resolved.add(shape);
      }
      good.add(text);
    },
  };
};

/** A guard for the engine's own process, which judges what it runs. */
export const createSqlJudge = (): Judge => {
  const guard = createSqlGuard();
  return async (text, ask) => {
    try {
      await guard.judge(text, ask);
      return undefined;
    } catch (error) {
      if (!(error instanceof SqlProblem)) throw error;
      const { kind, message, span, suggestions } = error;
      return { kind, message, span, suggestions };
    }
  };
};

/** The tree of a statement, and the database whose tables stand in it. */
interface Resolved {
  readonly lines: readonly string[];
  readonly database: string;
}

const resolve = async (text: string, ask: JudgeAsk): Promise<Resolved> => {
  const sql = `${RESOLVED_PREFIX}${text}`;
  try {
    return { lines: await ask(sql, 'nothing'), database: REHEARSAL_DATABASE };
  } catch (error) {
    if (!(error instanceof EngineError) || RESOLUTION_CODES.has(error.code)) throw error;
    return { lines: await ask(sql, 'rows'), database: VIEWS_DATABASE };
  }
};
