import type { QuarantineAnswer, QuarantineQuery } from '../../../src/contract/events.ts';
import type { LedgerAnswer } from '../../../src/contract/ledger.ts';
import { pathOf } from './api.ts';
import { type Listing, useListing } from './listing.ts';
import { type Resource, useResource } from './resource.ts';

const LEDGER_EVERY_MS = 5_000;
const REFUSED_A_PAGE = 50;

/** Which receipts the accounts are of. */
export interface LedgerSpan {
  /** As the server takes instants: `now-24h`, ISO 8601. Everything if absent. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The ledger, summed up or also a minute. */
export const useLedger = (
  project: string,
  by: 'total' | 'minute',
  { since, until }: LedgerSpan,
): Resource<LedgerAnswer> =>
  useResource({
    key: ['ledger', project, by, since ?? null, until ?? null],
    path: pathOf('/api/ledger', project, { by, since, until }),
    everyMs: LEDGER_EVERY_MS,
    keep: true,
  });

/** Which refused events a list has. */
export type RefusedSearch = Pick<QuarantineQuery, 'outcome' | 'reason' | 'type' | 'since' | 'until'>;

/** Refused events, last received first, page by page; null asks nothing. */
export const useRefused = (project: string, search: RefusedSearch | null): Listing<QuarantineAnswer> =>
  useListing(search === null ? null : ['refused', project, search], (from) =>
    pathOf('/api/quarantine', project, { ...search, cursor: from.cursor, limit: REFUSED_A_PAGE }),
  );
