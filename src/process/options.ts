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
  /** Byte limit of the governed topic. */
  readonly governedBytesMax: number;
}

/** How to reach a ClickHouse: ours or a running one. */
export interface WarehouseOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}
