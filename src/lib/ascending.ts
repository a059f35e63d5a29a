/** Index of the last of ascending words that is at most `word`, or -1. */
export const lastAtMost = (ascending: Uint32Array, word: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= word) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
