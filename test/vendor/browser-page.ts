import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { build, type Rolldown } from 'vite';

/** A web shop as its owner writes it: the clients from the registry, bundled, on an origin of its own. */

const ENTRY = 'virtual:shop';
/** Both clients, within reach of a test. */
const SCRIPT = `
import { AnalyticsBrowser } from '@segment/analytics-next';
import { posthog } from 'posthog-js';
Object.assign(window, { AnalyticsBrowser, posthog });
`;
const PAGE = `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"></head>
<body><button id="buy">Buy</button><script type="module" src="/shop.js"></script></body></html>`;

const bundle = async (): Promise<ReadonlyMap<string, string>> => {
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    root: new URL('../..', import.meta.url).pathname,
    build: {
      write: false,
      minify: false,
      rollupOptions: {
        input: { shop: ENTRY },
        output: { entryFileNames: 'shop.js', chunkFileNames: '[name]-[hash].js' },
      },
    },
    plugins: [
      {
        name: 'shop',
        resolveId: (id) => (id === ENTRY ? new URL('shop.mjs', import.meta.url).pathname : undefined),
        load: (id) => (id.endsWith('/shop.mjs') ? SCRIPT : undefined),
      },
    ],
  })) as Rolldown.RolldownOutput;
  return new Map(
    output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source)]),
  );
};

/** Serves the shop until the tests are over; any address that is no script is the page. Resolves with its origin. */
export const serveShop = async (t: Pick<TestContext, 'after'>): Promise<string> => {
  const scripts = await bundle();
  const server = createServer((request, response) => {
    const script = scripts.get(new URL(request.url ?? '/', 'http://shop').pathname);
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? PAGE);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // Another host name than that of the platform, so that its pages are of another site.
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};
