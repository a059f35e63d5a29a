import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Grant } from './grant.ts';

/** A ticket opens one connection, within this time. */
export const TICKET_SECONDS = 30;
/** Tickets that wait to be used; beyond, the oldest is forgotten. */
const TICKETS_MAX = 10_000;
const TICKET_BYTES = 32;

/** Stand for a key or a session where only an address can be given: in browsers, for WebSockets and event streams. */
export class Tickets {
  readonly #clock: Clock;
  /** In the order in which they were made. */
  readonly #grants = new Map<string, { readonly grant: Grant; readonly endsMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a ticket. */
  issue(grant: Grant): string {
    const nowMs = this.#clock.monotonicMs();
    for (const [ticket, { endsMs }] of this.#grants) {
      if (endsMs > nowMs && this.#grants.size < TICKETS_MAX) break;
      this.#grants.delete(ticket);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#grants.set(ticket, { grant, endsMs: nowMs + TICKET_SECONDS * 1000 });
    return ticket;
  }

  /** Uses a ticket up. Undefined if it is not good. */
  redeem(ticket: string): Grant | undefined {
    const found = this.#grants.get(ticket);
    this.#grants.delete(ticket);
    return found !== undefined && found.endsMs > this.#clock.monotonicMs() ? found.grant : undefined;
  }
}
