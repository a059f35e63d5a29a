import { useState } from 'react';

/** Whether two values say the same, as far as JSON can say it. */
export const saysSame = (one: unknown, other: unknown): boolean =>
  Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other);

/** The value as it was first given, for as long as it says the same: what is made of it need not be made anew. */
export const useSame = <T>(value: T): T => {
  const [kept, setKept] = useState(value);
  if (saysSame(kept, value)) return kept;
  setKept(value);
  return value;
};
