/** A statement that was run. */
export interface PastRun {
  readonly sql: string;
  /** When it was run last. */
  readonly atMs: number;
  readonly isKept: boolean;
  /** Undefined: it failed. */
  readonly rows: number | undefined;
  readonly ms: number | undefined;
}

/** So many are remembered, those that are kept among them. */
export const HISTORY_MAX = 100;
/** Statements that are longer are not remembered: the browser has room for some millions of characters in all. */
export const REMEMBERED_MAX = 20_000;

/** Adds a run, first of all. The same statement is there once; the oldest that nobody keeps makes room. */
export const withRun = (
  runs: readonly PastRun[],
  { sql, atMs, rows, ms }: Omit<PastRun, 'isKept'>,
): readonly PastRun[] => {
  if (sql.trim() === '' || sql.length > REMEMBERED_MAX) return runs;
  const before = runs.find((each) => each.sql === sql);
  const others = runs.filter((each) => each !== before);
  return bounded([{ sql, atMs, rows, ms, isKept: before?.isKept ?? false }, ...others]);
};

const bounded = (runs: readonly PastRun[]): readonly PastRun[] => {
  let excess = runs.length - HISTORY_MAX;
  if (excess <= 0) return runs;
  const left: PastRun[] = [];
  for (const run of runs.toReversed())
    if (excess > 0 && !run.isKept) excess -= 1;
    else left.unshift(run);
  return left.slice(0, HISTORY_MAX);
};

/** Keeps a statement, or no more. */
export const withKept = (runs: readonly PastRun[], sql: string, isKept: boolean): readonly PastRun[] =>
  runs.map((run) => (run.sql === sql ? { ...run, isKept } : run));

/** Those that hold all words of a search; what is kept first, the last run first. */
export const foundRuns = (runs: readonly PastRun[], search: string): readonly PastRun[] => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = runs.filter(({ sql }) => words.every((word) => sql.toLowerCase().includes(word)));
  return [...found.filter(({ isKept }) => isKept), ...found.filter(({ isKept }) => !isKept)];
};

const isRun = (value: unknown): value is PastRun =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as PastRun).sql === 'string' &&
  typeof (value as PastRun).isKept === 'boolean' &&
  typeof (value as PastRun).atMs === 'number';

/** What is remembered, as it was written; nothing where it cannot be read. */
export const runsOf = (text: string | null): readonly PastRun[] => {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(list)) return [];
    return list
      .filter(isRun)
      .slice(0, HISTORY_MAX)
      .map((run) => ({
        sql: run.sql,
        atMs: run.atMs,
        isKept: run.isKept,
        rows: typeof run.rows === 'number' ? run.rows : undefined,
        ms: typeof run.ms === 'number' ? run.ms : undefined,
      }));
  } catch {
    return [];
  }
};

const keyOf = (project: string, user: string): string => `aevum-sql:${user}:${project}`;

/** What this browser remembers of a user in a project. */
export const readRuns = (project: string, user: string): readonly PastRun[] => {
  try {
    return runsOf(localStorage.getItem(keyOf(project, user)));
  } catch {
    // Storage may be forbidden; what is run is then remembered as long as the page is open.
    return [];
  }
};

/** Writes it down. Where there is too little room, the older half of what nobody keeps goes. */
export const writeRuns = (project: string, user: string, runs: readonly PastRun[]): void => {
  for (let left = runs; ; left = left.filter(({ isKept }, at) => isKept || at < left.length / 2)) {
    try {
      localStorage.setItem(keyOf(project, user), JSON.stringify(left));
      return;
    } catch {
      if (!left.some(({ isKept }, at) => !isKept && at >= left.length / 2)) return;
    }
  }
};
