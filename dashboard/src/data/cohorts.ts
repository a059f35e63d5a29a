import type {
  CohortAnswer,
  CohortChange,
  CohortsAnswer,
  CohortSize,
  NewCohort,
  RemovedCohort,
} from '../../../src/contract/cohorts.ts';
import { pathOf } from './api.ts';
import { useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

const KEY = 'cohorts';
/** Sizes cost what reading the events does. */
const SIZE_EVERY_MS = 60_000;

const cohortPath = (id: string): string => `/api/cohorts/${encodeURIComponent(id)}`;

/** The cohorts of a project. */
export const useCohorts = (project: string): Resource<CohortsAnswer> =>
  useResource({ key: [KEY, project], path: pathOf('/api/cohorts', project) });

/** How many belong to a cohort; null asks nothing. */
export const useCohortSize = (
  project: string,
  cohort: Pick<CohortAnswer, 'id' | 'version'> | null,
): Resource<CohortSize> =>
  useResource({
    key: cohort === null ? null : ['cohort size', project, cohort.id, cohort.version],
    path: pathOf(`${cohortPath(cohort?.id ?? '')}/size`, project),
    everyMs: SIZE_EVERY_MS,
  });

const keysOf = (project: string): readonly (readonly string[])[] => [
  [KEY, project],
  ['catalog', 'cohorts', project],
];

/** Saves a new cohort. Rejects with ApiError. */
export const useMakeCohort = (project: string): ((cohort: NewCohort) => Promise<CohortAnswer>) =>
  useChanging(keysOf(project), project, (body) => ({ path: '/api/cohorts', body }));

/** Saves a cohort anew; in vain if somebody else did meanwhile. Rejects with ApiError. */
export const useChangeCohort = (
  project: string,
): ((change: CohortChange & { readonly id: string }) => Promise<CohortAnswer>) =>
  useChanging(keysOf(project), project, ({ id, ...body }) => ({ path: cohortPath(id), method: 'PUT', body }));

/** Removes a cohort; in vain while another refers to it. Rejects with ApiError. */
export const useRemoveCohort = (project: string): ((id: string) => Promise<RemovedCohort>) =>
  useChanging(keysOf(project), project, (id) => ({ path: cohortPath(id), method: 'DELETE' }));
