/** Orders texts by their code units, the same everywhere: what a language makes of them does not matter. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
