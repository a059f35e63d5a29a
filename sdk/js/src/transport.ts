import type { Environment } from './environment.ts';
import { retryAfterMs } from './retry-after.ts';
import { attempt } from './store.ts';

/** Shorter bodies gain nothing from compression. */
const GZIP_LENGTH_MIN = 1024;

/** An event that the platform did not take, by its place in the request. */
export interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What became of a request. */
export interface Outcome {
  /** 0: there was no answer. */
  readonly status: number;
  /** The events are on disk, but for these. */
  readonly rejected?: readonly Rejection[] | undefined;
  /** Nothing was taken in, or nobody knows: to be sent again, not before so many milliseconds. */
  readonly retryMs?: number | undefined;
  /** With neither of the two, sending it again would not help, for this reason. */
  readonly code: string;
  readonly message: string;
}

/** Sends bodies to the platform and reads what it answers. */
export interface Transport {
  /** Sends a body, and answers what became of it; never rejects. */
  readonly send: (body: string) => Promise<Outcome>;
  /**
   * Sends a body by a request that outlives the page. Browsers must be able to send it to other origins without asking first, as there is no time for that: so the key
   * stands in the address.
   */
  readonly leave: (body: string) => Promise<Outcome>;
  /** Breaks off the request that was begun last. */
  readonly abort: () => void;
}

interface Answer {
  readonly rejected?: readonly Rejection[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Makes a transport to a batch route. Bodies go without a content type, which the route takes for JSON, as browsers may send such to other origins. `onSkew` is told how far the platform's clock is ahead of this one, milliseconds, whenever an answer tells. */
export const createTransport = (
  { now, setTimeout, clearTimeout, fetch, gzip }: Environment,
  url: string,
  writeKey: string,
  isCompressing: boolean,
  timeoutMs: number,
  onSkew: (skewMs: number) => void,
): Transport => {
  let abort = (): void => {};

  /** The platform's time. It was read while the request was under way, after half of it on average, and counts whole seconds. */
  const readDate = (date: string | null, sentMs: number): number => {
    const dateMs = Date.parse(date ?? '');
    const tookMs = now() - sentMs;
    // Otherwise the clock was set, or the machine slept, meanwhile.
    if (dateMs && tookMs >= 0 && tookMs <= timeoutMs) onSkew(dateMs + 500 - sentMs - tookMs / 2);
    return dateMs || now();
  };
  const ask = async (address: string, init: RequestInit): Promise<Outcome> => {
    const controller = new AbortController();
    abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    const sentMs = now();
    try {
      const { signal } = controller;
      const answer = await fetch(address, { method: 'POST', signal, ...init });
      return outcomeOf(answer, await answer.text(), readDate(answer.headers.get('date'), sentMs));
    } catch (error) {
      return { status: 0, retryMs: 0, code: '', message: String(error) };
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async send(body) {
      const isLong = isCompressing && body.length >= GZIP_LENGTH_MIN;
      const zipped = isLong ? await gzip(body).catch(() => undefined) : undefined;
      const authorization = `Bearer ${writeKey}`;
      return ask(url, {
        headers: zipped ? { authorization, 'content-encoding': 'gzip' } : { authorization },
        body: zipped ?? body,
      });
    },
    leave: (body) => ask(`${url}?key=${encodeURIComponent(writeKey)}`, { body, keepalive: true }),
    abort: () => abort(),
  };
};

const outcomeOf = ({ status, headers }: Response, text: string, nowMs: number): Outcome => {
  const { rejected, error }: Answer = attempt(() => JSON.parse(text) as Answer | null) ?? {};
  const { code = `http_${status}`, message = `The answer was ${status}.` } = error ?? {};
  // Only the platform answers 202 so: not the sign-in page of a hotel's network.
  const isTaken = status === 202 && rejected;
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 429;
  return {
    status,
    code,
    message,
    rejected: isTaken || undefined,
    retryMs: mayPass && !isTaken ? retryAfterMs(headers.get('retry-after'), nowMs) : undefined,
  };
};
