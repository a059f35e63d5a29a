import { useQuery } from '@tanstack/react-query';
import type { VariableValues } from '../../../src/contract/boards.ts';
import type { Shared, SharedAnswers } from '../../../src/contract/shares.ts';
import { ApiError, ask } from './api.ts';

/** What is known of something that a link shows. */
export interface SharedResource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isFetching: boolean;
  /** When the data was answered, by `performance.now()`. */
  readonly atMs: number | undefined;
  readonly again: () => void;
}

/** A board may ask long questions. */
const TIMEOUT_MS = 120_000;

interface SharedQuestion {
  readonly key: readonly unknown[];
  readonly path: string;
  readonly body?: unknown;
  readonly token: string;
  readonly everyMs?: number | undefined;
  readonly isWanted?: boolean;
}

const useShared = <T>({
  key,
  path,
  body,
  token,
  everyMs,
  isWanted = true,
}: SharedQuestion): SharedResource<T> => {
  const { data, error, isFetching, dataUpdatedAt, refetch } = useQuery({
    queryKey: key,
    enabled: isWanted,
    refetchInterval: everyMs ?? false,
    queryFn: ({ signal }) => ask<T>(path, { token, body, signal, timeoutMs: TIMEOUT_MS }),
  });
  return {
    data,
    error:
      error === null
        ? undefined
        : error instanceof ApiError
          ? error
          : new ApiError(0, 'unknown', String(error)),
    isFetching,
    atMs: dataUpdatedAt === 0 ? undefined : dataUpdatedAt - performance.timeOrigin,
    again: () => void refetch(),
  };
};

/** What a link shows. */
export const useSharedThing = (token: string, everyMs: number): SharedResource<Shared> =>
  useShared({ key: ['shared', token], path: '/api/share', token, everyMs });

/** The answers of what a link shows, all of one position. */
export const useSharedAnswers = (
  token: string,
  variables: VariableValues,
  { everyMs, isWanted }: { readonly everyMs: number | undefined; readonly isWanted: boolean },
): SharedResource<SharedAnswers> =>
  useShared({
    key: ['shared answers', token, variables],
    path: '/api/share/query',
    body: { variables },
    ...{ token, everyMs, isWanted },
  });
