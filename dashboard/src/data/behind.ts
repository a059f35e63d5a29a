import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { EventsAnswer } from '../../../src/contract/events.ts';
import type { FunnelUsersAnswer } from '../../../src/contract/funnel.ts';
import type { QuestionInput } from '../../../src/contract/query.ts';
import type { Filter } from '../../../src/contract/question.ts';
import type { UsersAnswer } from '../../../src/contract/users.ts';
import { ask, pathOf } from './api.ts';
import { AGAIN_BY_ITSELF } from './client.ts';
import { type Listing, listingOf, useListing } from './listing.ts';

/** Which events stand behind a number. */
export interface Behind {
  readonly type?: string | undefined;
  readonly filter?: Filter | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Position that the number was counted up to. */
  readonly as_of?: string | undefined;
}

const ROWS_A_PAGE = 50;

const parametersOf = ({ filter, ...rest }: Behind) => ({
  ...rest,
  filter: filter === undefined ? undefined : JSON.stringify(filter),
  limit: ROWS_A_PAGE,
});

/** The events behind a number, newest first; null asks nothing. */
export const useEventsBehind = (project: string, behind: Behind | null): Listing<EventsAnswer> =>
  useListing(behind === null ? null : ['behind', 'events', project, behind], (from) =>
    pathOf('/api/events', project, { ...parametersOf(behind ?? {}), ...from }),
  );

/** The users of the events behind a number, latest first; null asks nothing. */
export const useUsersBehind = (project: string, behind: Behind | null): Listing<UsersAnswer> =>
  useListing(behind === null ? null : ['behind', 'users', project, behind], (from) =>
    pathOf('/api/users', project, { ...parametersOf(behind ?? {}), ...from }),
  );

/** Who got to a step of a funnel. */
export type FunnelUsersInput = Extract<QuestionInput, { kind: 'funnel_users' }>;

const ACTORS_A_PAGE = 200;
const PAGES_MAX = 50;

/** Who got to a step of a funnel, or no further; null asks nothing. */
export const useFunnelUsers = (
  project: string,
  question: FunnelUsersInput | null,
): Listing<FunnelUsersAnswer> => {
  const client = useQueryClient();
  const key = ['behind', 'funnel', project, question];
  const query = useInfiniteQuery({
    queryKey: key,
    enabled: question !== null,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask<FunnelUsersAnswer>(pathOf('/api/query', project), {
        body: {
          ...question,
          limit: ACTORS_A_PAGE,
          ...(pageParam === undefined ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (last, all) => (all.length >= PAGES_MAX ? undefined : (last.next_cursor ?? undefined)),
    ...AGAIN_BY_ITSELF,
  });
  return listingOf(client, question === null ? null : key, query);
};
