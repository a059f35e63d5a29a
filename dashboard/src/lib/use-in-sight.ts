import { type RefObject, useEffect, useState } from 'react';

/** So far below the screen something is made ready. */
const AHEAD = '240px';

/** Whether an element is, or is about to be, in sight. */
export const useInSight = (element: RefObject<HTMLElement | null>): boolean => {
  const [isInSight, setInSight] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const observer = new IntersectionObserver(
      (entries) => setInSight(entries.at(-1)?.isIntersecting === true),
      { rootMargin: AHEAD },
    );
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return isInSight;
};
