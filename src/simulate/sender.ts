import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { connectionProblem, isPassingStatus, retryAfterMsOf, retryPauseMs } from '../lib/retry.ts';

/**
 * Sends batches of events over HTTP, several at a time. What the server does not take now (429, 503, a cut connection) is sent again, the same bytes; it never makes up new ones.
 * Held in memory: `IN_FLIGHT_MAX` batches, each as large as whoever calls makes it.
 */

/** Where to send, as whom, and how patiently. */
export interface SenderOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A write key, or for a backfill an admin key. */
  readonly key: string;
  /** Declares history under this name: no event is too old then. */
  readonly backfill?: string;
  /** Stops waiting and repeating. Requests under way are still waited for, up to the time for an answer. */
  readonly signal?: AbortSignal;
  readonly inFlightMax?: number;
  /** How long a batch is repeated before the sender gives up. */
  readonly patienceMs?: number;
  /** Hears why it waits; null: no more. */
  readonly onTrouble?: (why: string | null) => void;
}

/** The server will not take the events, or was away for too long. The message says why and what to do. */
export class SendError extends Error {
  /** Of the answer; undefined if there was none. */
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.name = 'SendError';
    this.status = status;
  }
}

/** What was answered. */
export interface SendCounts {
  /** Events of requests that were answered with 202, and how the server divided them. */
  answered: number;
  accepted: number;
  rejected: number;
  /** Rejected events by code. */
  readonly rejectedBy: Map<string, number>;
  /** Events whose batch was given up: refused as a whole, or stopped by the signal. */
  unanswered: number;
  requests: number;
  /** Requests repeated because the server said so (429, 503 and the like) and because the connection was cut or gave no answer. The latter may have been taken twice. */
  repeatedBusy: number;
  repeatedCut: number;
  bytes: number;
}

/** Batches under way at once: the server decodes one while others wait for the disk. */
export const IN_FLIGHT_MAX = 4;
const PATIENCE_MS = 120_000;
const ANSWER_TIMEOUT_MS = 60_000;
/** Longest answer that is read: a batch whose events are all rejected has a line for each. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** Codes told apart; there are fewer. */
const CODES_MAX = 100;

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: unknown;
}

