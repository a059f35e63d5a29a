import { barLine, formatCount, formatDuration, plainLine, type Rendering } from '../lib/progress-line.ts';

/** What is shown while a simulation runs. */

/** A moment of a simulation. */
export interface SimulationProgress {
  readonly label: string;
  /** 0 to 1; undefined without an end. */
  readonly fraction: number | undefined;
  readonly elapsedMs: number;
  readonly events: number;
  /** Events a second of late. */
  readonly perSecond: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejectedBy: ReadonlyMap<string, number>;
  readonly behindMs: number;
  /** Why it waits. */
  readonly trouble: string | undefined;
  readonly remainingMs: number | undefined;
}

const REASONS_SHOWN_MAX = 3;
/** Less is the grain of timers. */
const BEHIND_SHOWN_MS = 100;

const rejectedText = ({ rejected, rejectedBy }: SimulationProgress): string => {
  const reasons = [...rejectedBy].sort(([, a], [, b]) => b - a);
  const shown = reasons.slice(0, REASONS_SHOWN_MAX).map(([code, count]) => `${code} ${formatCount(count)}`);
  if (reasons.length > REASONS_SHOWN_MAX) shown.push('…');
  return `${formatCount(rejected)} rejected (${shown.join(', ')})`;
};

const factsOf = (progress: SimulationProgress): string[] => {
  const { events, perSecond, accepted, rejected, behindMs, trouble, remainingMs } = progress;
  return [
    `${formatCount(events)} sent`,
    `${formatCount(perSecond)}/s`,
    trouble === undefined ? '' : `waiting: ${trouble}`,
    behindMs > BEHIND_SHOWN_MS ? `${formatDuration(behindMs)} behind` : '',
    remainingMs === undefined ? '' : `${formatDuration(remainingMs)} left`,
    `${formatCount(accepted)} accepted`,
    rejected > 0 ? rejectedText(progress) : '',
  ].filter((fact) => fact !== '');
};

const GAP = '  ';

/** As many facts as there is room for: the first ones are the most important. */
const fitting = (facts: readonly string[], columns: number): string => {
  let shown = facts.length;
  while (shown > 1 && facts.slice(0, shown).join(GAP).length > columns) shown -= 1;
  return facts.slice(0, shown).join(GAP);
};

/** Room for the percentage and the gaps beside label and facts. */
const PERCENT_ROOM = 7;

/** How a simulation is drawn. */
export const SIMULATION_RENDERING: Rendering<SimulationProgress> = {
  bar: (progress, columns) => {
    const { label, fraction } = progress;
    const facts = fitting(factsOf(progress), columns - label.length - PERCENT_ROOM);
    return barLine(label, fraction, facts, columns);
  },
  plain: (progress) => plainLine(progress.label, progress.fraction, factsOf(progress).join(GAP)),
};

const SAMPLE_EVERY_MS = 500;
const SAMPLES_MAX = 10;

/** Events a second over the last few seconds. */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly events: number }[] = [];

  /** Notes how many there were by then, and answers the rate. */
  perSecond(atMs: number, events: number): number {
    const last = this.#samples.at(-1);
    if (last === undefined || atMs - last.atMs >= SAMPLE_EVERY_MS) {
      this.#samples.push({ atMs, events });
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    }
    const [first] = this.#samples;
    return first === undefined || atMs <= first.atMs
      ? 0
      : ((events - first.events) * 1000) / (atMs - first.atMs);
  }
}
