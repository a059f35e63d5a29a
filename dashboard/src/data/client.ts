import { QueryCache, QueryClient } from '@tanstack/react-query';
import { backoffMs } from '../lib/backoff.ts';
import { ApiError, asApiError } from './api.ts';

/** Questions that failed because of the moment are asked so often again. */
const RETRIES_MAX = 3;
const STALE_MS = 10_000;
/** What no page shows any more is forgotten after so long. */
const KEPT_MS = 5 * 60_000;

const PASSING: ReadonlySet<number> = new Set([0, 429, 502, 503]);

/** Whether asking again may help. */
export const isPassing = (error: unknown): boolean => error instanceof ApiError && PASSING.has(error.status);

const failedWith = new WeakMap<object, Error>();

/** Why a question has no answer, or none anew. As long as it has none that is what it failed with last: the client forgets it when it asks again, and a page would turn from the error to nothing and back. */
export const failureOf = (
  client: QueryClient,
  queryKey: readonly unknown[],
  { data, error }: { readonly data: unknown; readonly error: unknown },
): ApiError | undefined => {
  const query = data === undefined ? client.getQueryCache().find({ queryKey }) : undefined;
  const failure = error ?? (query === undefined ? undefined : failedWith.get(query));
  return failure === undefined ? undefined : asApiError(failure);
};

/** What was never answered because of the moment is asked for again so often, for as long as it is in view. */
const AGAIN_MS = 15_000;

/** Has what failed because of the moment come back by itself: on a wall there is nobody to ask again. */
export const AGAIN_BY_ITSELF = {
  refetchInterval: ({ state }: { readonly state: { readonly data: unknown; readonly error: unknown } }) =>
    state.data === undefined && isPassing(state.error) ? AGAIN_MS : false,
} as const;

/** What the pages know of the server's answers. Reads are asked again where that may help; changes never are. */
export const createClient = (): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => failedWith.set(query, error) }),
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: STALE_MS,
        gcTime: KEPT_MS,
        retry: (failures, error) => failures < RETRIES_MAX && isPassing(error),
        retryDelay: (failures, error) =>
          Math.max(backoffMs(failures), error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