/** A sender of batches. Await each `send` before the next; then `drain`. */
export class BatchSender {
  readonly counts: SendCounts = {
    answered: 0,
    accepted: 0,
    rejected: 0,
    rejectedBy: new Map(),
    unanswered: 0,
    requests: 0,
    repeatedBusy: 0,
    repeatedCut: 0,
    bytes: 0,
  };
  readonly #options: SenderOptions;
  readonly #post: (body: Buffer) => Promise<Answer>;
  readonly #agent: Agent;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: Error | undefined;
  #troubled = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    const url = new URL('/api/events/batch', options.url);
    if (options.backfill !== undefined) url.searchParams.set('backfill', options.backfill);
    const isSecure = url.protocol === 'https:';
    const maxSockets = options.inFlightMax ?? IN_FLIGHT_MAX;
    this.#agent = isSecure
      ? new SecureAgent({ keepAlive: true, maxSockets })
      : new Agent({ keepAlive: true, maxSockets });
    this.#post = poster(url, isSecure ? secureRequest : request, this.#agent, options.key);
  }

  /** Batches under way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Sends events, each the text of a JSON value without line breaks. Resolves when there is room for another batch. Rejects with what went wrong with this or an earlier one. */
  async send(lines: readonly string[]): Promise<void> {
    this.#check();
    const sending: Promise<void> = this.#deliver(lines)
      .catch((error: unknown) => {
        this.#failure ??= error as Error;
      })
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
    if (this.#inFlight.size >= (this.#options.inFlightMax ?? IN_FLIGHT_MAX))
      await Promise.race(this.#inFlight);
    this.#check();
  }

  /** Waits for every answer under way. Rejects with what went wrong, if anything did. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.#check();
  }

  /** Closes the connections. Call it behind `drain`, or to give up. */
  close(): void {
    this.#agent.destroy();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A batch that is too large for the server goes in halves. */
  async #deliver(lines: readonly string[]): Promise<void> {
    const answer = await this.#persist(Buffer.from(`${lines.join('\n')}\n`)).catch((error: unknown) => {
      this.counts.unanswered += lines.length;
      throw error;
    });
    if (answer === undefined) this.counts.unanswered += lines.length;
    else if (answer.status === 202) this.#count(lines.length, answer.body);
    else if (isTooLarge(answer) && lines.length > 1) {
      const middle = Math.ceil(lines.length / 2);
      await this.#deliver(lines.slice(0, middle));
      await this.#deliver(lines.slice(middle));
    } else {
      this.counts.unanswered += lines.length;
      throw refusalOf(answer, this.#options.url);
    }
  }

  /** One request, repeated until the server takes or refuses it. Undefined: stopped by the signal. */
  async #persist(body: Buffer): Promise<Answer | undefined> {
    const { signal, url, patienceMs = PATIENCE_MS } = this.#options;
    const startedMs = performance.now();
    let isTroubled = false;
    try {
      for (let attempt = 0; ; attempt++) {
        this.counts.requests += 1;
        const outcome = await this.#post(body).catch((error: Error) => error);
        if (!(outcome instanceof Error) && !isPassingStatus(outcome.status)) {
          this.counts.bytes += body.length;
          return outcome;
        }
        if (signal?.aborted === true || this.#failure !== undefined) return undefined;
        const why = outcome instanceof Error ? connectionProblem(outcome) : errorOf(outcome).message;
        const pauseMs = retryPauseMs(attempt, outcome instanceof Error ? undefined : outcome.retryAfterMs);
        if (performance.now() - startedMs + pauseMs > patienceMs)
          throw new SendError(`The server at ${url} does not take the events: ${why}`);
        if (!isTroubled) this.#troubled += 1;
        isTroubled = true;
        this.#options.onTrouble?.(why);
        if (!(await this.#rest(pauseMs))) return undefined;
        this.counts[outcome instanceof Error ? 'repeatedCut' : 'repeatedBusy'] += 1;
      }
    } finally {
      if (isTroubled && --this.#troubled === 0) this.#options.onTrouble?.(null);
    }
  }

  /** Answers whether it is to go on. */
  async #rest(ms: number): Promise<boolean> {
    const { signal } = this.#options;
    try {
      await pause(ms, undefined, signal === undefined ? {} : { signal });
      return this.#failure === undefined;
    } catch {
      return false;
    }
  }

  #count(events: number, body: unknown): void {
    const { accepted, rejected = [] } = body as {
      accepted: number;
      rejected?: readonly { readonly code: string }[];
    };
    const { counts } = this;
    counts.answered += events;
    counts.accepted += accepted;
    counts.rejected += rejected.length;
    for (const { code } of rejected) {
      const name = counts.rejectedBy.has(code) || counts.rejectedBy.size < CODES_MAX ? code : 'other';
      counts.rejectedBy.set(name, (counts.rejectedBy.get(name) ?? 0) + 1);
    }
  }
}

const poster =
  (url: URL, requestFrom: typeof request, agent: Agent, key: string) =>
  (body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-ndjson',
        'content-length': body.length,
      };
      const options = { method: 'POST', agent, headers, timeout: ANSWER_TIMEOUT_MS };
      const sent = requestFrom(url, options, (response) => {
        answerOf(response).then(resolve, reject);
      });
      sent.on('timeout', () => sent.destroy(new Error('it does not answer')));
      sent.on('error', reject);
      sent.end(body);
    });

const answerOf = async (response: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('its answer is too long');
    chunks.push(chunk as Buffer);
  }
  return {
    status: response.statusCode ?? 0,
    retryAfterMs: retryAfterMsOf(response.headers['retry-after']),
    body: parsed(Buffer.concat(chunks).toString()),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const errorOf = ({ status, body }: Answer): { code: string; message: string } => {
  const { error } = (body ?? {}) as { error?: { code?: unknown; message?: unknown } };
  const message = typeof error?.message === 'string' ? error.message : `it answers ${status}`;
  return { code: typeof error?.code === 'string' ? error.code : '', message };
};

/** The server takes smaller requests. */
const isTooLarge = (answer: Answer): boolean =>
  answer.status === 413 || errorOf(answer).code === 'too_many_events';

const refusalOf = (answer: Answer, url: string): SendError => {
  const { message } = errorOf(answer);
  if (answer.status === 401 || answer.status === 403)
    return new SendError(`The server refuses the key: ${message}`, answer.status);
  return new SendError(`The server at ${url} answers ${answer.status}: ${message}`, answer.status);
};
