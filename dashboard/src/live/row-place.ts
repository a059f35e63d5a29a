/** Height of a row; all are alike, so that the list may move without measuring. */
export const ROW_PX = 30;

/** Rows lie at places counted from every so many events, so that no offset grows for as long as a page is open. */
const ORIGIN_EVERY = 10_000;

/** Where things lie in a list that grows at its top, pixels. */
export interface RowPlaces {
  /** Of what holds all rows, from the top of the list. */
  readonly rows: number;
  /** Of the row at an index, 0 the newest, from the top of what holds them: it stays what it was when others come in above, but for one time in 10,000. */
  readonly row: (index: number) => number;
}

/** The places after so many events have been in the list, those that it forgot included: the row at `index` lies `index` rows from its top. */
export const rowPlaces = (shown: number): RowPlaces => {
  const sinceOrigin = shown % ORIGIN_EVERY;
  return { rows: sinceOrigin * ROW_PX, row: (index) => (index - sinceOrigin) * ROW_PX };
};
