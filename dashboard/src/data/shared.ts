import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Shared, SharedAnswers } from '../../../src/contract/shares.ts';
import { type ApiError, ask } from './api.ts';
import { failureOf } from './client.ts';

type SharedInsightAnswer = Extract<SharedAnswers, { readonly kind: 'insight' }>;

/** What is known of something that a link shows. */
export interface SharedResource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isFetching: boolean;
  /** When the data was answered, by `performance.now()`. */
  readonly atMs: number | undefined;
  readonly again: () => void;
}

/** An insight may be a long question. */
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
  const client = useQueryClient();
  const { data, error, isFetching, dataUpdatedAt, refetch } = useQuery({
    queryKey: key,
    enabled: isWanted,
    refetchInterval: everyMs ?? false,
    queryFn: ({ signal }) => ask<T>(path, { token, body, signal, timeoutMs: TIMEOUT_MS }),
  });
  return {
    data,
    error: failureOf(client, key, { data, error }),
    isFetching,
    atMs: dataUpdatedAt === 0 ? undefined : dataUpdatedAt - performance.timeOrigin,
    again: () => void refetch(),
  };
};

/** What a link shows. */
export const useSharedThing = (token: string, everyMs: number): SharedResource<Shared> =>
  useShared({ key: ['shared', token], path: '/api/share', token, everyMs });

/** The answer of an insight that a link shows. */
export const useSharedAnswer = (
  token: string,
  everyMs: number | undefined,
): SharedResource<SharedInsightAnswer> =>
  useShared({ key: ['shared answer', token], path: '/api/share/query', body: {}, token, everyMs });
