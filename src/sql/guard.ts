import { createHash } from 'node:crypto';
import { REHEARSAL_DATABASE, VIEWS_DATABASE } from '../warehouse/public-tables.ts';
import type { SqlLane, SqlLaneRequest } from '../warehouse/sql-lane.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { checkResolved } from './check-resolved.ts';
import { checkSyntax } from './check-syntax.ts';
import { shapeOf } from './shape.ts';
import { readSyntaxTree } from './syntax-tree.ts';

/** What the guard needs. */
export interface SqlGuardOptions {
  readonly lane: SqlLane;
  /** Verdicts that are remembered, and shapes; default 2,000 each. */
  readonly verdictsMax?: number;
}

/** Judges statements. */
export interface SqlGuard {
  /**
   * Resolves for a statement that may be run: `text` as `readSql` left it, with its parameters put in. Rejects with SqlProblem for one that may not, with WarehouseError for one that the engine does not understand, or when it is
   * not reachable.
   */
  judge(
    text: string,
    request: {
      readonly project: string;
      readonly signal?: AbortSignal | undefined;
      /** By which the engine is asked; the guard's own unless said otherwise. */
      readonly lane?: SqlLane;
    },
  ): Promise<void>;
}

/** The engine's words before a statement whose parse it tells. */
export const SYNTAX_PREFIX = 'EXPLAIN AST ';
const RESOLVED_PREFIX = 'EXPLAIN QUERY TREE passes = 1 ';

const VERDICTS_MAX = 2_000;
const JUDGE_TIMEOUT_MS = 5_000;

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
export const createSqlGuard = ({ lane: own, verdictsMax = VERDICTS_MAX }: SqlGuardOptions): SqlGuard => {
  const good = new Remembered(verdictsMax);
  const resolved = new Remembered(verdictsMax);
  return {
    async judge(text, { project, signal, lane = own }) {
      if (good.has(text)) return;
      const request = { timeoutMs: JUDGE_TIMEOUT_MS, signal };
      const parse = linesOf(lane, `${SYNTAX_PREFIX}${text}`, request);
      // While the engine parses.
      const shape = shapeOf(text);
      checkSyntax(readSyntaxTree(await parse));
      if (!resolved.has(shape)) {
        const { lines, database } = await resolve(lane, text, project, signal);
        checkResolved(lines, database);
        resolved.add(shape);
      }
      good.add(text);
    },
  };
};

const linesOf = async (lane: SqlLane, sql: string, request: SqlLaneRequest): Promise<string[]> =>
  (await lane.run(sql, request)).rows.map(([line]) => String(line));

/** The tree of a statement, and the database whose tables stand in it. */
interface Resolved {
  readonly lines: readonly string[];
  readonly database: string;
}

const resolve = async (
  lane: SqlLane,
  text: string,
  project: string,
  signal: AbortSignal | undefined,
): Promise<Resolved> => {
  const request = { timeoutMs: JUDGE_TIMEOUT_MS, signal };
  try {
    const lines = await linesOf(lane, `${RESOLVED_PREFIX}${text}`, request);
    return { lines, database: REHEARSAL_DATABASE };
  } catch (error) {
    const isFinal = !(error instanceof WarehouseError) || RESOLUTION_CODES.has(error.engineCode ?? 0);
    if (isFinal || error.engineCode === undefined) throw error;
    const lines = await linesOf(lane, `${RESOLVED_PREFIX}${text}`, { ...request, project });
    return { lines, database: VIEWS_DATABASE };
  }
};
