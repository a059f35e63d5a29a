import { ApiError } from '../data/api.ts';

/** Who saved an insight meanwhile, and what. */
export interface Conflict {
  readonly version: number;
  readonly updated_by: string;
  readonly updated_at: string;
  readonly changed: readonly string[];
}

/** What an error tells of somebody who saved meanwhile; undefined for any other error. */
export const conflictIn = (error: unknown): Conflict | undefined =>
  error instanceof ApiError &&
  error.code === 'conflict' &&
  typeof error.details === 'object' &&
  error.details !== null &&
  'updated_by' in error.details
    ? (error.details as Conflict)
    : undefined;
