import type { DoctorAnswer, Examination, FindingState } from '../contract/doctor.ts';
import { type Check, type Finding, runCheck } from './check.ts';
import { RUNNING_CHECKS, type RunningContext, unfinished } from './running-checks.ts';

/** What examining takes. */
export interface DoctorOptions {
  readonly context: RunningContext;
  /** `RUNNING_CHECKS` unless told otherwise. */
  readonly checks?: readonly Check<RunningContext>[];
  /** How long one check may take; default 10 s. */
  readonly checkMs?: number;
}

const CHECK_MS = 10_000;
const SECOND_MS = 1_000;

const BY_WEIGHT = ['failed', 'warning', 'ok'] as const satisfies readonly FindingState[];

/** Examines a platform that runs, once at a time, and remembers what was found last. */
export class Doctor {
  readonly #options: DoctorOptions;
  /** Checks that were given up and have not ended. */
  readonly #stuck = new Set<string>();
  #running: Promise<Examination> | undefined;
  #last: Examination | null = null;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  /** What was found last. */
  answer(): DoctorAnswer {
    return { running: this.#running !== undefined, last: this.#last };
  }

  /** Runs the checks. Whoever asks while they run gets what they find. */
  examine(): Promise<Examination> {
    this.#running ??= this.#examine().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #examine(): Promise<Examination> {
    const { context, checks = RUNNING_CHECKS } = this.#options;
    const { clock } = context;
    const at = new Date(clock.nowMs()).toISOString();
    const startedMs = clock.monotonicMs();
    const findings: Examination['findings'] = [];
    for (const check of checks) {
      const { state, detail, advice = null } = await this.#run(check);
      findings.push({ check: check.name, about: check.about, state, detail, advice });
    }
    const state = BY_WEIGHT.find((each) => findings.some((finding) => finding.state === each)) ?? 'ok';
    this.#last = { at, elapsed_ms: clock.monotonicMs() - startedMs, state, findings };
    return this.#last;
  }

  async #run(check: Check<RunningContext>): Promise<Finding> {
    const { context, checkMs = CHECK_MS } = this.#options;
    const late = unfinished(checkMs / SECOND_MS);
    // It would wait behind itself.
    if (this.#stuck.has(check.name)) return late;
    this.#stuck.add(check.name);
    const found = runCheck(check, context).finally(() => this.#stuck.delete(check.name));
    const timeout = Promise.withResolvers<Finding>();
    const timer = setTimeout(() => timeout.resolve(late), checkMs);
    try {
      return await Promise.race([found, timeout.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
