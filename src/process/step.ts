import type { ReasonCode } from '../event/outcome.ts';
import type { Position } from '../log/log.ts';
import type { ConfigurationSnapshot } from './messages.ts';
import type { UniqueState } from './unique/unique-state.ts';
import type { WorkBatch } from './work-batch.ts';

/**
 * One step of the pipeline. How to add one: `docs/how-to-add-a-step.md`.
 */
export interface Step {
  /** As in metrics and docs. */
  readonly name: string;
  /** Every reason for which it may refuse a row. Others throw. */
  readonly reasons: readonly ReasonCode[];
  /** Prepares it, once a process. */
  open(context: StepContext): StepRun;
}

/** The state that steps share, for them to take what they need. */
export interface StepContext {
  readonly unique: UniqueState;
}

/**
 * Looks at a batch: marks rows as refused, or replaces columns. Synchronous, and must not throw for any content of the rows. What is to be done once the decision is durable, it
 * returns: state is a function of the governed log, so it may change for good only then. Batches are committed in the order in which they ran.
 */
export type StepRun = (batch: WorkBatch, configuration: ConfigurationSnapshot) => StepCommit | undefined;

/** Told that the governed record before `next` is durable. `stored` has a 1 for each row that it stores; undefined: all. */
export type StepCommit = (next: Position, stored: Uint8Array | undefined) => void;
