import type {
  BoardAnswer,
  BoardOfTemplate,
  BoardsAnswer,
  BoardVersion,
  NewBoard,
  TemplatesAnswer,
} from '../../../src/contract/boards.ts';
import type { RemovedSaved } from '../../../src/contract/saved.ts';
import { ask, pathOf } from './api.ts';
import { type Change, useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

/** A board of a project: its path, and what is below it. */
const boardPath = (id: string, rest = ''): string => `/api/boards/${encodeURIComponent(id)}${rest}`;

const KEY = 'boards';

/** The boards of a project. */
export const useBoards = (project: string): Resource<BoardsAnswer> =>
  useResource({ key: [KEY, project], path: pathOf('/api/boards', project) });

/** The boards that come with the program. */
export const useBoardTemplates = (project: string): Resource<TemplatesAnswer> =>
  useResource({ key: ['board templates'], path: pathOf('/api/boards/templates', project) });

/** A board. */
export const useBoard = (project: string, id: string): Resource<BoardAnswer> =>
  useResource({ key: [KEY, project, id], path: pathOf(boardPath(id), project) });

/** A board as it is now, whatever is known of it. Rejects with ApiError. */
export const readBoard = (project: string, id: string): Promise<BoardAnswer> =>
  ask(pathOf(boardPath(id), project));

/** A board as it was; null asks nothing. */
export const useBoardVersion = (
  project: string,
  id: string,
  version: number | null,
): Resource<BoardVersion> =>
  useResource({
    key: version === null ? null : [KEY, project, id, 'versions', version],
    path: pathOf(boardPath(id, `/versions/${version ?? 0}`), project),
  });

const useChange = <Input, Answer>(
  project: string,
  request: (input: Input) => Change,
): ((input: Input) => Promise<Answer>) => useChanging([[KEY, project]], project, request);

/** Makes a board: as it is given, or of a template. */
export const useMakeBoard = (
  project: string,
): ((board: NewBoard | Partial<BoardOfTemplate>) => Promise<BoardAnswer>) =>
  useChange(project, (body) => ({ path: '/api/boards', body }));

/** Saves a board anew, whole, from the version that the change was made from. */
export const useSaveBoard = (
  project: string,
  id: string,
): ((board: NewBoard & { readonly version: number }) => Promise<BoardAnswer>) =>
  useChange(project, (body) => ({ path: boardPath(id), method: 'PUT', body }));

/** Removes a board, by id. */
export const useRemoveBoard = (project: string): ((id: string) => Promise<RemovedSaved>) =>
  useChange(project, (id) => ({ path: boardPath(id), method: 'DELETE' }));
