import type { ApiError } from '../data/api.ts';
import { plural } from '../lib/format.ts';
import type { HeldTiles } from './shown-tiles.ts';

/** Why a board shows no numbers, or old ones. */
export interface BoardTrouble {
  readonly title: string;
  readonly text: string;
  /** There are no numbers at all. */
  readonly isEmpty: boolean;
}

interface Known {
  /** What was answered to what is asked now. */
  readonly reading: object | undefined;
  /** What is seen. */
  readonly shown: object | undefined;
  readonly held?: HeldTiles | undefined;
  readonly error: ApiError | undefined;
}

/** What is to be said above what was not answered, whole or in part. It is said once, not by each tile. */
export const boardTrouble = ({ reading, shown, held, error }: Known): BoardTrouble | undefined => {
  if (error !== undefined && shown === undefined)
    return { title: 'Nothing was answered.', text: error.message, isEmpty: true };
  if (error !== undefined)
    return {
      title: 'No new numbers.',
      text: `${error.message} ${
        reading === undefined
          ? 'What is shown answers what was chosen before.'
          : 'Those that are shown are older.'
      }`,
      isEmpty: false,
    };
  if (held === undefined) return undefined;
  return {
    title: `${plural(held.count, 'tile shows', 'tiles show')} older numbers.`,
    text: held.message,
    isEmpty: false,
  };
};
