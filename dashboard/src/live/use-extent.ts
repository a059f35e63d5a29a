import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { totalOf } from '../chart/series.ts';
import { ask, pathOf } from '../data/api.ts';
import { type Polled, usePolled } from '../data/use-polled.ts';
import type { Extent } from './range.ts';

const EMPTY_EVERY_MS = 1_500;
const EVERY_MS = 60_000;

/** Where the events of a project lie; asked often while there are none. */
export const useExtent = (project: string): Polled<Extent> & { readonly again: () => void } =>
  usePolled(
    `extent of ${project}`,
    async (signal) => {
      const question = { kind: 'trend', range: 'all time', interval: 'total' };
      const answer = await ask<TrendAnswer>(pathOf('/api/query', project), { body: question, signal });
      return {
        count: totalOf(answer),
        firstMs: Date.parse(answer.range.from),
        lastMs: Date.parse(answer.range.to),
        asOfMs: Date.parse(answer.freshness.answered_at),
      };
    },
    (extent) => ({
      everyMs: extent === undefined || extent.count === 0 ? EMPTY_EVERY_MS : EVERY_MS,
      ease: 5,
    }),
  );
