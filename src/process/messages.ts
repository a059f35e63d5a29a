import type { Position } from '../log/log.ts';
import type { LoadedUsersMessage } from './loaded-users.ts';
import type { Level, MetricState } from '../lib/telemetry.ts';
import type { WindowMetric, WindowState } from '../window/metric.ts';
import type { ProcessOptions } from './options.ts';

/** What processing may depend on, as one immutable, versioned snapshot; governed records name the version that decided them. */
export interface ConfigurationSnapshot {
  readonly version: number;
  /** De-duplication window: an id is a duplicate if stored less than this before. Stale limit + future limit. */
  readonly uniqueWindowMs: number;
  /** Metrics whose session and count windows are kept; undefined: not known yet, so what is kept stays. */
  readonly windows?: readonly WindowMetric[];
}

/** Node -> processor. The first message is `start`. */
export type ToProcess =
  | {
      readonly kind: 'start';
      readonly options: ProcessOptions;
      readonly configuration: ConfigurationSnapshot;
    }
  | { readonly kind: 'configuration'; readonly configuration: ConfigurationSnapshot }
  /** The raw topic is durable up to (not including) `next`. */
  | { readonly kind: 'raw'; readonly next: Position }
  /** Take in no more, finish the load under way, save state, exit 0. */
  | { readonly kind: 'stop' };

/** How far the processor has come. All are exclusive ends ("next"). */
export interface Progress {
  /** Raw records before this are decided (their governed record is durable). */
  readonly rawDecided: Position;
  /** Raw records before this are loaded: queryable. */
  readonly rawLoaded: Position;
  readonly governedNext: Position;
  /** Governed records before this are loaded: queryable. */
  readonly governedLoaded: Position;
}

/** Processor -> node. */
export type FromProcess =
  | { readonly kind: 'ready'; readonly progress: Progress }
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** Which users the events name that were loaded since the last one, before progress tells that they are. */
  | { readonly kind: 'users'; readonly users: LoadedUsersMessage }
  | {
      readonly kind: 'log';
      readonly level: Level;
      readonly name: string;
      readonly message: string;
      readonly fields: unknown;
    }
  | { readonly kind: 'metrics'; readonly metrics: readonly MetricState[] }
  /** How far the windows of each metric have come. */
  | { readonly kind: 'windows'; readonly states: readonly WindowState[] }
  /** Loading does not succeed at present (null: it does again). Processing goes on. */
  | { readonly kind: 'trouble'; readonly what: string | null };
