import type { RequestProblem } from '../contract/common.ts';
import { ApiError } from '../event/errors.ts';

/** The error for a request that was understood as JSON but cannot be answered: names every problem, in `details`. */
export const invalidRequest = (problems: readonly RequestProblem[]): ApiError => {
  const [first] = problems;
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more, see details)` : '';
  return new ApiError('invalid_request', `${where}${first?.message ?? 'The request is not valid.'}${more}`, {
    details: problems.map(({ path, message }) => ({ path, message })),
  });
};

/** The error for one problem at one place of the request. */
export const invalidAt = (path: string, message: string): ApiError => invalidRequest([{ path, message }]);
