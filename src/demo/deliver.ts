import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Deliver } from './traffic.ts';

/** The requests of the demo: as any client makes them, patient with a server that is busy or away. */

/** The platform will not take the demo's events. The message is the platform's. */
export class DeliveryRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeliveryRefused';
  }
}

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly url: string;
  readonly key: string;
  /** Ends waiting; requests under way are still waited for. */
  readonly signal: AbortSignal;
  /** Something keeps it from going on; null: nothing any more. */
  readonly onTrouble: (what: string | null) => void;
}

/** Names the import of the history. */
const BACKFILL = 'demo';
const SOCKETS_MAX = 8;
/** Longest wait for one answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** First pause before a request is repeated; doubled up to the maximum. A Retry-After counts where it is longer, up to the maximum, too. */
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 5_000;
const ANSWER_CHARS_MAX = 4_096;

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
  readonly text: string;
}

/** What is kept of an answer: of one that is good, nothing but that. */
const read = async (response: IncomingMessage): Promise<Answer> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8'))
    if (text.length < ANSWER_CHARS_MAX) text += chunk as string;
  const seconds = Number(response.headers['retry-after'] ?? 0);
  return { status: response.statusCode ?? 0, retryAfterMs: seconds * 1000 || 0, text };
};

const isPassing = ({ status }: Answer): boolean => status === 408 || status === 429 || status >= 500;

const messageOf = ({ status, text }: Answer): string => {
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return `it answered ${status}`;
  }
};

/** Makes a delivery. What it sends is repeated, byte for byte, until the platform takes or refuses it. */
export const createDelivery = ({ url, key, signal, onTrouble }: DeliveryOptions): Deliver => {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const post = (path: string, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const options = {
        method: 'POST',
        agent,
        headers: { ...headers, ...length },
        timeout: ANSWER_TIMEOUT_MS,
      };
      const sent = request(new URL(path, url), options, (response) => {
        read(response).then(resolve, reject);
      });
      sent.on('timeout', () => sent.destroy(new Error('it does not answer')));
      sent.on('error', reject);
      sent.end(body);
    });
  // The first answer is told of as well: then the one who asked knows that events flow.
  let troubled = true;
  const tell = (what: string | null): void => {
    if (what === null && !troubled) return;
    troubled = what !== null;
    onTrouble(what);
  };
  return async function deliver(body, isHistory) {
    const path = `/api/events/batch${isHistory ? `?backfill=${BACKFILL}` : ''}`;
    for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)) {
      const answer = await post(path, body).catch((error: Error) => error);
      if (!(answer instanceof Error) && !isPassing(answer)) {
        if (answer.status !== 202) throw new DeliveryRefused(messageOf(answer));
        return tell(null);
      }
      tell(answer instanceof Error ? answer.message : messageOf(answer));
      const wanted = answer instanceof Error ? 0 : answer.retryAfterMs;
      await pause(Math.min(PAUSE_MS_MAX, Math.max(pauseMs, wanted)), undefined, { signal });
    }
  };
};
