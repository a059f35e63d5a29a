import { WRITE_KEY } from '../support/platform.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Senders that behave as a careful client: every event has an id fixed before it is first sent, a request that failed is sent again with the same ids, and
 * an id counts as acknowledged only when a 202 for it arrived. The set of acknowledged ids is the outside ledger that decides.
 */

const EVENTS_PER_REQUEST = 40;
const REQUEST_TIMEOUT_MS = 120_000;
const RETRY_PAUSE_MS = 30;
/** One in so many requests is sent again although it was acknowledged: the second must be found to be duplicates. */
const RESEND_EVERY = 9;

/** What the senders know. */
export class Load {
  readonly acknowledged = new Set<string>();
  /** Every id that was ever put on the wire. */
  readonly sent = new Set<string>();
  /** Requests that failed and were retried. */
  retries = 0;
  #mayBegin = true;
  readonly #done: Promise<unknown>;
  readonly #url: string;
  readonly #prefix: string;
  #next = 0;

  constructor(url: string, prefix: string, senders: number) {
    this.#url = url;
    this.#prefix = prefix;
    this.#done = Promise.all(Array.from({ length: senders }, () => this.#send()));
  }

  /** No new events; resolves when all that were begun are acknowledged. */
  async finish(): Promise<void> {
    this.#mayBegin = false;
    await this.#done;
  }

  #makeEvents(): { ids: string[]; body: string } {
    const ids = Array.from({ length: EVENTS_PER_REQUEST }, () => `${this.#prefix}-${this.#next++}`);
    const events = ids.map((id, index) => ({
      id,
      type: index % 3 === 0 ? 'purchase' : 'page_view',
      user_id: `u${this.#next % 500}`,
      session_id: `s${this.#next % 900}`,
      ...(index % 3 === 0 ? { value: 1.25, currency: 'EUR' } : {}),
      properties: { n: this.#next },
    }));
    return { ids, body: JSON.stringify(events) };
  }

  async #send(): Promise<void> {
    for (let round = 1; ; round++) {
      if (!this.#mayBegin) return;
      const { ids, body } = this.#makeEvents();
      for (const id of ids) this.sent.add(id);
      while (!(await this.#post(body))) {
        this.retries += 1;
        await sleep(RETRY_PAUSE_MS);
      }
      for (const id of ids) this.acknowledged.add(id);
      if (round % RESEND_EVERY === 0) await this.#post(body);
    }
  }

  async #post(body: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.#url}/api/events/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${WRITE_KEY}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await answer.text();
      if (answer.status === 202) return true;
      if ([408, 429, 503].includes(answer.status)) return false;
      throw new Error(`unexpected answer ${answer.status}: ${text}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('unexpected')) throw error;
      return false;
    }
  }
}
