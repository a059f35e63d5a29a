import { useState } from 'react';
import { saysSame } from './same.ts';

/** The value as it was first given, for as long as it says the same: what is made of it need not be made anew. */
export const useSame = <T>(value: T): T => {
  const [kept, setKept] = useState(value);
  if (saysSame(kept, value)) return kept;
  setKept(value);
  return value;
};
