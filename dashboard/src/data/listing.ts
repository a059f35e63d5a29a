import {
  type QueryClient,
  useInfiniteQuery,
  useQueryClient,
  type UseInfiniteQueryResult,
  type InfiniteData,
} from '@tanstack/react-query';
import { type ApiError, ask } from './api.ts';
import { AGAIN_BY_ITSELF, failureOf } from './client.ts';

/** A page of a list that goes on. */
interface PageAnswer {
  readonly next_cursor: string | null;
  readonly as_of?: string | null;
}

/** What is known of a list that is read page by page. */
export interface Listing<Page> {
  readonly pages: readonly Page[];
  readonly isFetching: boolean;
  readonly error: ApiError | undefined;
  /** What could not be read is what follows, not the list anew. */
  readonly isMoreError: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly again: () => void;
  /** When its first page was answered, by `performance.now()`. */
  readonly atMs: number | undefined;
}

/** Pages of one list that are kept; whoever wants more has to narrow it. */
const PAGES_MAX = 50;

/** Where a page begins. */
interface From {
  readonly cursor?: string | undefined;
  readonly as_of?: string | undefined;
}

const START: From = {};

/** What a query that is asked page by page tells as a list. */
export const listingOf = <Page>(
  client: QueryClient,
  key: readonly unknown[] | null,
  query: UseInfiniteQueryResult<InfiniteData<Page>, unknown>,
): Listing<Page> => ({
  pages: query.data?.pages ?? [],
  isFetching: query.isFetching,
  error: key === null ? undefined : failureOf(client, key, query),
  isMoreError: query.isFetchNextPageError,
  hasMore: query.hasNextPage,
  more: () => void query.fetchNextPage(),
  again: () => void query.refetch(),
  atMs: query.dataUpdatedAt === 0 ? undefined : query.dataUpdatedAt - performance.timeOrigin,
});

/**
 * Reads a list page by page, all of them as of the first one's position, so that nothing is missed or told twice. `pathFor` makes the path of a page from where
 * the one before ended. Null as key asks nothing.
 */
export const useListing = <Page extends PageAnswer>(
  key: readonly unknown[] | null,
  pathFor: (from: From) => string,
): Listing<Page> => {
  const client = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: key ?? ['nothing'],
    enabled: key !== null,
    initialPageParam: START,
    queryFn: ({ pageParam, signal }) => ask<Page>(pathFor(pageParam), { signal }),
    getNextPageParam: (last, all) => {
      if (last.next_cursor === null || all.length >= PAGES_MAX) return undefined;
      const asOf = all[0]?.as_of;
      return { cursor: last.next_cursor, ...(typeof asOf === 'string' ? { as_of: asOf } : {}) };
    },
    ...AGAIN_BY_ITSELF,
  });
  return listingOf(client, key, query);
};
