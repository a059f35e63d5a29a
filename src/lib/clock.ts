/** Where the program's notion of time comes from. Injected, so that tests can make the clock jump. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch (integer). May jump either way. */
  nowMs(): number;
  /** Monotonic milliseconds (fractional) since an arbitrary origin. Never goes back. */
  monotonicMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
