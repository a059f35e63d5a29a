import { ApiError } from '../event/errors.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

const CANCELLED = 'The connection was closed before the answer was there.';

const MEMORY =
  'The query needs more memory than one query may take. Ask for a shorter time range, fewer groups, or break down by a field with fewer values.';

/** A failure of the warehouse as the client is told; what a client can do nothing about is passed on as it is. Never tells SQL. */
export const toClientError = (error: unknown): unknown => {
  if (!(error instanceof WarehouseError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'unavailable':
      return new ApiError('warehouse_unavailable', undefined, options);
    case 'disk_full':
      return new ApiError('warehouse_unavailable', 'The disk of the warehouse is full.', options);
    case 'busy':
      return new ApiError('warehouse_busy', undefined, options);
    case 'memory':
      return new ApiError('result_too_large', MEMORY, options);
    case 'too_large':
      return new ApiError('result_too_large', undefined, options);
    case 'timeout':
      return new ApiError('query_timeout', undefined, options);
    case 'cancelled':
      return new ApiError('query_timeout', CANCELLED, options);
    case 'denied':
    case 'invalid':
    case 'internal':
      return error;
  }
};
