/** Name of the project that the demo has for itself. */
export const DEMO_PROJECT = 'demo';

/** How the demo may be: its first values are what it is without a word. */
export const DEMO_LIMITS = {
  days: { min: 1, max: 90, usual: 30 },
  events: { min: 1_000, max: 20_000_000, usual: 2_000_000 },
  rate: { min: 1, max: 1_000, usual: 20 },
} as const;
