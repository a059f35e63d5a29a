import { useQueries } from '@tanstack/react-query';
import type { CohortsAnswer } from '../../../src/contract/cohorts.ts';
import type {
  CatalogPropertiesAnswer,
  CatalogProperty,
  CatalogTypesAnswer,
  CatalogValuesAnswer,
  DescribedProperty,
  DescribedType,
  PropertyDescription,
  TypeDescription,
} from '../../../src/contract/event-catalog.ts';
import { type ApiError, asApiError, ask, pathOf } from './api.ts';
import { useChanging } from './changing.ts';
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

/** The types in whose name, description or owner a text occurs, as the server finds them; null asks nothing. */
export const useFoundTypes = (project: string, search: string | null): Resource<CatalogTypesAnswer> =>
  useResource({
    key: search === null ? null : ['catalog', 'types', project, search],
    path: pathOf('/api/catalog/types', project, { search: search ?? undefined, limit: TYPES_MAX }),
    keep: true,
  });

const typePath = (type: string): string => `/api/catalog/types/${encodeURIComponent(type)}`;

/** Says what a type is and who answers for it; in vain if somebody else did meanwhile. Rejects with ApiError. */
export const useDescribeType = (
  project: string,
): ((said: TypeDescription & { readonly type: string }) => Promise<DescribedType>) =>
  useChanging([['catalog', 'types', project]], project, ({ type, ...body }) => ({
    ...{ path: typePath(type), method: 'PUT', body },
  }));

/** Says what a property is in events of a type; in vain if somebody else did meanwhile. Rejects with ApiError. */
export const useDescribeProperty = (
  project: string,
): ((
  said: PropertyDescription & { readonly type: string; readonly key: string },
) => Promise<DescribedProperty>) =>
  useChanging([['catalog', 'properties', project]], project, ({ type, key, ...body }) => ({
    ...{ path: `${typePath(type)}/properties/${encodeURIComponent(key)}`, method: 'PUT', body },
  }));

/** What is known of the properties of events. */
export interface KnownProperties {
  readonly properties: readonly CatalogProperty[];
  readonly isFetching: boolean;
  /** Why there may be more than are told. */
  readonly error: ApiError | undefined;
  readonly again: () => void;
}

/** Properties that events of these types have (of any type if there are none), most frequent first. */
export const useProperties = (project: string, types: readonly string[]): KnownProperties => {
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
        error: results.flatMap(({ error }) => (error === null ? [] : [asApiError(error)]))[0],
        again: () => results.forEach(({ refetch }) => void refetch()),
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
