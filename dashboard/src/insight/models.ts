import type { AttributionModel } from '../../../src/contract/attribution.ts';

/** What the ways to share credit are called. */
export const MODEL_WORDS: Readonly<Record<AttributionModel, string>> = {
  first: 'First touch',
  last: 'Last touch',
  linear: 'Linear',
  time_decay: 'Time decay',
  position: 'Position',
  markov: 'Markov',
};
