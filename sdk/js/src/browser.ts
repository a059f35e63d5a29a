import { campaignOf, pageContext } from './browser-context.ts';
import { createCore } from './core.ts';
import type { Environment } from './environment.ts';
import { attempt } from './store.ts';
import type { Client, ClientOptions } from './types.ts';

export { deviceContext } from './device-context.ts';
export type * from './types.ts';

const gzip = async (text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** `sendBeacon` where `fetch` cannot outlive the page. It tells no answer, so what it sent stays in the queue. */
const send = (url: string, init: RequestInit): Promise<Response> => {
  if (!init.keepalive || 'keepalive' in Request.prototype) return fetch(url, init);
  navigator.sendBeacon(url, init.body);
  return Promise.reject(new Error('sendBeacon'));
};

const environmentOf = (storage: ClientOptions['storage']): Environment => ({
  source: 'web',
  queueEventsMax: 1000,
  queueBytesMax: 2 * 1024 * 1024,
  // Reading the property throws where storage is forbidden.
  storage: storage === undefined ? (attempt(() => localStorage) ?? null) : storage,
  now: Date.now,
  random: Math.random,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
  fetch: send,
  gzip,
  context: pageContext,
  campaign: () => campaignOf(location.search),
});

/**
 * Makes the client of a page.
 *
 * @example
 * const aevum = createClient({ url: 'https://events.example.com', writeKey: 'aev_w_...' });
 * aevum.page();
 * aevum.track('sign_up', { plan: 'pro' });
 */
export const createClient = (options: ClientOptions): Client => {
  const core = createCore(options, environmentOf(options.storage));
  const leave = (): void => {
    if (document.visibilityState === 'hidden') core.leave();
  };
  addEventListener('pagehide', core.leave);
  document.addEventListener('visibilitychange', leave);
  addEventListener('pageshow', core.wake);
  addEventListener('online', core.wake);
  addEventListener('storage', core.heed);
  return core.client;
};
