import type { WindowState } from './metric.ts';

/** A metric that has not come forward for so long though there is something to do needs a look. */
const STUCK_MS = 60_000;
/** So many metrics are named. */
const NAMED_MAX = 3;

/** How it stands with the windows of all metrics. */
export interface WindowsHealth {
  readonly state: 'ok' | 'degraded';
  /** For anybody: without names and numbers. */
  readonly message: string;
  readonly detail?: string;
}

/** How it stands with the windows of all metrics, and what to do. */
export const windowsHealth = (states: readonly WindowState[]): WindowsHealth => {
  const waiting = states.filter(({ trouble, stuckMs }) => trouble !== null || stuckMs >= STUCK_MS);
  const [first] = waiting;
  if (first !== undefined) {
    const names = waiting.slice(0, NAMED_MAX).map(({ metric }) => metric);
    const more = waiting.length > names.length ? ` and ${waiting.length - names.length} more` : '';
    const reason = first.trouble === null ? '' : ` (${first.trouble.replace(/[\s.]+$/u, '')})`;
    return {
      state: 'degraded',
      message:
        'Session and count windows do not come forward. It is tried again. Questions about their metrics are answered from the events meanwhile, which is slower; nothing is lost.',
      detail: `They are those of ${names.join(', ')}${more}${reason}.`,
    };
  }
  if (states.length === 0) return { state: 'ok', message: 'No metric has session or count windows.' };
  const behind = states.filter(({ next, end }) => (next ?? 0) < end);
  const records = behind.reduce((sum, { next, end }) => sum + end - (next ?? 0), 0);
  const kept = `Of ${states.length} ${states.length === 1 ? 'metric' : 'metrics'}`;
  return {
    state: 'ok',
    message: 'Session and count windows are kept.',
    detail:
      behind.length === 0 ? `${kept}.` : `${kept}; ${behind.length} have ${records} records before them.`,
  };
};
