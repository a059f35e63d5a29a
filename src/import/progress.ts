/** What is shown while an import runs: one line that is drawn over on a terminal, a plain line now and then elsewhere. */

/** A moment of an import. */
export interface ProgressState {
  /** What is being done, for example `Importing`. */
  readonly label: string;
  /** 0 to 1; undefined when the size is not known. */
  readonly fraction: number | undefined;
  /** Rows dealt with, those of an earlier run included. */
  readonly rows: number;
  /** Of these, by an earlier run: they say nothing about the speed. */
  readonly before: number;
  readonly quarantined: number;
  readonly elapsedMs: number;
}

/** Where lines go. */
export interface ProgressOutput {
  readonly isTerminal: boolean;
  /** Width of the terminal, characters. */
  readonly columns: number;
  write(text: string): void;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5_000;
const BAR_WIDTH_MAX = 30;
/** Below this, speed is not worth telling. */
const RATE_AFTER_MS = 500;

/** `1,234,567`. */
export const formatCount = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/gu, ',');

/** `850 ms`, `4.2 s`, `3 min 07 s`, `2 h 05 min`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
};

/** Time left at the pace so far; undefined while there is nothing to go by. */
export const remainingMs = ({ fraction, elapsedMs }: ProgressState): number | undefined => {
  if (fraction === undefined || fraction <= 0 || elapsedMs < RATE_AFTER_MS) return undefined;
  return (elapsedMs / fraction) * (1 - Math.min(1, fraction));
};

const factsOf = (state: ProgressState): string => {
  const facts = [`${formatCount(state.rows)} rows`];
  if (state.elapsedMs >= RATE_AFTER_MS)
    facts.push(`${formatCount(((state.rows - state.before) * 1000) / state.elapsedMs)}/s`);
  if (state.quarantined > 0) facts.push(`${formatCount(state.quarantined)} quarantined`);
  const left = remainingMs(state);
  if (left !== undefined && (state.fraction ?? 1) < 1) facts.push(`${formatDuration(left)} left`);
  return facts.join('  ');
};

const percentOf = (fraction: number): string => `${Math.floor(Math.min(1, fraction) * 100)}%`.padStart(4);

/** One line for a terminal of the given width. */
export const renderBar = (state: ProgressState, columns: number): string => {
  const facts = factsOf(state);
  if (state.fraction === undefined) return `${state.label}  ${facts}`.slice(0, columns);
  const width = Math.min(BAR_WIDTH_MAX, columns - state.label.length - facts.length - 10);
  if (width < 5) return `${state.label}${percentOf(state.fraction)}  ${facts}`.slice(0, columns);
  const filled = Math.round(Math.min(1, state.fraction) * width);
  return `${state.label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)}${percentOf(state.fraction)}  ${facts}`;
};

/** One line for a log. */
export const renderPlain = (state: ProgressState): string =>
  `${state.label}${state.fraction === undefined ? '' : percentOf(state.fraction)}  ${factsOf(state)}`;

/** Draws progress, not too often. */
export class ProgressLine {
  readonly #output: ProgressOutput;
  #drawnAtMs: number | undefined;
  #isDrawn = false;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Draws if the last time is long enough ago. */
  update(state: ProgressState): void {
    const { isTerminal, columns } = this.#output;
    const intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
    this.#drawnAtMs ??= isTerminal ? -Infinity : state.elapsedMs;
    if (state.elapsedMs - this.#drawnAtMs < intervalMs) return;
    this.#drawnAtMs = state.elapsedMs;
    this.#output.write(isTerminal ? `\r\u001b[2K${renderBar(state, columns)}` : `${renderPlain(state)}\n`);
    this.#isDrawn = isTerminal;
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#isDrawn) this.#output.write('\r\u001b[2K');
    this.#isDrawn = false;
  }
}
