/** Names that a mistyped one may have meant. For error messages: "did you mean ...". */

/** Names longer than this are not compared: the work grows with the product of the lengths. */
const NAME_LENGTH_MAX = 100;

/**
 * Up to `countMax` of `candidates` that are near to `name`, nearest first, and never `name` itself: equal but for case and punctuation, or at most a third of its letters changed, or one
 * containing the other.
 *
 * @example nearestNames('custmer_id', ['customer_id', 'order_id']) // ['customer_id']
 */
export const nearestNames = (name: string, candidates: Iterable<string>, countMax = 3): string[] => {
  const wanted = plain(name);
  if (wanted.length === 0 || wanted.length > NAME_LENGTH_MAX) return [];
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate === name) continue;
    const score = distanceScore(wanted, plain(candidate));
    if (score !== undefined) scored.push({ candidate, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, countMax).map((entry) => entry.candidate);
};

/** ` Did you mean "a" or "b"?`, with a leading space, or nothing. */
export const didYouMean = (name: string, candidates: Iterable<string>): string => {
  const near = nearestNames(name, candidates).map((candidate) => `"${candidate}"`);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
};

const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]+/gu, '');

const distanceScore = (wanted: string, candidate: string): number | undefined => {
  if (candidate.length === 0 || candidate.length > NAME_LENGTH_MAX) return undefined;
  if (wanted === candidate) return 0;
  const edits = editDistance(wanted, candidate);
  if (edits <= Math.max(1, Math.floor(wanted.length / 3))) return edits;
  const contained =
    wanted.length >= 3 && candidate.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
  return contained ? NAME_LENGTH_MAX + edits : undefined;
};

/** Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + changed,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
};
