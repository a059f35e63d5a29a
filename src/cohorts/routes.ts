import type { Context } from 'hono';
import {
  type CohortAnswer,
  type CohortsAnswer,
  type CohortSize,
  cohortChangeSchema,
  newCohortSchema,
  type RemovedCohort,
} from '../contract/cohorts.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { asOf, type Standing } from '../query/freshness.ts';
import { checkDefinition } from '../query/cohort-membership.ts';
import { parseRequest } from '../http/parse-request.ts';
import { askOf, bodyOf } from '../http/request-parts.ts';
import type { QueryService } from '../query/service.ts';
import type { CohortSaving, CohortStore, SavedCohort } from './store.ts';

/** What the routes serve. */
export interface CohortRoutesOptions {
  readonly cohorts: CohortStore;
  readonly service: Pick<QueryService, 'cohortSize'>;
  /** How far everything is, now. */
  readonly standing: (project: string) => Standing;
}

const PATH = '/api/cohorts';

/** Registers the routes of saved cohorts. */
export const registerCohortRoutes = (app: App, { cohorts, service, standing }: CohortRoutesOptions): void => {
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  const saving = (c: Context<AppEnv>): CohortSaving => {
    const now = standing(c.var.principal.project);
    return { ...savingOf(c), moment: { atMs: now.nowMs, position: asOf(now) } };
  };
  app.get(PATH, read, async (c) => {
    const all = await cohorts.list(c.var.principal.project);
    return c.json({ cohorts: all.map(cohortAnswer) } satisfies CohortsAnswer);
  });
  app.post(PATH, write, async (c) => {
    const wanted = parseRequest(newCohortSchema, await bodyOf(c, 'cohort'));
    checkDefinition(wanted.definition);
    return c.json(cohortAnswer(await cohorts.create(wanted, saving(c))), 201);
  });
  app.get(`${PATH}/:id`, read, async (c) =>
    c.json(cohortAnswer(await there(cohorts.find(c.var.principal.project, c.req.param('id'))))),
  );
  app.put(`${PATH}/:id`, write, async (c) => {
    const wanted = parseRequest(cohortChangeSchema, await bodyOf(c, 'cohort'));
    checkDefinition(wanted.definition);
    return c.json(cohortAnswer(await there(cohorts.change(c.req.param('id'), wanted, saving(c)))));
  });
  app.delete(`${PATH}/:id`, write, async (c) => {
    const { id } = await there(cohorts.remove(c.req.param('id'), savingOf(c)));
    return c.json({ id, removed: true } satisfies RemovedCohort);
  });
  app.get(`${PATH}/:id/size`, read, async (c) => {
    const { project } = c.var.principal;
    const { id, version } = await there(cohorts.find(project, c.req.param('id')));
    const tree = await there(cohorts.treeOf(project, id));
    const size = await service.cohortSize(project, tree, askOf(c));
    return c.json({ id, version, ...size } satisfies CohortSize);
  });
};

/** What was looked for, or `not_found`. */
const there = async <T>(found: Promise<T | undefined>): Promise<T> => {
  const value = await found;
  if (value === undefined)
    throw new ApiError('not_found', 'There is no cohort of this id. GET /api/cohorts lists them.');
  return value;
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const cohortAnswer = (saved: SavedCohort): CohortAnswer => {
  const frozen = saved.frozen?.frozen ?? null;
  return {
    id: saved.id,
    name: saved.name,
    description: saved.description,
    mode: saved.mode,
    definition: saved.definition,
    version: saved.version,
    frozen: frozen === null ? null : { at: isoOf(frozen.atMs), as_of: frozen.position },
    created_at: isoOf(saved.createdAtMs),
    updated_at: isoOf(saved.updatedAtMs),
    updated_by: saved.updatedBy,
  };
};
