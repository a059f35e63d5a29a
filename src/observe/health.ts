/**
 * Health: what works and what does not, in words that say what to do. Each part of the program reports on itself when its state changes; nobody polls.
 */

/** Parts of the program that report. */
export const COMPONENTS = [
  'log',
  'processor',
  'engine',
  'warehouse',
  'ledger',
  'audit',
  'exports',
  'windows',
  'disk',
] as const;
export type Component = (typeof COMPONENTS)[number];

/** `ok`: as it should be. `degraded`: works, but something needs attention or is late. `failed`: does not work. */
export type ComponentState = 'ok' | 'degraded' | 'failed';

/** What a component last said. */
export interface ComponentReport {
  readonly component: Component;
  readonly state: ComponentState;
  /** What is the matter and what to do, or that all is well. Anybody may read it: it names no project, and no number of one or all. */
  readonly message: string;
  /** Names and numbers to it, for whoever may see those of the whole platform. */
  readonly detail?: string | undefined;
}

/** All that a component said, for whoever may see names and numbers. */
export const fullText = ({ message, detail }: ComponentReport): string =>
  detail === undefined ? message : `${message} ${detail}`;

/** Without these no event can be taken in: when one has failed, the program is not ready. Without the others events are taken in and queries wait. */
const ESSENTIAL: ReadonlySet<Component> = new Set(['log', 'disk']);

const ORDER: readonly ComponentState[] = ['failed', 'degraded', 'ok'];

/** Readiness: whether requests should be sent here, and if not, what is missing. */
export interface Readiness {
  readonly ready: boolean;
  /** Names of what is not ready: `start`, `stop`, or components. */
  readonly waitingFor: readonly string[];
}

/** Holds what every component last said. One a program. */
export class HealthRegistry {
  readonly #reports = new Map<Component, ComponentReport>();
  readonly #phase: () => 'starting' | 'ready' | 'stopping';

  constructor(phase: () => 'starting' | 'ready' | 'stopping') {
    this.#phase = phase;
  }

  /** Replaces what a component said before. */
  report(component: Component, state: ComponentState, message: string, detail?: string): void {
    this.#reports.set(component, { component, state, message, detail });
  }

  /** The reports, in the order of COMPONENTS; components that never reported are left out. */
  reports(): ComponentReport[] {
    return COMPONENTS.flatMap((component) => this.#reports.get(component) ?? []);
  }

  /** The worst state of all components. */
  overall(): ComponentState {
    const states = new Set(this.reports().map(({ state }) => state));
    return ORDER.find((state) => states.has(state)) ?? 'ok';
  }

  readiness(): Readiness {
    const phase = this.#phase();
    const failed = this.reports().filter(
      ({ component, state }) => state === 'failed' && ESSENTIAL.has(component),
    );
    const waitingFor = failed.map(({ component }): string => component);
    if (phase !== 'ready') waitingFor.unshift(phase === 'starting' ? 'start' : 'stop');
    return { ready: waitingFor.length === 0, waitingFor };
  }
}
