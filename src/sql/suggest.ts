const SUGGESTIONS_MAX = 3;

/** Steps (insert, delete, replace, swap neighbours) from one word to another; more than `max` counts as `max + 1`. */
const distance = (a: string, b: string, max: number): number => {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, (before[j - 2] ?? 0) + 1);
      next.push(steps);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? max + 1;
};

/** The names that are most like a word: at most three, best first. */
export const suggest = (word: string, names: Iterable<string>): string[] => {
  const wanted = word.toLowerCase();
  const max = wanted.length <= 4 ? 1 : wanted.length <= 8 ? 2 : 3;
  const found: { name: string; steps: number }[] = [];
  for (const name of names) {
    const steps = distance(wanted, name.toLowerCase(), max);
    if (steps <= max) found.push({ name, steps });
  }
  return found
    .sort((a, b) => a.steps - b.steps || a.name.localeCompare(b.name))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ name }) => name);
};
