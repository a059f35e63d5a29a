import { useEffect } from 'react';
import { guardLeaving } from './address.ts';

/** Asks before what was changed and not saved is left. */
export const useGuard = (isChanged: boolean, question: string): void => {
  useEffect(() => {
    if (!isChanged) return;
    const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    // oxlint-disable-next-line no-alert -- the browser's own question is the only one that can hold it back
    const release = guardLeaving(() => confirm(question));
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      release();
    };
  }, [isChanged, question]);
};
