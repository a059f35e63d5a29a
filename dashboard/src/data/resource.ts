import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiError, ask, type Asking } from './api.ts';
import { AGAIN_BY_ITSELF, failureOf } from './client.ts';

/** What is known of something that was asked for. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** It is being asked for. */
  readonly isFetching: boolean;
  /** The data answers an earlier question: the present one is being asked. */
  readonly isOld: boolean;
  /** When the data was answered, by `performance.now()`. */
  readonly atMs: number | undefined;
  readonly again: () => void;
}

/** How something is asked for. */
export interface AskingFor {
  /** What it is, for finding it again. Null asks nothing. */
  readonly key: readonly unknown[] | null;
  readonly path: string;
  readonly body?: Asking['body'];
  /** Asked again so often, and not sooner than ten times as long as the answer took. */
  readonly everyMs?: number | undefined;
  /** While another question is asked, the answer to the one before stays. */
  readonly keep?: boolean | undefined;
}

/** So many times as long as an answer took is waited before it is asked for again. */
const EASE = 10;
const EASE_MAX_MS = 60_000;

const took = new WeakMap<object, number>();

/** Asks the API and keeps what it answered: the one way in which pages read. */
export const useResource = <T>({ key, path, body, everyMs, keep = false }: AskingFor): Resource<T> => {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: key ?? ['nothing'],
    enabled: key !== null,
    queryFn: async ({ signal }) => {
      const startedMs = performance.now();
      const answer = await ask<T>(path, { body, signal });
      if (typeof answer === 'object' && answer !== null) took.set(answer, performance.now() - startedMs);
      return answer;
    },
    ...(keep ? { placeholderData: keepPreviousData } : {}),
    refetchInterval:
      everyMs === undefined
        ? AGAIN_BY_ITSELF.refetchInterval
        : ({ state }) => {
            const lastMs = (state.data === undefined ? undefined : took.get(state.data as object)) ?? 0;
            return Math.max(everyMs, Math.min(EASE_MAX_MS, lastMs * EASE));
          },
  });
  const { data, error, isPlaceholderData, dataUpdatedAt, refetch } = query;
  return {
    data: key === null ? undefined : data,
    error: key === null ? undefined : failureOf(client, key, { data, error }),
    // Read only by whoever reads it: others need not be drawn anew when a question is asked again.
    get isFetching() {
      return query.isFetching;
    },
    isOld: isPlaceholderData,
    atMs: dataUpdatedAt === 0 ? undefined : dataUpdatedAt - performance.timeOrigin,
    again: () => void refetch(),
  };
};
