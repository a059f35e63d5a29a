import type { Environment } from './environment.ts';
import { createIdentity, type Person } from './identity.ts';
import { createQueue } from './queue.ts';
import { createSender, type Report, SKEW_MS_MIN } from './sender.ts';
import { attempt, createStore } from './store.ts';
import { createTransport } from './transport.ts';
import type { Client, ClientOptions, Consent } from './types.ts';
import { createIds } from './uuid.ts';

/** When the network or the page is back, tabs have so long to send what they have; then it may be taken over. */
const ADOPT_DELAY_MS = 5000;
/** For the answer to a request, and for the end. */
const TIMEOUT_MS = 10_000;

/** A client, and what its environment tells it. */
export interface Core {
  readonly client: Client;
  /** The page is hidden, or goes: it may never be called again. */
  readonly leave: () => void;
  /** The network is back, or the page. */
  readonly wake: () => void;
  /** Another tab has stored something. */
  readonly heed: () => void;
}

/** Makes a client, whatever it runs in. Throws if it is not told where to send, or with which key. */
export const createCore = (options: ClientOptions, environment: Environment): Core => {
  const { url, writeKey } = options;
  if (!/^https?:/.test(url) || !writeKey) throw new TypeError('Aevum needs url and writeKey');
  const { storage, now, setTimeout, clearTimeout } = environment;
  const nextId = createIds(now);
  const store = createStore(storage, `aevum.${writeKey}.`);
  let state = (store.get('consent') ?? options.consent ?? 'granted') as Consent;
  let skewMs = Number(store.get('skew')) || 0;
  let dropped = 0;
  let isShut = false;

  const report: Report = (code, message, ids, lost, status) => {
    attempt(() => options.onError?.({ code, message, ids, lost, status }));
  };
  const drop = (id: string, code: string, message: string): undefined => {
    dropped++;
    report(code, message, [id], true);
  };
  const touch = (userId?: string): Person | undefined =>
    state === 'denied' ? undefined : identity?.touch(userId);
  const learn = (ms: number): void => {
    if (Math.abs(ms - skewMs) < SKEW_MS_MIN) return;
    skewMs = Math.abs(ms) < SKEW_MS_MIN ? 0 : Math.round(ms);
    store.set('skew', skewMs ? `${skewMs}` : null);
  };

  const queue = createQueue(
    store,
    options.queueEventsMax ?? environment.queueEventsMax,
    options.queueBytesMax ?? environment.queueBytesMax,
    nextId,
    (id) => report('not_saved', 'The storage is full.', [id], false),
  );
  const { campaign } = environment;
  const identity = campaign && createIdentity(store, now, nextId, campaign);
  const transport = createTransport(
    environment,
    `${url.replace(/\/+$/, '')}/api/events/batch`,
    writeKey,
    options.compression !== 'none',
    options.timeoutMs ?? TIMEOUT_MS,
    learn,
  );
  const sender = createSender(
    environment,
    queue,
    transport,
    options,
    report,
    () => state === 'granted' && !isShut,
    () => skewMs,
  );

  /** Does what the consent asks for. */
  const apply = (): void => {
    if (state === 'granted') {
      queue.save();
      identity?.save();
      sender.notify();
      return;
    }
    sender.cancel();
    queue.forget();
    if (state === 'denied') {
      queue.remove(new Set(queue.head(Infinity, Infinity)));
      identity?.forget();
      learn(0);
    }
  };

  const track: Client['track'] = (type, properties, more = {}) => {
    if (state === 'denied') return undefined;
    const { id = nextId(), timestamp, userId, anonymousId, sessionId, context, source, ...others } = more;
    const person = touch();
    const anonymous_id = anonymousId ?? person?.anonymousId;
    const text = attempt(() =>
      JSON.stringify({
        id,
        timestamp: timestamp ?? now() + skewMs,
        type,
        source: source ?? options.source ?? environment.source,
        user_id: userId ?? person?.userId ?? anonymous_id,
        session_id: sessionId ?? person?.sessionId,
        anonymous_id,
        context: { ...environment.context(), ...person?.campaign, ...options.context, ...context },
        properties,
        ...others,
      }),
    );
    if (isShut) return drop(id, 'shut_down', 'Make a new client.');
    if (!text) return drop(id, 'invalid_event', 'It is not JSON.');
    if (!queue.add(id, text, timestamp ? 0 : skewMs)) return drop(id, 'queue_full', 'The queue is full.');
    sender.notify();
    return id;
  };
  const shut = (): void => {
    isShut = true;
    sender.cancel();
  };

  const client: Client = {
    track,
    identify(userId, traits, more) {
      touch(userId);
      return track('identify', { traits }, { ...more, userId });
    },
    page: (properties, more) => track('page_view', properties, more),
    alias(userId, previousId, more) {
      const person = touch();
      const previous_id = previousId ?? person?.userId ?? person?.anonymousId;
      return track('alias', { previous_id }, { ...more, userId });
    },
    consent(wanted) {
      store.set('consent', wanted);
      state = wanted;
      apply();
    },
    async flush() {
      await sender.send();
      return queue.length();
    },
    async shutdown(ms = TIMEOUT_MS) {
      const timer = setTimeout(shut, ms);
      await sender.send();
      clearTimeout(timer);
      shut();
      return queue.length();
    },
    reset() {
      if (state !== 'denied') identity?.reset();
    },
    stats: () => ({ waiting: queue.length(), dropped, ...sender.counts }),
  };
  apply();
  return {
    client,
    leave: sender.leave,
    wake() {
      sender.wake();
      setTimeout(apply, ADOPT_DELAY_MS, true);
    },
    heed() {
      const stored = store.get('consent') as Consent | null | undefined;
      if (!stored || stored === state) return;
      state = stored;
      apply();
    },
  };
};
