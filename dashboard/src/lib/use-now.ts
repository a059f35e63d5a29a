import { createStore } from './store.ts';
import { useStore } from './use-store.ts';

const TICK_MS = 500;

const now = createStore(performance.now());
const tick = (): void => {
  if (!document.hidden) now.set(performance.now());
};
setInterval(tick, TICK_MS);
document.addEventListener('visibilitychange', tick);

/** `performance.now()`, twice a second, for all that show ages: one clock, so that they agree. */
export const useNow = (): number => useStore(now);
