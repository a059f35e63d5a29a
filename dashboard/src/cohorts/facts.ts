import type { CohortAnswer } from '../../../src/contract/cohorts.ts';
import type { SessionAnswer } from '../../../src/contract/session.ts';

/** The page of a cohort. */
export const cohortPath = (id: string): string => `/cohorts/${encodeURIComponent(id)}`;

/** Whether one may make and change cohorts. */
export const mayWrite = ({ permissions }: SessionAnswer): boolean => permissions.includes('insights:write');

/** What cohorts are called, by id; an id of none is left as it is. */
export const namesOf =
  (cohorts: readonly CohortAnswer[]) =>
  (id: string): string =>
    cohorts.find((cohort) => cohort.id === id)?.name ?? id;
