/** So long after it moved last a page is still being scrolled. Shorter than what lists that keep their place by scrolling leave between two of those. */
const SETTLED_MS = 150;

/** Somebody who may be scrolling: what can wait for a moment should, so that the page follows the finger. */
export interface Scrolling {
  readonly isScrolling: () => boolean;
  readonly end: () => void;
}

/** Notices whatever on the page is scrolled, by whatever means. */
export const watchScrolling = (): Scrolling => {
  let movedMs = Number.NEGATIVE_INFINITY;
  const note = (): void => {
    movedMs = performance.now();
  };
  document.addEventListener('scroll', note, { capture: true, passive: true });
  return {
    isScrolling: () => performance.now() - movedMs < SETTLED_MS,
    end: () => document.removeEventListener('scroll', note, { capture: true }),
  };
};
