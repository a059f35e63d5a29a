import type { WindowState } from './metric.ts';

/** A metric that has not come forward for so long though there is something to do needs a look. */
const STUCK_MS = 60_000;
/** So many metrics are named. */
const NAMED_MAX = 3;

/** How it stands with the windows of all metrics, and what to do. */
export const windowsHealth = (
  states: readonly WindowState[],
): { readonly state: 'ok' | 'degraded'; readonly message: string } => {
  const waiting = states.filter(({ trouble, stuckMs }) => trouble !== null || stuckMs >= STUCK_MS);
  const [first] = waiting;
  if (first !== undefined) {
    const names = waiting.slice(0, NAMED_MAX).map(({ metric }) => metric);
    const more = waiting.length > names.length ? ` and ${waiting.length - names.length} more` : '';
    const reason = first.trouble === null ? '' : ` (${first.trouble.replace(/[\s.]+$/u, '')})`;
    return {
      state: 'degraded',
      message: `The session and count windows of ${names.join(', ')}${more} do not come forward${reason}. It is tried again. Questions about them are answered from the events meanwhile, which is slower; nothing is lost.`,
    };
  }
  if (states.length === 0) return { state: 'ok', message: 'No metric has session or count windows.' };
  const behind = states.filter(({ next, end }) => (next ?? 0) < end);
  const records = behind.reduce((sum, { next, end }) => sum + end - (next ?? 0), 0);
  const said = `Session and count windows of ${states.length} ${states.length === 1 ? 'metric' : 'metrics'} are kept`;
  return {
    state: 'ok',
    message:
      behind.length === 0 ? `${said}.` : `${said}; ${behind.length} have ${records} records before them.`,
  };
};
