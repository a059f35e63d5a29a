import type { MetricDefinitionsAnswer } from '../../../src/contract/metrics.ts';
import { pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

/** The metrics of a project. */
export const useMetrics = (project: string): Resource<MetricDefinitionsAnswer> =>
  useResource({ key: ['metrics', project], path: pathOf('/api/metric-definitions', project) });
