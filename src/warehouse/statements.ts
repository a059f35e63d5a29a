import { type EngineStatement, STATEMENTS_PATH } from './engine/engine-options.ts';
import type { StatementUnderWay } from '../query/ports.ts';
import type { Warehouse } from './client.ts';
import type { WarehouseAddress } from './exchange.ts';

/** Asks the engine which statements run in it, or wait. Undefined: it does not say in time. */
export type ListStatements = () => Promise<readonly StatementUnderWay[] | undefined>;

/** Whoever looks at what runs does not wait for long. */
const TIMEOUT_MS = 3_000;
const SECOND_MS = 1_000;

const kindIn = ({ lane, text }: EngineStatement): StatementUnderWay['kind'] => {
  if (lane === 'load') return 'load';
  // What only looks may wait behind changes, on their lane.
  return lane === 'control' && !/^\s*(?:SELECT|WITH)\b/iu.test(text) ? 'change' : 'read';
};

/** The statements of the embedded engine, those that wait for a lane included. */
export const engineStatements =
  ({ url, username, password }: WarehouseAddress): ListStatements =>
  async () => {
    try {
      const answer = await fetch(url + STATEMENTS_PATH, {
        headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!answer.ok) return undefined;
      const { statements } = (await answer.json()) as { statements: readonly EngineStatement[] };
      return statements.map((statement) => ({ ...statement, kind: kindIn(statement) }));
    } catch {
      return undefined;
    }
  };

/** A row of a ClickHouse's own list. */
interface ProcessRow {
  readonly id: string;
  readonly verb: string;
  readonly seconds: number;
  readonly text: string;
  readonly read: number;
  readonly total: number;
  readonly memory: number;
}

const PROCESSES = `SELECT query_id AS id, query_kind AS verb, elapsed AS seconds, query AS text,
    toFloat64(read_rows) AS read, toFloat64(total_rows_approx) AS total, toFloat64(greatest(memory_usage, 0)) AS memory
  FROM system.processes
  WHERE user = currentUser() AND current_database = currentDatabase() AND query_id != queryID()
  ORDER BY elapsed DESC LIMIT 500`;

/** The statements of ours in a ClickHouse elsewhere. It has no lanes: what it has runs. */
export const clickHouseStatements =
  (warehouse: Pick<Warehouse, 'query'>): ListStatements =>
  async () => {
    try {
      const { rows } = await warehouse.query<ProcessRow>(PROCESSES, {}, { timeoutMs: TIMEOUT_MS });
      return rows.map(({ id, verb, seconds, text, read, total, memory }) => ({
        ...{ id, state: 'running', elapsedMs: seconds * SECOND_MS, text },
        kind: kindOf(verb, text),
        ...{ rowsRead: read, rowsTotal: total > read ? total : null, memoryBytes: memory },
      }));
    } catch {
      return undefined;
    }
  };

const kindOf = (verb: string, text: string): StatementUnderWay['kind'] => {
  if (verb === 'Select') return 'read';
  return verb === 'Insert' && /FORMAT Native\s*$/iu.test(text) ? 'load' : 'change';
};
