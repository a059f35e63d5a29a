import type { InsightAnswer, InsightsAnswer } from '../../../src/contract/insights.ts';
import { pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

const KEY = 'insights';

/** The saved insights of a project. */
export const useInsights = (project: string): Resource<InsightsAnswer> =>
  useResource({ key: [KEY, project], path: pathOf('/api/insights', project) });

/** A saved insight; null asks nothing. */
export const useInsight = (project: string, id: string | null): Resource<InsightAnswer> =>
  useResource({
    key: id === null ? null : [KEY, project, id],
    path: pathOf(`/api/insights/${encodeURIComponent(id ?? '')}`, project),
  });
