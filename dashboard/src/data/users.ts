import type { EventsAnswer } from '../../../src/contract/events.ts';
import type { Filter } from '../../../src/contract/question.ts';
import type { UserAnswer, UsersAnswer, UserSort } from '../../../src/contract/users.ts';
import { pathOf } from './api.ts';
import { type Listing, useListing } from './listing.ts';
import { type Resource, useResource } from './resource.ts';

/** Which users a list has, and in which order. */
export interface UserSearch {
  readonly prefix?: string | undefined;
  readonly type?: string | undefined;
  readonly filter?: Filter | undefined;
  readonly since?: string | undefined;
  readonly sort: UserSort;
}

const USERS_A_PAGE = 50;
const EVENTS_A_PAGE = 100;
const USER_EVERY_MS = 15_000;

/** The users of a project, page by page. */
export const useUsers = (project: string, search: UserSearch): Listing<UsersAnswer> =>
  useListing(['users', project, search], (from) =>
    pathOf('/api/users', project, {
      ...search,
      ...from,
      filter: search.filter === undefined ? undefined : JSON.stringify(search.filter),
      limit: USERS_A_PAGE,
    }),
  );

const userPath = (id: string): string => `/api/users/${encodeURIComponent(id)}`;

/** What is known of one user. */
export const useUser = (project: string, id: string): Resource<UserAnswer> =>
  useResource({ key: ['user', project, id], path: pathOf(userPath(id), project), everyMs: USER_EVERY_MS });

/** What one user did, newest first, page by page. */
export const useTimeline = (project: string, id: string, type: string | undefined): Listing<EventsAnswer> =>
  useListing(['timeline', project, id, type ?? null], (from) =>
    pathOf(`${userPath(id)}/timeline`, project, { ...from, type, limit: EVENTS_A_PAGE }),
  );
