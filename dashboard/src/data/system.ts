import type { AuditAnswer } from '../../../src/contract/audit.ts';
import type { DoctorAnswer } from '../../../src/contract/doctor.ts';
import type { EndedQuery, RunningQueriesAnswer } from '../../../src/contract/running.ts';
import type { HealthAnswer, MetricsAnswer, SystemAnswer } from '../../../src/contract/system.ts';
import { pathOf } from './api.ts';
import { useChanging } from './changing.ts';
import { type Listing, useListing } from './listing.ts';
import { type Resource, useResource } from './resource.ts';

const HEALTH_EVERY_MS = 5_000;
const METRICS_EVERY_MS = 5_000;
const SYSTEM_EVERY_MS = 60_000;
const RUNNING_EVERY_MS = 2_000;
const DOCTOR_EVERY_MS = 5_000;
/** Each of the checks may take 10 s. */
const DOCTOR_TIMEOUT_MS = 150_000;
const ENTRIES_A_PAGE = 50;

/** How each part of the platform is. */
export const useHealth = (project: string): Resource<HealthAnswer> =>
  useResource({ key: ['health', project], path: pathOf('/api/health', project), everyMs: HEALTH_EVERY_MS });

/** What the platform counts and measures; for whoever may see numbers of the whole of it (`platform:read`). */
export const useMetrics = (project: string): Resource<MetricsAnswer> =>
  useResource({
    ...{ key: ['platform metrics', project], path: pathOf('/api/metrics', project) },
    everyMs: METRICS_EVERY_MS,
  });

/** The program and its configuration; for the operator. */
export const useSystem = (project: string): Resource<SystemAnswer> =>
  useResource({
    ...{ key: ['system', project], path: pathOf('/api/system', project) },
    everyMs: SYSTEM_EVERY_MS,
  });

/** What is asked of the platform now; for the operator. */
export const useRunning = (project: string): Resource<RunningQueriesAnswer> =>
  useResource({
    ...{ key: ['running queries', project], path: pathOf('/api/system/queries', project) },
    everyMs: RUNNING_EVERY_MS,
  });

/** Ends a question by its id; for the operator. */
export const useEndQuery = (project: string): ((id: string) => Promise<EndedQuery>) =>
  useChanging([['running queries', project]], project, (id) => ({
    ...{ path: `/api/system/queries/${encodeURIComponent(id)}`, method: 'DELETE' },
  }));

/** What the checks found last; for the operator. */
export const useDoctor = (project: string): Resource<DoctorAnswer> =>
  useResource({
    ...{ key: ['doctor', project], path: pathOf('/api/system/doctor', project) },
    everyMs: DOCTOR_EVERY_MS,
  });

/** Runs the checks, and resolves when they are done; for the operator. */
export const useRunDoctor = (project: string): ((input: undefined) => Promise<DoctorAnswer>) =>
  useChanging([['doctor', project]], project, () => ({
    ...{ path: '/api/system/doctor', method: 'POST', timeoutMs: DOCTOR_TIMEOUT_MS },
  }));

/** Who did what, newest first, page by page; `action` narrows it. */
export const useAudit = (project: string, action: string | undefined): Listing<AuditAnswer> =>
  useListing(['audit', project, action ?? null], ({ cursor }) =>
    pathOf('/api/audit', project, { cursor, action, limit: ENTRIES_A_PAGE }),
  );
