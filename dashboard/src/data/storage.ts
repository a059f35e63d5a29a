import type { MetricsAnswer } from '../../../src/contract/system.ts';
import { pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

const EVERY_MS = 15_000;

/** What the server measures of itself, now. */
export const useServerMetrics = (project: string): Resource<MetricsAnswer> =>
  useResource({ key: ['server metrics'], path: pathOf('/api/metrics', project), everyMs: EVERY_MS });
