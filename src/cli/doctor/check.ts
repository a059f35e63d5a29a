import type { DataLayout } from '../../config/data-layout.ts';
import type { Config } from '../../config/options.ts';
import type { Clock } from '../../lib/clock.ts';
import { CliError } from '../failure.ts';

/** What a check found. `advice` says what to do, unless all is well or `detail` says it. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly advice?: string;
}

/** What checks look at. */
export interface DoctorContext {
  readonly config: Config;
  readonly layout: DataLayout;
  readonly clock: Clock;
}

/** One thing that is looked at. Checks run one after another, in order; one that throws has failed. */
export interface Check {
  readonly name: string;
  run(context: DoctorContext): Promise<Finding>;
}

/** All is well. */
export const ok = (detail: string): Finding => ({ state: 'ok', detail });

/** It works, but may not always. */
export const warning = (detail: string, advice: string): Finding => ({ state: 'warning', detail, advice });

/** It does not work. */
export const failed = (detail: string, advice: string): Finding => ({ state: 'failed', detail, advice });

/** Runs a check; what it throws becomes a finding. */
export const runCheck = async (check: Check, context: DoctorContext): Promise<Finding> => {
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof CliError) return { state: 'failed', detail: error.message };
    return failed(
      error instanceof Error ? error.message : String(error),
      'Mend what the message says, then run aevum doctor again.',
    );
  }
};
