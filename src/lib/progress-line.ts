/** What is shown while something takes long: one line that is drawn over on a terminal, a plain line now and then elsewhere. */

/** Where lines go. */
export interface ProgressOutput {
  readonly isTerminal: boolean;
  /** Width of the terminal, characters. */
  readonly columns: number;
  write(text: string): void;
}

/** A moment of what takes long. */
export interface Moment {
  readonly elapsedMs: number;
}

/** How a moment looks. */
export interface Rendering<T extends Moment> {
  /** One line for a terminal of the given width. */
  readonly bar: (state: T, columns: number) => string;
  /** One line for a log. */
  readonly plain: (state: T) => string;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5_000;
const BAR_WIDTH_MAX = 30;

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

const percentOf = (fraction: number): string => `${Math.floor(Math.min(1, fraction) * 100)}%`;

/** Label, bar and facts within a width; without a bar if how far it is (0 to 1) is not known, or where there is no room. */
export const barLine = (
  label: string,
  fraction: number | undefined,
  facts: string,
  columns: number,
): string => {
  if (fraction === undefined) return `${label}  ${facts}`.slice(0, columns);
  const width = Math.min(BAR_WIDTH_MAX, columns - label.length - facts.length - 10);
  if (width < 5) return `${label} ${percentOf(fraction)}  ${facts}`.slice(0, columns);
  const filled = Math.round(Math.min(1, fraction) * width);
  return `${label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)}${percentOf(fraction).padStart(4)}  ${facts}`;
};

/** The same for a log. */
export const plainLine = (label: string, fraction: number | undefined, facts: string): string =>
  `${label}${fraction === undefined ? '' : ` ${percentOf(fraction)}`}  ${facts}`;

/** Draws progress, not too often. */
export class ProgressLine<T extends Moment> {
  readonly #output: ProgressOutput;
  readonly #rendering: Rendering<T>;
  #drawnAtMs: number | undefined;
  #isDrawn = false;

  constructor(output: ProgressOutput, rendering: Rendering<T>) {
    this.#output = output;
    this.#rendering = rendering;
  }

  /** Draws if the last time is long enough ago. */
  update(state: T): void {
    const { isTerminal, columns } = this.#output;
    const { bar, plain } = this.#rendering;
    const intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
    this.#drawnAtMs ??= isTerminal ? -Infinity : state.elapsedMs;
    if (state.elapsedMs - this.#drawnAtMs < intervalMs) return;
    this.#drawnAtMs = state.elapsedMs;
    this.#output.write(isTerminal ? `\r\u001b[2K${bar(state, columns)}` : `${plain(state)}\n`);
    this.#isDrawn = isTerminal;
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#isDrawn) this.#output.write('\r\u001b[2K');
    this.#isDrawn = false;
  }
}
