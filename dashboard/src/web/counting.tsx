import { type ReactNode, useEffect, useState } from 'react';

/** Before this nothing is said: most answers are there sooner. */
const QUIET_MS = 400;
const TELLING_MS = 3_000;

/** Says that a count goes on, the more clearly the longer it takes. Whoever chooses something else ends it. */
export const Counting = ({ isOn }: { readonly isOn: boolean }): ReactNode => {
  const [phase, setPhase] = useState<'quiet' | 'bar' | 'words'>('quiet');
  useEffect(() => {
    if (!isOn) return;
    const timers = [
      setTimeout(() => setPhase('bar'), QUIET_MS),
      setTimeout(() => setPhase('words'), TELLING_MS),
    ];
    return () => {
      for (const timer of timers) clearTimeout(timer);
      setPhase('quiet');
    };
  }, [isOn]);
  const isShown = isOn && phase !== 'quiet';
  return (
    <div className="web-counting" role="status">
      {isShown ? <span className="web-counting-bar" /> : null}
      {isOn && phase === 'words' ? (
        <span className="web-counting-words">
          Counting. A long time with many events takes a while; choose another and this one ends.
        </span>
      ) : null}
    </div>
  );
};
