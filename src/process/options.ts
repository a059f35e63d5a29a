/** Where a processor finds its topics, its state and the warehouse. Plain data: it crosses a process boundary. */
export interface ProcessOptions {
  readonly log:
    | { readonly kind: 'segments'; readonly dir: string }
    | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly prefix: string };
  /** Folder of the processor's own state (de-duplication runs, hot log, load intent). */
  readonly stateDir: string;
  readonly warehouse: WarehouseOptions;
  /** Loads start at least this far apart, milliseconds. */
  readonly loadIntervalMs: number;
  /** Byte limit of the governed topic; well above a batch (32 MiB). */
  readonly governedBytesMax: number;
  /** About this much of the governed topic is kept behind what is loaded, for consumers that follow it live; default `GOVERNED_KEEP_BYTES_DEFAULT`. */
  readonly governedKeepBytes?: number;
  /** Session and count windows of metrics in memory at most, of all together; default `WINDOWS_IN_MEMORY_MAX_DEFAULT`. */
  readonly windowsInMemoryMax?: number;
}

/** How to reach a ClickHouse: ours or a running one. */
export interface WarehouseOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** Where an engine on this machine takes loads as files; without it they are sent. */
  readonly bodiesDir?: string;
}

/** Enough for a live client to come back after some minutes. */
export const GOVERNED_KEEP_BYTES_DEFAULT = 128 * 1024 * 1024;
