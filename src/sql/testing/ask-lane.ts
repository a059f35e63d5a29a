import { EngineError } from '../../warehouse/engine/engine-error.ts';
import type { JudgeAsk } from '../../warehouse/engine/judgement.ts';
import type { SqlLane } from '../../warehouse/sql-lane.ts';
import { WarehouseError } from '../../warehouse/warehouse-error.ts';

const TIMEOUT_MS = 60_000;

/** For tests: asks as the engine's process does while it judges, but over the lane. */
export const askLane =
  (lane: SqlLane, project: string): JudgeAsk =>
  async (sql, sees) => {
    try {
      const { rows } = await lane.run(sql, {
        timeoutMs: TIMEOUT_MS,
        ...(sees === 'rows' ? { project } : {}),
      });
      return rows.map(([line]) => String(line));
    } catch (error) {
      if (!(error instanceof WarehouseError) || error.engineCode === undefined) throw error;
      throw new EngineError(error.engineCode, error.message, { cause: error });
    }
  };
