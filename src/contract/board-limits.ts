/** Limits of boards. */
export const BOARD_LIMITS = {
  /** Columns of the grid. */
  columns: 12,
  /** Rows of the grid. */
  rowsMax: 500,
  /** Rows of one tile. */
  tileRowsMax: 40,
  /** Tiles of one board. */
  tilesMax: 40,
  /** Characters of the title of a tile. */
  titleMax: 200,
  /** Characters of a text tile. */
  textMax: 10_000,
  /** Variables of one board. */
  variablesMax: 12,
  /** Choices of one variable. */
  choicesMax: 200,
  /** Tiles that are asked at a time for one reader. */
  askedAtOnce: 4,
  /** Tiles that are asked at a time for all readers together; the others wait. */
  askedAtOnceByAll: 16,
  /** Tiles that wait. Beyond, they fail, to be asked again. */
  waitingMax: 1_000,
} as const;
