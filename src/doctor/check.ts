import type { DataLayout } from '../config/data-layout.ts';
import type { Config } from '../config/options.ts';
import type { Clock } from '../lib/clock.ts';

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
export interface Check<Context = DoctorContext> {
  readonly name: string;
  /** What is looked at, and what it would mean if it were not well. */
  readonly about: string;
  run(context: Context): Promise<Finding>;
}

/** All is well. */
export const ok = (detail: string): Finding => ({ state: 'ok', detail });

/** It works, but may not always. */
export const warning = (detail: string, advice: string): Finding => ({ state: 'warning', detail, advice });

/** It does not work. */
export const failed = (detail: string, advice: string): Finding => ({ state: 'failed', detail, advice });

/** Runs a check; what it throws becomes a finding. `tells`: whether the message of an error says by itself what to do. */
export const runCheck = async <Context>(
  check: Check<Context>,
  context: Context,
  tells: (error: unknown) => boolean = () => false,
): Promise<Finding> => {
  try {
    return await check.run(context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (tells(error)) return { state: 'failed', detail: message };
    return failed(message, 'Mend what the message says, then run the checks again.');
  }
};
