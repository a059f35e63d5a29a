/** Pages of the dashboard in a Chromium of their own, signed in, with the counters of its own inspector. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../../test/support/chromium.ts';
import type { Platform } from '../../test/support/platform.ts';
import { signIn } from '../../test/support/sign-in.ts';

const VIEWPORT = { width: 1440, height: 900 };

/** Runs `work` with a Chromium, started with further switches, which is closed afterwards. Throws where there is none. */
export const withBrowser = async <T>(
  args: readonly string[],
  work: (browser: Browser) => Promise<T>,
): Promise<T> => {
  const browser = await launchChromium(args);
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
};

/** A signed-in page with nothing in its cache. Nothing is opened yet. */
export const signedIn = async (browser: Browser, { url }: Platform): Promise<Page> => {
  const context = await browser.newContext({ viewport: VIEWPORT, locale: 'en-US', timezoneId: 'UTC' });
  await signIn(context, url);
  return await context.newPage();
};

/** What a page holds. */
export interface PageMemory {
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Reads what a page holds on to, after everything that it does not was collected. */
export const memoryReader = async (page: Page): Promise<() => Promise<PageMemory>> => {
  const inspector: CDPSession = await page.context().newCDPSession(page);
  await inspector.send('HeapProfiler.enable');
  return async () => {
    await inspector.send('HeapProfiler.collectGarbage');
    const { usedSize } = await inspector.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await inspector.send('Memory.getDOMCounters');
    return { heapBytes: usedSize, nodes, listeners: jsEventListeners };
  };
};

/** What of a heap is the program's, what is code that the browser compiled, and what else the browser keeps for the page; bytes. */
export interface HeapShares {
  readonly program: number;
  readonly compiled: number;
  readonly browser: number;
}

/** Kinds of nodes that are neither the program's nor the browser's: code, and what the engine knows of it and of the shapes of objects. */
const COMPILED: ReadonlySet<string> = new Set(['code', 'object shape', 'hidden']);
const OF_BROWSER: ReadonlySet<string> = new Set(['native', 'synthetic']);

/** As far as the snapshot's format is needed: numbers of all nodes, one after the other. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
}

/** Weighs everything in a snapshot of the heap, which takes the page some seconds. */
export const heapShares = async (page: Page): Promise<HeapShares> => {
  const inspector = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  inspector.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await inspector.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await inspector.detach();
  const { snapshot, nodes } = JSON.parse(chunks.join('')) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  const shares = { program: 0, compiled: 0, browser: 0 };
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type] ?? 0] ?? '';
    const share = COMPILED.has(kind) ? 'compiled' : OF_BROWSER.has(kind) ? 'browser' : 'program';
    shares[share] += nodes[at + size] ?? 0;
  }
  return shares;
};
