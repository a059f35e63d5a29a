import { useQueries } from '@tanstack/react-query';
import type { CohortsAnswer } from '../../../src/contract/cohorts.ts';
import type {
  CatalogPropertiesAnswer,
  CatalogProperty,
  CatalogTypesAnswer,
  CatalogValuesAnswer,
} from '../../../src/contract/event-catalog.ts';
import { ask, pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

/** What there is hardly changes while somebody picks. */
const FRESH_MS = 60_000;
/** As many as the server tells. */
const TYPES_MAX = 1_000;
/** Properties are looked for in so many types; more would take long, and find little more. */
const LOOKED_MAX = 4;
const VALUES_MAX = 50;

/** The types of events of a project, most frequent first. */
export const useEventTypes = (project: string): Resource<CatalogTypesAnswer> =>
  useResource({
    key: ['catalog', 'types', project],
    path: pathOf('/api/catalog/types', project, { limit: TYPES_MAX }),
    everyMs: FRESH_MS,
  });

/** Properties that events of these types have (of any type if there are none), most frequent first. */
export const useProperties = (
  project: string,
  types: readonly string[],
): { readonly properties: readonly CatalogProperty[]; readonly isFetching: boolean } => {
  const looked: readonly (string | undefined)[] =
    types.length === 0 ? [undefined] : types.slice(0, LOOKED_MAX);
  return useQueries({
    queries: looked.map((type) => ({
      queryKey: ['catalog', 'properties', project, type ?? null],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        ask<CatalogPropertiesAnswer>(pathOf('/api/catalog/properties', project, { type }), { signal }),
      staleTime: FRESH_MS,
    })),
    combine: (results) => {
      const byField = new Map<string, CatalogProperty>();
      for (const { data } of results)
        for (const property of data?.properties ?? []) {
          const known = byField.get(property.field);
          if (known === undefined || known.share < property.share) byField.set(property.field, property);
        }
      return {
        properties: [...byField.values()].sort((a, b) => b.share - a.share),
        isFetching: results.some(({ isFetching }) => isFetching),
      };
    },
  });
};

/** The most frequent values of a field; null asks nothing. */
export const useValues = (
  project: string,
  field: string | null,
  { type, search }: { readonly type: string | undefined; readonly search: string },
): Resource<CatalogValuesAnswer> => {
  const sought = search.trim() === '' ? undefined : search.trim();
  return useResource({
    key: field === null ? null : ['catalog', 'values', project, field, type ?? null, sought ?? null],
    path: pathOf('/api/catalog/values', project, {
      ...{ field: field ?? '', type, search: sought },
      limit: VALUES_MAX,
    }),
    keep: true,
  });
};

/** The saved cohorts of a project, to choose from. */
export const useCohortChoices = (project: string): Resource<CohortsAnswer> =>
  useResource({ key: ['catalog', 'cohorts', project], path: pathOf('/api/cohorts', project) });
