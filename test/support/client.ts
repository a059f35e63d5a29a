import assert from 'node:assert/strict';
import type { StoredEvent } from '../../src/contract/event.ts';
import type { EventsAnswer, TraceAnswer } from '../../src/contract/events.ts';
import type { LedgerAnswer } from '../../src/contract/ledger.ts';
import type { TrendAnswer } from '../../src/contract/trend.ts';
import type { HealthAnswer } from '../../src/contract/system.ts';
import type { QueryJob } from '../../src/contract/query-jobs.ts';
import { ADMIN_KEY, WRITE_KEY } from './platform.ts';
import { PATIENCE_MS, until } from './until.ts';

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What collecting answers with 202. */
export interface Accepted {
  readonly accepted: number;
  readonly position: string | null;
  readonly rejected: readonly { readonly index: number; readonly id: string | null; readonly code: string }[];
}

/** What an error is answered as. */
export interface Refusal {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: { readonly code?: string; readonly position?: string };
  };
}

interface Keys {
  readonly write?: string;
  readonly admin?: string;
}

/** A user of the HTTP interface: sends with a write key, reads with an admin key. */
export class Client {
  readonly url: string;
  readonly #write: string;
  readonly #admin: string;

  constructor(url: string, { write = WRITE_KEY, admin = ADMIN_KEY }: Keys = {}) {
    this.url = url;
    this.#write = write;
    this.#admin = admin;
  }

  /** Any request. */
  async ask(path: string, init: RequestInit & { readonly key?: string } = {}): Promise<Reply> {
    const { key = this.#admin, headers, ...others } = init;
    const answer = await fetch(`${this.url}${path}`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...others,
      headers: { authorization: `Bearer ${key}`, ...(headers as Record<string, string> | undefined) },
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** A body to the route of one event, or (`/batch`) of many. */
  post(body: string | Uint8Array<ArrayBuffer>, route: '' | '/batch' = ''): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    return this.ask(`/api/events${route}`, { method: 'POST', body, headers, key: this.#write });
  }

  /** Events that must be taken in. */
  async send(...events: readonly unknown[]): Promise<Accepted> {
    const reply = await this.post(JSON.stringify(events), '/batch');
    assert.equal(reply.status, 202, reply.text);
    return JSON.parse(reply.text) as Accepted;
  }

  /** What is at an address; must be 200. */
  async get<T>(path: string): Promise<T> {
    const reply = await this.ask(path);
    assert.equal(reply.status, 200, `${path}: ${reply.text}`);
    return JSON.parse(reply.text) as T;
  }

  /** The request of a trend, as it is answered. */
  question(question: Readonly<Record<string, unknown>>, route = '/api/query'): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ kind: 'trend', interval: 'total', range: 'all time', ...question });
    return this.ask(route, { method: 'POST', body, headers });
  }

  /** Asks a trend to be answered later; answers the id of the question. */
  async askLater(question: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const reply = await this.question({ measure: 'count', ...question }, '/api/query?async=true');
    assert.equal(reply.status, 202, reply.text);
    return (JSON.parse(reply.text) as QueryJob).id;
  }

  /** The answer to a trend that was asked to be answered later, once it is. */
  async answerOf(id: string): Promise<TrendAnswer> {
    await until('the question is answered', async () => {
      const { state, error } = await this.get<QueryJob>(`/api/query/${id}`);
      assert.equal(error, null);
      return state === 'done';
    });
    return this.get<TrendAnswer>(`/api/query/${id}/answer`);
  }

  /** The answer to a trend; must be 200. */
  async trend(question: Readonly<Record<string, unknown>> = {}): Promise<TrendAnswer> {
    const reply = await this.question(question);
    assert.equal(reply.status, 200, reply.text);
    return JSON.parse(reply.text) as TrendAnswer;
  }

  /** The number of stored events, of some kind if told. */
  async count(question: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const { series } = await this.trend({ measure: 'count', ...question });
    return series[0]?.total ?? 0;
  }

  /** One page of stored events; `parameters` as in the query string. */
  async events(parameters: Readonly<Record<string, string>> = {}): Promise<StoredEvent[]> {
    return (await this.get<EventsAnswer>(`/api/events?${new URLSearchParams(parameters).toString()}`)).events;
  }

  trace(id: string): Promise<TraceAnswer> {
    return this.get<TraceAnswer>(`/api/events/${encodeURIComponent(id)}/trace`);
  }

  ledger(): Promise<LedgerAnswer> {
    return this.get<LedgerAnswer>('/api/ledger');
  }

  health(): Promise<HealthAnswer> {
    return this.get<HealthAnswer>('/api/health');
  }

  /** The ledger once everything that was received is queryable. */
  settled(timeoutMs = PATIENCE_MS): Promise<LedgerAnswer> {
    return until(
      'nothing is pending',
      async () => {
        const ledger = await this.ledger();
        return ledger.total.pending === 0 && ledger;
      },
      timeoutMs,
    );
  }
}

/** The code of a refused request. */
export const codeOf = ({ text }: Reply): string => (JSON.parse(text) as Refusal).error.code;

/** Checks that the books agree: every account named, nothing left over. */
export const assertBalanced = ({ balanced, total }: LedgerAnswer): void => {
  const { received, stored, duplicate, stale, quarantined, blocked, pending } = total;
  assert.equal(received, stored + duplicate + stale + quarantined + blocked + pending, JSON.stringify(total));
  assert.equal(total.difference, 0);
  assert.ok(balanced, 'the ledger says that it is not balanced');
};
