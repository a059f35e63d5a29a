/** How large an element is, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** While something is sized by hand it changes with every frame: then that is told so often, and how it ends. */
const EVERY_MS = 100;
/** So many changes in a row are told at once: a page that is being laid out takes no longer. */
const AT_ONCE = 2;

/** Tells the size of an element whenever it changes, the first time soon, until the function that it gives back is called. */
export const watchSize = (element: HTMLElement, tell: (size: Size) => void): (() => void) => {
  let lastMs = Number.NEGATIVE_INFINITY;
  let inRow = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    timer = undefined;
    lastMs = performance.now();
    tell({ width: element.clientWidth, height: element.clientHeight });
  };
  const observer = new ResizeObserver(() => {
    if (timer !== undefined) return;
    const sinceMs = performance.now() - lastMs;
    inRow = sinceMs < EVERY_MS ? inRow + 1 : 0;
    if (inRow < AT_ONCE) run();
    else timer = setTimeout(run, EVERY_MS - sinceMs);
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    clearTimeout(timer);
  };
};
