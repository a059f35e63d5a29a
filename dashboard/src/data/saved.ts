import type { SavedVersionsAnswer } from '../../../src/contract/saved.ts';
import type { CreatedShare, NewShare, RevokedShare, SharesAnswer } from '../../../src/contract/shares.ts';
import { ApiError, pathOf } from './api.ts';
import { useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

/** What boards and insights have alike: versions, links, and who saved meanwhile. */

/** Something that is saved, of a project. */
export interface SavedRef {
  readonly project: string;
  readonly kind: 'boards' | 'insights';
  readonly id: string;
}

const pathTo = ({ kind, id }: SavedRef, rest: string): string =>
  `/api/${kind}/${encodeURIComponent(id)}${rest}`;

const useList = <T>(saved: SavedRef, what: 'versions' | 'shares'): Resource<T> =>
  useResource({
    key: [saved.kind, saved.project, saved.id, what],
    path: pathOf(pathTo(saved, `/${what}`), saved.project),
  });

/** Its versions. */
export const useVersions = (saved: SavedRef): Resource<SavedVersionsAnswer> => useList(saved, 'versions');

/** The links to it. */
export const useShares = (saved: SavedRef): Resource<SharesAnswer> => useList(saved, 'shares');

/** Brings a version of it back, as a new one made from `version`. */
export const useRestore = (
  saved: SavedRef,
): ((input: { readonly old: number; readonly version: number }) => Promise<unknown>) =>
  useChanging([[saved.kind, saved.project]], saved.project, ({ old, version }) => ({
    path: pathTo(saved, `/versions/${old}/restore`),
    body: { version },
  }));

/** A link to be made. */
export type ShareInput = Partial<NewShare> & Pick<NewShare, 'name'>;

/** Makes a link to it. */
export const useMakeShare = (saved: SavedRef): ((share: ShareInput) => Promise<CreatedShare>) =>
  useChanging([[saved.kind, saved.project]], saved.project, (body) => ({
    path: pathTo(saved, '/shares'),
    body,
  }));

/** Revokes a link to it, by the link's id. */
export const useRevokeShare = (saved: SavedRef): ((share: string) => Promise<RevokedShare>) =>
  useChanging([[saved.kind, saved.project]], saved.project, (share) => ({
    path: pathTo(saved, `/shares/${encodeURIComponent(share)}`),
    method: 'DELETE',
  }));

/** Who saved something meanwhile, and what. */
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
