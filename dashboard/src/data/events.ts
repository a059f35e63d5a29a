import type { EventsAnswer } from '../../../src/contract/events.ts';
import { pathOf } from './api.ts';
import { type Listing, useListing } from './listing.ts';

const EVENTS_A_PAGE = 200;

/** The events of a session, newest first, page by page; without a project nothing is asked. */
export const useSessionEvents = (project: string | null, session: string): Listing<EventsAnswer> =>
  useListing(project === null ? null : ['session', project, session], (from) =>
    pathOf('/api/events', project ?? '', { ...from, session_id: session, limit: EVENTS_A_PAGE }),
  );
