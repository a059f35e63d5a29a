import { defineEvent } from '../lib/telemetry.ts';

/** A tile failed for a reason that is nobody's business but ours. */
export const tileBroke = defineEvent<{
  readonly incident: string;
  readonly board: string;
  readonly error: unknown;
}>({
  name: 'tile_broke',
  level: 'error',
  message: ({ incident, board, error }) =>
    `A tile of the board ${board} failed (${incident}). ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
});

/** The tiles of a board were read. */
export const boardRead = defineEvent<{
  readonly answered: number;
  readonly failed: number;
  readonly seconds: number;
}>({
  name: 'board_read',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_board_tiles_answered_total',
      help: 'Tiles of boards that were answered.',
      value: ({ answered }) => answered,
    },
    {
      kind: 'counter',
      name: 'aevum_board_tiles_failed_total',
      help: 'Tiles of boards that failed.',
      value: ({ failed }) => failed,
    },
    {
      kind: 'histogram',
      name: 'aevum_board_read_seconds',
      help: 'Time to read the tiles of a board, as of one position.',
      value: ({ seconds }) => seconds,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    },
  ],
});

/** Uses of share links could not be written down; they are tried again. */
export const usesNotKept = defineEvent<{ readonly links: number; readonly error: unknown }>({
  name: 'share_uses_not_kept',
  level: 'warn',
  message: ({ links, error }) =>
    `The uses of ${links} share links could not be written down yet. ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_share_uses_failures_total',
      help: 'Attempts to write down the uses of share links that failed.',
    },
  ],
});
