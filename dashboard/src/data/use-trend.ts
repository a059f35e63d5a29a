import { useEffect, useState } from 'react';
import type { LiveRequest } from '../../../src/contract/live.ts';
import { applyTrendChange } from '../../../src/contract/live-apply.ts';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { useLiveClient } from './live-context.tsx';

/** A trend as it is asked; what is left out has its default. */
export type TrendQuestion = Extract<LiveRequest, { readonly kind: 'trend' }>['query'];

/** A trend that is kept up to date. An error leaves the last answer in place. */
export interface LiveTrend {
  readonly answer: TrendAnswer | undefined;
  /** When the server last spoke of it, by `performance.now()`. */
  readonly atMs: number | undefined;
  readonly error: string | undefined;
}

const NOTHING: LiveTrend = { answer: undefined, atMs: undefined, error: undefined };

/** Follows a trend over the live connection; null follows none. */
export const useTrend = (question: TrendQuestion | null): LiveTrend => {
  const client = useLiveClient();
  const key = question === null ? null : JSON.stringify(question);
  const [state, setState] = useState<LiveTrend & { readonly key: string | null }>({ key, ...NOTHING });
  useEffect(() => {
    if (key === null) return;
    const query = JSON.parse(key) as TrendQuestion;
    return client.subscribe(
      (id) => ({ op: 'subscribe', id, kind: 'trend', query }),
      (message) => {
        const atMs = performance.now();
        if (message.op === 'trend') setState({ key, answer: message.answer, atMs, error: undefined });
        if (message.op === 'trend_change')
          setState((now) =>
            now.key === key && now.answer !== undefined
              ? { key, answer: applyTrendChange(now.answer, message), atMs, error: undefined }
              : now,
          );
        if (message.op === 'error')
          setState((now) =>
            now.key === key
              ? { ...now, error: message.message }
              : { ...NOTHING, key, error: message.message },
          );
      },
    );
  }, [client, key]);
  return state.key === key ? state : NOTHING;
};
