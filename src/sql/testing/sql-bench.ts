import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { RunningQueries } from '../../query/running.ts';
import type { Warehouse } from '../../warehouse/client.ts';
import { makeQuestionViews } from '../../warehouse/question-views.ts';
import { createSqlLane, type SqlLane } from '../../warehouse/sql-lane.ts';
import { openTestEngine, type TestEngine } from '../../warehouse/testing/engine.ts';
import { createSqlService, type SqlService } from '../service.ts';

/** For tests: the real engine with its tables and views, and the way of users' SQL to it. */
export interface SqlBench extends AsyncDisposable {
  readonly engine: TestEngine;
  readonly warehouse: Warehouse;
  readonly lane: SqlLane;
  readonly service: SqlService;
  /** What the service is asked. */
  readonly running: RunningQueries;
}

const TIMEOUT_MS = 120_000;

/** Starts it. Dispose of it to stop it. */
export const openSqlBench = async (timeoutMsMax = TIMEOUT_MS): Promise<SqlBench> => {
  const engine = await openTestEngine();
  const warehouse = await engine.migrated();
  await makeQuestionViews(warehouse);
  const lane = createSqlLane(engine.engine);
  const running = new RunningQueries({ clock: systemClock, telemetry: quietTelemetry() });
  const service = createSqlService({
    running,
    lane,
    standing: () => ({ governedLoaded: 5, rawLoaded: 5, pending: [], nowMs: Date.now() }),
    timeoutMsMax,
    rowsMax: 100_000,
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  const close = () => engine[Symbol.asyncDispose]();
  return { engine, warehouse, lane, service, running, [Symbol.asyncDispose]: close };
};
