import { useQueries } from '@tanstack/react-query';
import type {
  AskInsight,
  InsightAnswer,
  InsightsAnswer,
  InsightVersion,
  NewInsightInput,
} from '../../../src/contract/insights.ts';
import type { RemovedSaved } from '../../../src/contract/saved.ts';
import type { QueryAnswer } from '../../../src/contract/query.ts';
import { ask, pathOf } from './api.ts';
import { AGAIN_BY_ITSELF } from './client.ts';
import { type Change, useChanging } from './changing.ts';
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

/** The answer to a saved insight, asked otherwise here and there; null asks nothing. */
export const useInsightAnswer = (
  project: string,
  id: string | null,
  asking: Partial<AskInsight>,
): Resource<QueryAnswer> =>
  useResource({
    key: id === null ? null : [KEY, project, id, 'answer', asking],
    path: pathOf(`/api/insights/${encodeURIComponent(id ?? '')}/query`, project),
    body: asking,
    keep: true,
  });

/** Saved insights, by id, as far as they are known; those that there are not, are not among them. */
export const useInsightsOf = (project: string, ids: readonly string[]): ReadonlyMap<string, InsightAnswer> =>
  useQueries({
    queries: [...new Set(ids)].map((id) => ({
      queryKey: [KEY, project, id],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        ask<InsightAnswer>(pathOf(`/api/insights/${encodeURIComponent(id)}`, project), { signal }),
      ...AGAIN_BY_ITSELF,
    })),
    combine: byId,
  });

const byId = (
  results: readonly { readonly data: InsightAnswer | undefined }[],
): ReadonlyMap<string, InsightAnswer> =>
  new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const])));

const insightPath = (id: string, rest = ''): string => `/api/insights/${encodeURIComponent(id)}${rest}`;

/** A saved insight as it is now, whatever is known of it. Rejects with ApiError. */
export const readInsight = (project: string, id: string): Promise<InsightAnswer> =>
  ask(pathOf(insightPath(id), project));

/** An insight as it was. Rejects with ApiError. */
export const readInsightVersion = (project: string, id: string, version: number): Promise<InsightVersion> =>
  ask(pathOf(insightPath(id, `/versions/${version}`), project));

const useChange = <Input, Answer>(
  project: string,
  request: (input: Input) => Change,
): ((input: Input) => Promise<Answer>) => useChanging([[KEY, project]], project, request);

/** An insight as it is to be saved. */
export type InsightInput = NewInsightInput;

/** Saves an insight as a new one. */
export const useMakeInsight = (project: string): ((insight: InsightInput) => Promise<InsightAnswer>) =>
  useChange(project, (body) => ({ path: '/api/insights', body }));

/** Saves an insight anew, whole, from the version that the change was made from. */
export const useSaveInsight = (
  project: string,
  id: string,
): ((insight: InsightInput & { readonly version: number }) => Promise<InsightAnswer>) =>
  useChange(project, (body) => ({ path: insightPath(id), method: 'PUT', body }));

/** Removes an insight, by id. */
export const useRemoveInsight = (project: string): ((id: string) => Promise<RemovedSaved>) =>
  useChange(project, (id) => ({ path: insightPath(id), method: 'DELETE' }));
