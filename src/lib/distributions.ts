/**
 * Tails of the distributions that tests are judged by, to about 12 digits. Methods: Lanczos' approximation of the gamma function (g = 7, 9 terms), series and continued fraction of the incomplete gamma
 * function, continued fraction of the incomplete beta function (Abramowitz and Stegun 6.5, 26.5).
 */

const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

const TERMS_MAX = 1_000;
const EPSILON = 1e-15;
const TINY = 1e-300;

/** Natural logarithm of the gamma function, for x > 0. */
const logGamma = (x: number): number => {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const sum = LANCZOS.slice(1).reduce<number>((total, c, index) => total + c / (z + index + 1), LANCZOS[0]);
  const t = z + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
};

/** A continued fraction b0 + a1/(b1 + a2/(b2 + ...)), by the method of Lentz. */
const fraction = (b0: number, term: (n: number) => readonly [a: number, b: number]): number => {
  let f = Math.abs(b0) < TINY ? TINY : b0;
  let c = f;
  let d = 0;
  for (let n = 1; n <= TERMS_MAX; n++) {
    const [a, b] = term(n);
    d = b + a * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + a / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const delta = c * d;
    f *= delta;
    if (Math.abs(delta - 1) < EPSILON) break;
  }
  return f;
};

/** The regularised upper incomplete gamma function Q(a, x), for a > 0 and x >= 0. */
const upperGamma = (a: number, x: number): number => {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n <= TERMS_MAX && Math.abs(term) > Math.abs(sum) * EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * scale;
  }
  return scale / fraction(x + 1 - a, (n) => [-n * (n - a), x + 2 * n + 1 - a]);
};

/** The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1. `y` is 1 - x, told apart because near 1 the difference has no digits left. */
const incompleteBeta = (a: number, b: number, x: number, y: number): number => {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, y, x);
  const scale = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y));
  const value = fraction(1, (n) => {
    const m = Math.floor(n / 2);
    const numerator =
      n % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [numerator, 1];
  });
  return scale / (a * value);
};

/** Probability that a chi-square variable of so many degrees of freedom (at least 1) exceeds `x`. */
export const chiSquareTail = (x: number, degrees: number): number => upperGamma(degrees / 2, x / 2);

/** Probability that Student's t of so many degrees of freedom (above 0, not necessarily whole) is farther from 0 than `t`, on either side. */
export const studentTail = (t: number, degrees: number): number =>
  Number.isFinite(t)
    ? incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t), (t * t) / (degrees + t * t))
    : 0;

const BISECTIONS = 200;

/** The t that Student's t of so many degrees of freedom exceeds, on either side together, with probability `tail` (0 to 1, both not included). */
export const studentQuantile = (tail: number, degrees: number): number => {
  let [low, high] = [0, 1];
  while (studentTail(high, degrees) > tail && high < Number.MAX_VALUE / 2) high *= 2;
  for (let step = 0; step < BISECTIONS && high - low > EPSILON * high; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
