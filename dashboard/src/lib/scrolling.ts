/** So long after it moved last a page is still being scrolled. Shorter than what lists that keep their place by scrolling leave between two of those. */
const SETTLED_MS = 150;

let movedMs = Number.NEGATIVE_INFINITY;
const note = (): void => {
  movedMs = performance.now();
};

/** Begins to notice, once for the page: whatever on it is scrolled, by whatever means. */
export const noticeScrolling = (): void => {
  document.addEventListener('scroll', note, { capture: true, passive: true });
};

/** Whether somebody is scrolling: what can wait for a moment should, so that the page follows the finger. */
export const isScrolling = (): boolean => performance.now() - movedMs < SETTLED_MS;
