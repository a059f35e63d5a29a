import { SLOTS } from './series.ts';

/** Tints of the palette: full colour, then lighter ones, for more series than it has colours. */
export const TINTS = 3;
/** So many series have a look of their own. */
export const LOOKS = SLOTS * TINTS;

/** What a slot looks like: a colour of the palette, and how light. Slots beyond those, and 0, are grey. */
export const lookOf = (slot: number): { readonly colour: number; readonly tint: number } => {
  if (slot <= 0 || slot > LOOKS) return { colour: 0, tint: 0 };
  return { colour: ((slot - 1) % SLOTS) + 1, tint: Math.floor((slot - 1) / SLOTS) };
};

const STRENGTH = [100, 58, 32] as const;

/** The colour of a slot as CSS: `share` of its strength, mixed with the ground. */
export const colourOf = (slot: number, share = 100): string => {
  const { colour, tint } = lookOf(slot);
  const name = colour === 0 ? 'var(--series-other)' : `var(--series-${colour})`;
  const strength = ((STRENGTH[tint] ?? 100) * share) / 100;
  return strength >= 100 ? name : `color-mix(in srgb, ${name} ${strength}%, var(--surface))`;
};
