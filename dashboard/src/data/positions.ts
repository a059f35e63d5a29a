import type { PositionAnswer } from '../../../src/contract/positions.ts';
import { ask, pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

const PATH = '/api/positions';

/** What times can be told, and the latest position. */
export const useKnownTimes = (project: string): Resource<PositionAnswer> =>
  useResource({ key: ['positions', project], path: pathOf(PATH, project) });

/** The position that the log had at a time, which is read in a zone if it names none. Rejects with ApiError. */
export const positionAt = (project: string, at: string, timezone: string): Promise<PositionAnswer> =>
  ask(pathOf(PATH, project, { at, timezone }));
