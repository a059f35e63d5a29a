/** Whether two values say the same, as far as JSON can say it. */
export const saysSame = (one: unknown, other: unknown): boolean =>
  Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other);
