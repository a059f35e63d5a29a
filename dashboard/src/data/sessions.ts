import type { Filter, RangeInput } from '../../../src/contract/question.ts';
import type { OneSessionAnswer, SessionListAnswer } from '../../../src/contract/session-list.ts';
import { pathOf } from './api.ts';
import { type Listing, useListing } from './listing.ts';

/** Which sessions a list has. */
export interface SessionSearch {
  readonly user?: string | undefined;
  readonly entry?: string | undefined;
  readonly exit?: string | undefined;
  readonly country?: string | undefined;
  readonly device?: string | undefined;
  /** Milliseconds that they took at least. */
  readonly longer?: string | undefined;
  /** Events that they have at least. */
  readonly events?: string | undefined;
  readonly bounced?: 'true' | 'false' | undefined;
  readonly filter?: Filter | undefined;
}

/** When, and whose days. */
export interface SessionTime {
  readonly range: RangeInput;
  readonly timezone: string;
}

const SESSIONS_A_PAGE = 50;
const EVENTS_A_PAGE = 200;

const timeOf = ({ range, timezone }: SessionTime) =>
  typeof range === 'string'
    ? { range, timezone }
    : { since: String(range.from), until: range.to === undefined ? undefined : String(range.to), timezone };

/** Single sessions, those that began last first, page by page; without a project nothing is asked. */
export const useSessions = (
  project: string | null,
  time: SessionTime,
  search: SessionSearch,
): Listing<SessionListAnswer> =>
  useListing(project === null ? null : ['sessions', project, time, search], (from) =>
    pathOf('/api/sessions', project ?? '', {
      ...timeOf(time),
      user_id: search.user,
      entry_page: search.entry,
      exit_page: search.exit,
      country: search.country,
      device_type: search.device,
      min_duration_ms: search.longer,
      min_events: search.events,
      bounced: search.bounced,
      filter: search.filter === undefined ? undefined : JSON.stringify(search.filter),
      limit: SESSIONS_A_PAGE,
      ...from,
    }),
  );

/** One session with its events as they happened, page by page; without a project nothing is asked. */
export const useSession = (project: string | null, id: string): Listing<OneSessionAnswer> =>
  useListing(project === null ? null : ['session', project, id], (from) =>
    pathOf(`/api/sessions/${encodeURIComponent(id)}`, project ?? '', { ...from, limit: EVENTS_A_PAGE }),
  );
