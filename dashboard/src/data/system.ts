import type { AuditAnswer } from '../../../src/contract/audit.ts';
import type { HealthAnswer, MetricsAnswer, SystemAnswer } from '../../../src/contract/system.ts';
import { pathOf } from './api.ts';
import { type Listing, useListing } from './listing.ts';
import { type Resource, useResource } from './resource.ts';

const HEALTH_EVERY_MS = 5_000;
const METRICS_EVERY_MS = 5_000;
const SYSTEM_EVERY_MS = 60_000;
const ENTRIES_A_PAGE = 50;

/** How each part of the platform is. */
export const useHealth = (project: string): Resource<HealthAnswer> =>
  useResource({ key: ['health'], path: pathOf('/api/health', project), everyMs: HEALTH_EVERY_MS });

/** What the platform counts and measures. */
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

/** Who did what, newest first, page by page; `action` narrows it. */
export const useAudit = (project: string, action: string | undefined): Listing<AuditAnswer> =>
  useListing(['audit', project, action ?? null], ({ cursor }) =>
    pathOf('/api/audit', project, { cursor, action, limit: ENTRIES_A_PAGE }),
  );
