import { type RefObject, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { watchSize } from '../lib/watch-size.ts';
import { drawnIndexes, drawnRows, isAtTop } from './drawn-rows.ts';
import { ROW_PX } from './row-place.ts';

interface Drawn {
  /** The first row that is drawn, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Scrolls no further than it takes to see a row. */
  readonly reveal: (index: number) => void;
}

/** Which rows of a list that grows at its top are drawn, of so many in it, after so many have been in it. Whoever has scrolled down keeps what is being read in place when events come in above. */
export const useDrawnRows = (
  host: RefObject<HTMLDivElement | null>,
  inList: number,
  shown: number,
): Drawn => {
  const [drawn, setDrawn] = useState(() => drawnRows(0, 0, shown));
  const before = useRef(shown);
  // As scrolling and sizing left them: asking the element would have the page laid out whenever events come in.
  const offset = useRef(0);
  const height = useRef(0);
  const look = useEffectEvent(() => {
    const next = drawnRows(offset.current, height.current, shown);
    setDrawn((now) => (now.newest === next.newest && now.count === next.count ? now : next));
  });
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const note = (): void => {
      offset.current = element.scrollTop;
      look();
    };
    const measure = (): void => {
      height.current = element.clientHeight;
      note();
    };
    measure();
    element.addEventListener('scroll', note, { passive: true });
    const end = watchSize(element, measure);
    return () => {
      element.removeEventListener('scroll', note);
      end();
    };
  }, [host]);
  const keepPlace = useEffectEvent((added: number) => {
    const element = host.current;
    if (added === 0 || element === null || isAtTop(offset.current)) return;
    if (added > 0 && added < inList) {
      element.scrollBy({ top: added * ROW_PX, behavior: 'instant' });
      offset.current = element.scrollTop;
    }
    look();
  });
  useLayoutEffect(() => {
    keepPlace(shown - before.current);
    before.current = shown;
  }, [shown]);
  const [from, to] = drawnIndexes(drawn, inList, shown);
  return {
    from,
    to,
    reveal: (index) => {
      const element = host.current;
      if (element === null) return;
      const [top, now] = [index * ROW_PX, element.scrollTop];
      const least = top + ROW_PX - element.clientHeight;
      if (top < now || least > now) element.scrollTo({ top: top < now ? top : least, behavior: 'instant' });
    },
  };
};
