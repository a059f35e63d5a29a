import type { AskInsight } from '../contract/insights.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import type { AsOfInput, Filter } from '../contract/question.ts';
import { ApiError } from '../event/errors.ts';
import { parseRequest } from '../http/parse-request.ts';
import { invalidAt, invalidRequest } from '../http/request-problem.ts';

/** What whoever asks a saved question wants otherwise than it was saved. */
export interface Changes extends Pick<AskInsight, 'range' | 'timezone' | 'compare' | 'explain'> {
  /** These must hold as well as the filter of the question. */
  readonly filters?: readonly Filter[];
  readonly asOf?: AsOfInput;
}

/** A question with changes. Throws ApiError `invalid_request` where its kind does not take them. */
export const questionWith = (question: QueryRequest, changes: Changes): QueryRequest => {
  const { range, timezone, compare, explain, filters = [], asOf } = changes;
  const saved: unknown = 'filter' in question ? question.filter : undefined;
  const filter = allOf([...(saved === undefined ? [] : [saved as Filter]), ...filters]);
  const { compare: itsCompare, ...rest } = { compare: undefined, ...question };
  const compared = compare === undefined ? itsCompare : (compare ?? undefined);
  return parseRequest(queryRequestSchema, {
    ...rest,
    ...(range === undefined ? {} : { range }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(compared === undefined ? {} : { compare: compared }),
    ...(explain === undefined ? {} : { explain }),
    ...(filter === undefined ? {} : { filter }),
    ...(asOf === undefined ? {} : { as_of: asOf }),
  });
};

/** All of some filters, no deeper than need be: levels are counted. */
const allOf = (filters: readonly Filter[]): Filter | undefined => {
  const parts = filters.flatMap((each) => ('and' in each ? each.and : [each]));
  return filters.length > 1 ? { and: parts } : filters[0];
};

/** Throws ApiError unless a question may be saved: it is asked as of whenever it is asked. */
export const checkMoment = (question: QueryRequest, path: string): void => {
  if (question.as_of !== undefined)
    throw invalidAt(
      `${path}.as_of`,
      'A saved question is asked as of any moment: leave "as_of" out, and send it when asking. A share link can be pinned.',
    );
};

/** Does something with a part of a request; what is wrong with it is told where it stands in the whole. */
export const within = async <T>(path: string, work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw placed(error, path);
  }
};

const placed = (error: unknown, path: string): unknown => {
  if (!(error instanceof ApiError) || error.code !== 'invalid_request' || !Array.isArray(error.details))
    return error;
  const problems = (error.details as { path: string; message: string }[]).map((each) => ({
    ...each,
    path: each.path === '' ? path : `${path}.${each.path}`,
  }));
  return invalidRequest(problems);
};
