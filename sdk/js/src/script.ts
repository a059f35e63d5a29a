import { createClient } from './browser.ts';
import type { Client, ClientOptions } from './types.ts';

/** What the snippet leaves on the page: the calls made before this script was there, `init` being the first. */
interface Stub {
  readonly q?: readonly (readonly [method: string, parameters: readonly unknown[]])[];
}

declare global {
  interface Window {
    aevum?: Stub | Client;
  }
}

/** The client for a script tag: made by what the snippet's `init` was called with, it does what was called meanwhile, and is `window.aevum` from then on. */
const [[, [options]] = ['init', []], ...calls] = (window.aevum as Stub | undefined)?.q ?? [];
const client = createClient(options as ClientOptions);
window.aevum = client;
for (const [method, parameters] of calls)
  (client[method as keyof Client] as (...all: readonly unknown[]) => unknown)(...parameters);
