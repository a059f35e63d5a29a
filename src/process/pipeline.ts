import { type MetricState, observe, type Telemetry } from '../lib/telemetry.ts';
import type { Position } from '../log/log.ts';
import type { ConfigurationSnapshot } from './messages.ts';
import type { Step, StepCommit, StepContext, StepRun } from './step.ts';
import { normalise } from './steps/normalise.ts';
import { unique } from './steps/unique.ts';
import type { WorkBatch } from './work-batch.ts';

/** The steps, in the order in which a batch passes them. To add one, write its file under `steps/` and its line here. */
export const STEPS: readonly Step[] = [
  normalise, // every row has an id, a type, an upper-case currency
  unique, // no id twice within the window
];

const STEP_SECONDS = {
  kind: 'histogram',
  name: 'aevum_step_seconds',
  help: 'Time that a pipeline step takes for a batch.',
  buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
} as const;
const STEP_ROWS = {
  kind: 'counter',
  name: 'aevum_step_rows_total',
  help: 'Rows that a step looked at.',
} as const;
const STEP_REFUSED = {
  kind: 'counter',
  name: 'aevum_step_refused_total',
  help: 'Rows that a step refused.',
} as const;

interface TimedStep {
  readonly step: Step;
  readonly run: StepRun;
  readonly seconds: MetricState;
  readonly rows: MetricState;
  readonly refused: MetricState;
}

/** To be called, in order of the batches, once the governed record of a batch is durable. */
export type BatchCommit = (next: Position) => void;

/** The steps, opened: runs batches through them and measures each. */
export class Pipeline {
  readonly #steps: readonly TimedStep[];

  constructor(context: StepContext, telemetry: Telemetry, steps: readonly Step[] = STEPS) {
    this.#steps = steps.map((step) => {
      const labels = { step: step.name };
      return {
        ...{ step, run: step.open(context) },
        seconds: telemetry.series(STEP_SECONDS, labels),
        rows: telemetry.series(STEP_ROWS, labels),
        refused: telemetry.series(STEP_REFUSED, labels),
      };
    });
  }

  /** Runs a batch through all steps. */
  run(batch: WorkBatch, configuration: ConfigurationSnapshot): BatchCommit {
    const commits: StepCommit[] = [];
    for (const { step, run, seconds, rows, refused } of this.#steps) {
      const startedMs = performance.now();
      const refusedBefore = batch.refused;
      batch.allow(step.reasons);
      const commit = run(batch, configuration);
      if (commit !== undefined) commits.push(commit);
      observe(seconds, (performance.now() - startedMs) / 1000);
      observe(rows, batch.rows);
      observe(refused, batch.refused - refusedBefore);
    }
    return function commitBatch(next) {
      const stored = batch.keep();
      for (const commit of commits) commit(next, stored);
    };
  }
}
