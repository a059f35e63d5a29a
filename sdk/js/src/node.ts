import { promisify } from 'node:util';
import { gzip as compress } from 'node:zlib';
import { createCore } from './core.ts';
import type { Environment } from './environment.ts';
import type { Client, ClientOptions } from './types.ts';

export type * from './types.ts';

const gzipBytes = promisify(compress);
const NOTHING = {};

const environmentOf = (storage: ClientOptions['storage']): Environment => ({
  source: 'server',
  queueEventsMax: 10_000,
  queueBytesMax: 64 * 1024 * 1024,
  storage: storage ?? null,
  now: Date.now,
  random: Math.random,
  setTimeout: (callback, ms, mayEnd) => {
    const timer = setTimeout(callback, ms);
    if (mayEnd === true) timer.unref();
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  fetch: (url, init) => fetch(url, init),
  gzip: async (text) => new Uint8Array(await gzipBytes(text)),
  context: () => NOTHING,
});

/**
 * Makes the client of a process. A process that ends by itself is kept until what waits was sent, or given up; before `process.exit`, await `shutdown`.
 *
 * @example
 * const aevum = createClient({ url: 'http://127.0.0.1:8080', writeKey: 'aev_w_...' });
 * aevum.track('order_paid', { plan: 'pro' }, { userId: 'ada', value: '19.90', currency: 'EUR' });
 * await aevum.shutdown();
 */
export const createClient = (options: ClientOptions): Client =>
  createCore(options, environmentOf(options.storage)).client;
