import {
  metricChangeSchema,
  type MetricDefinitionsAnswer,
  type MetricSaved,
  newMetricSchema,
  type RemovedMetric,
} from '../contract/metrics.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { isoOf } from '../query/instant.ts';
import { checkMetric } from '../query/metric-check.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { SavedMetric } from '../query/ports.ts';
import { bodyOf } from '../http/request-parts.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import type { MetricRollups, RollupState } from './rollups.ts';
import type { MetricStore } from './store.ts';

const PATH = '/api/metric-definitions';

/** Registers the routes of saved metrics. */
export const registerMetricRoutes = (app: App, metrics: MetricStore, rollups: RollupStates): void => {
  const answersOf = async (all: readonly SavedMetric[]): Promise<MetricSaved[]> => {
    const states = await statesOf(rollups, all);
    return all.map((metric) => metricAnswer(metric, states.get(metric.id)));
  };
  const answerOf = async (metric: SavedMetric): Promise<MetricSaved> =>
    metricAnswer(metric, (await statesOf(rollups, [metric])).get(metric.id));
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  app.get(PATH, read, async (c) => {
    const all = await metrics.list(c.var.principal.project);
    return c.json({ metrics: await answersOf(all) } satisfies MetricDefinitionsAnswer);
  });
  app.post(PATH, write, async (c) => {
    const wanted = parseRequest(newMetricSchema, await bodyOf(c, 'metric'));
    checkMetric(wanted);
    return c.json(await answerOf(await metrics.create(wanted, savingOf(c))), 201);
  });
  app.get(`${PATH}/:id`, read, async (c) =>
    c.json(await answerOf(await there(metrics.find(c.var.principal.project, c.req.param('id'))))),
  );
  app.put(`${PATH}/:id`, write, async (c) => {
    const wanted = parseRequest(metricChangeSchema, await bodyOf(c, 'metric'));
    checkMetric(wanted);
    return c.json(await answerOf(await there(metrics.change(c.req.param('id'), wanted, savingOf(c)))));
  });
  app.delete(`${PATH}/:id`, write, async (c) => {
    const { id } = await there(metrics.remove(c.req.param('id'), savingOf(c)));
    return c.json({ id, removed: true } satisfies RemovedMetric);
  });
};

/** What was looked for, or `not_found`. */
const there = async (found: Promise<SavedMetric | undefined>): Promise<SavedMetric> => {
  const metric = await found;
  if (metric === undefined)
    throw new ApiError('not_found', 'There is no metric of this id. GET /api/metric-definitions lists them.');
  return metric;
};

/** What the routes need of the metrics that are kept. */
type RollupStates = Pick<MetricRollups, 'states'>;

/** Definitions are told while the warehouse is away, too: then nothing is known of what is kept. */
const statesOf = (
  rollups: RollupStates,
  metrics: readonly SavedMetric[],
): Promise<ReadonlyMap<string, RollupState>> =>
  rollups.states(metrics).catch((error: unknown) => {
    if (error instanceof WarehouseError) return new Map();
    throw error;
  });

const keptOf = (state: RollupState | undefined): MetricSaved['kept'] =>
  state === undefined
    ? null
    : {
        ...{ state: state.state, reason: state.reason, rows: state.rows, bytes: state.bytes },
        ...{ filled: state.filled, seconds: state.seconds },
        last_asked_at: state.lastUsedMs === null ? null : isoOf(state.lastUsedMs),
      };

const metricAnswer = (
  { id, version, definition, ...stamps }: SavedMetric,
  state: RollupState | undefined,
): MetricSaved => ({
  id,
  ...definition,
  version,
  kept: keptOf(state),
  created_at: isoOf(stamps.createdAtMs),
  updated_at: isoOf(stamps.updatedAtMs),
  updated_by: stamps.updatedBy,
});
