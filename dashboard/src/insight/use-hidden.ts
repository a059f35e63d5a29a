import { useState } from 'react';

/** Which lines of a chart are hidden, and what hides or shows one. */
export const useHidden = (): readonly [ReadonlySet<string>, (key: string) => void] => {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string): void => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return [hidden, toggle];
};
