import { ROW_PX } from './row-place.ts';

/** Rows beyond the edges of what is seen that are kept ready, at the least. */
const OVERSCAN = 8;
/** Scrolling draws other rows so many at a time: what it costs to draw any at all is paid less often. */
const BLOCK = 8;
/** Nearer to the top than this, pixels, somebody follows what comes in. */
const AT_TOP_PX = 2;

/** Which rows are drawn. Told by numbers of events, which stay what they are when others come in above. */
export interface DrawnRows {
  /** How many events had been in the list with the newest one that is drawn; undefined is: from the top, whatever comes in. */
  readonly newest: number | undefined;
  readonly count: number;
}

/** Whether a list scrolled so far, pixels, shows what comes in, instead of keeping in place what is read. */
export const isAtTop = (offsetPx: number): boolean => offsetPx < AT_TOP_PX;

/** What to draw of a list of that height, scrolled so far, in which so many events have been. */
export const drawnRows = (offsetPx: number, heightPx: number, shown: number): DrawnRows => {
  const count = Math.ceil(heightPx / ROW_PX) + BLOCK + 2 * OVERSCAN;
  if (isAtTop(offsetPx)) return { newest: undefined, count };
  const first = shown - Math.floor(offsetPx / ROW_PX);
  return { newest: Math.ceil(first / BLOCK) * BLOCK + OVERSCAN, count };
};

/** Where in the list the rows are that are drawn, the index behind the last one included: of so many in it, after so many have been in it. */
export const drawnIndexes = (
  { newest, count }: DrawnRows,
  inList: number,
  shown: number,
): readonly [from: number, to: number] => {
  const from = newest === undefined ? 0 : shown - newest;
  const clamp = (index: number): number => Math.max(0, Math.min(inList, index));
  return [clamp(from), clamp(from + count)];
};
