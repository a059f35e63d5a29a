import type { EventStorage, Properties } from './types.ts';

/** What differs between a page, a process and a test. */
export interface Environment {
  readonly source: string;
  readonly queueEventsMax: number;
  readonly queueBytesMax: number;
  readonly storage: EventStorage | null;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Calls back once. The process may end before if `mayEnd`. */
  readonly setTimeout: (callback: () => void, ms: number, mayEnd?: boolean) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly gzip: (text: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** What is known of the page; nothing elsewhere. */
  readonly context: () => Properties;
  /** The parameters of the page's address that name a campaign (`utm_...`), if any. Only where there is one person at a time, who is then remembered with their session. */
  readonly campaign?: () => Properties | undefined;
}
