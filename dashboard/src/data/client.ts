import { QueryClient } from '@tanstack/react-query';
import { backoffMs } from '../lib/backoff.ts';
import { ApiError } from './api.ts';

/** Questions that failed because of the moment are asked so often again. */
const RETRIES_MAX = 3;
const STALE_MS = 10_000;
/** What no page shows any more is forgotten after so long. */
const KEPT_MS = 5 * 60_000;

const PASSING: ReadonlySet<number> = new Set([0, 429, 502, 503]);

/** Whether asking again may help. */
export const isPassing = (error: unknown): boolean => error instanceof ApiError && PASSING.has(error.status);

/** What the pages know of the server's answers. Reads are asked again where that may help; changes never are. */
export const createClient = (): QueryClient =>
  new QueryClient({
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
