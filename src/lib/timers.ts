/** Where the program's timers come from. Injected where waiting for them would take too long in tests. */
export interface Timers {
  /** Calls once, after so many milliseconds. The answered function calls it off; calling that late or twice does no harm. */
  after(ms: number, work: () => void): () => void;
  /** Calls again and again, every so many milliseconds. The answered function ends it. */
  every(ms: number, work: () => void): () => void;
}

/** The machine's timers. */
export const systemTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, work) => {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};
