/** Shares of the strongest colour, in percent: what has anything is told from what has nothing. */
const LEAST = 14;
const MOST = 100;

/** How strong the colour of a number is, in percent. By its square root: one large country would leave all others pale. */
export const strengthOf = (value: number, most: number): number => {
  if (value <= 0 || most <= 0) return 0;
  return LEAST + Math.sqrt(Math.min(1, value / most)) * (MOST - LEAST);
};
