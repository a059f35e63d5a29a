import { useState } from 'react';

/** Something that may be in vain. */
export interface Attempt {
  readonly isBusy: boolean;
  /** Why it was in vain. */
  readonly trouble: string | undefined;
  /** Does it; nothing else goes on meanwhile. */
  readonly run: (work: () => Promise<unknown>) => void;
}

/** Does something once at a time, and keeps why it was in vain. */
export const useAttempt = (): Attempt => {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const run = (work: () => Promise<unknown>): void => {
    if (isBusy) return;
    setBusy(true);
    setTrouble(undefined);
    work()
      .catch((error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false));
  };
  return { isBusy, trouble, run };
};
