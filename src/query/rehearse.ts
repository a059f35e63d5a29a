import type { QueryRequest } from '../contract/query.ts';
import type { Standing } from './freshness.ts';
import { Inquiry } from './insight.ts';
import { answerInsight } from './insights.ts';
import { noPropertyColumns } from './ports.ts';
import { parseRange, parseTimeZone } from './time-range.ts';

/** Nothing was wrong up to the first statement. */
class FirstStatement extends Error {}

/** In place of "all time", which only a statement could tell. */
const ANY_RANGE = 'last 24 hours';

/** Does with a question what answering it does, up to the first statement, which is not read. Throws ApiError as answering would. */
export const rehearse = async (project: string, request: QueryRequest, standing: Standing): Promise<void> => {
  const isOfAllTime =
    parseRange(request.range, standing.nowMs, parseTimeZone(request.timezone ?? 'UTC')) === 'all';
  const inquiry = new Inquiry({
    ...{ project, standing, columns: noPropertyColumns, elapsedMs: () => 0 },
    read: () => Promise.reject(new FirstStatement()),
  });
  try {
    await answerInsight(isOfAllTime ? { ...request, range: ANY_RANGE } : request, inquiry);
  } catch (error) {
    if (!(error instanceof FirstStatement)) throw error;
  }
};
