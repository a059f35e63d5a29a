import { useInfiniteQuery } from '@tanstack/react-query';
import { type ApiError, asApiError, ask } from './api.ts';

/** A page of a list that goes on. */
interface PageAnswer {
  readonly next_cursor: string | null;
  readonly as_of?: string | null;
}

/** What is known of a list that is read page by page. */
export interface Listing<Page> {
  readonly pages: readonly Page[];
  /** Nothing of it is known yet. */
  readonly isLoading: boolean;
  readonly isFetching: boolean;
  readonly error: ApiError | undefined;
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

/**
 * Reads a list page by page, all of them as of the first one's position, so that nothing is missed or told twice. `pathFor` makes the path of a page from where
 * the one before ended. Null as key asks nothing.
 */
export const useListing = <Page extends PageAnswer>(
  key: readonly unknown[] | null,
  pathFor: (from: From) => string,
): Listing<Page> => {
  const { data, error, isFetching, isPending, hasNextPage, fetchNextPage, refetch, dataUpdatedAt } =
    useInfiniteQuery({
      queryKey: key ?? ['nothing'],
      enabled: key !== null,
      initialPageParam: START,
      queryFn: ({ pageParam, signal }) => ask<Page>(pathFor(pageParam), { signal }),
      getNextPageParam: (last, all) => {
        if (last.next_cursor === null || all.length >= PAGES_MAX) return undefined;
        const asOf = all[0]?.as_of;
        return { cursor: last.next_cursor, ...(typeof asOf === 'string' ? { as_of: asOf } : {}) };
      },
    });
  return {
    pages: data?.pages ?? [],
    isLoading: isPending && key !== null,
    isFetching,
    error: error === null ? undefined : asApiError(error),
    hasMore: hasNextPage,
    more: () => void fetchNextPage(),
    again: () => void refetch(),
    atMs: dataUpdatedAt === 0 ? undefined : dataUpdatedAt - performance.timeOrigin,
  };
};
