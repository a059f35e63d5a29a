import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AnsweredTile, BoardAnswers, VariableValues } from '../../../src/contract/boards.ts';
import type { Freshness } from '../../../src/contract/question.ts';
import { type ApiError, asApiError, ask, pathOf } from './api.ts';

/** A moment that a board is read as of. */
export interface BoardMoment {
  readonly position: string;
  /** What "now" is, ISO 8601. */
  readonly at: string;
}

/** The answers of a board, all of one position. */
export interface BoardReading {
  readonly version: number;
  /** What all of it is as of. Null: nothing was loaded yet. */
  readonly position: string | null;
  readonly at: string;
  readonly freshness: Freshness;
  readonly tiles: ReadonlyMap<string, AnsweredTile>;
  /** By `performance.now()`. */
  readonly atMs: number;
}

/** What is asked of a board. */
export interface BoardQuestion {
  readonly id: string;
  /** Of the board that is shown: another one is asked anew. */
  readonly version: number;
  /** Ids of the tiles that ask something, as they are read. */
  readonly tiles: readonly string[];
  readonly variables: VariableValues;
  /** Null: as of now. */
  readonly asOf: BoardMoment | null;
}

/** What is known of the answers of a board. */
export interface BoardRead {
  readonly reading: BoardReading | undefined;
  readonly error: ApiError | undefined;
  readonly isFetching: boolean;
  readonly again: () => void;
}

/** Tiles of one request, as many as the server asks at a time: the first ones are there soon. */
const TOGETHER = 4;
/** A board may ask long questions. */
const TIMEOUT_MS = 120_000;

/** Ids in the requests that they are asked in. At least one request. */
export const portionsOf = (tiles: readonly string[]): (readonly string[])[] => {
  const portions = [tiles.slice(0, TOGETHER)];
  for (let at = TOGETHER; at < tiles.length; at += TOGETHER) portions.push(tiles.slice(at, at + TOGETHER));
  return portions;
};

const readAll = async (
  project: string,
  { id, tiles, variables, asOf }: BoardQuestion,
  signal: AbortSignal,
  onPart: (reading: BoardReading) => void,
): Promise<BoardReading> => {
  let moment = asOf;
  let reading: BoardReading | undefined;
  for (const portion of portionsOf(tiles)) {
    const answers: BoardAnswers = await ask(pathOf(`/api/boards/${encodeURIComponent(id)}/query`, project), {
      body: {
        variables,
        ...(portion.length === 0 ? {} : { tiles: portion }),
        ...(moment === null ? {} : { as_of: moment }),
      },
      signal,
      timeoutMs: TIMEOUT_MS,
    });
    if (moment === null && answers.as_of !== null) moment = { position: answers.as_of, at: answers.at };
    const atMs = performance.now();
    reading = {
      ...{ version: answers.version, position: answers.as_of, at: answers.at, freshness: answers.freshness },
      tiles: new Map([...(reading?.tiles ?? []), ...answers.tiles.map((tile) => [tile.id, tile] as const)]),
      atMs: reading?.atMs ?? atMs,
    };
    onPart(reading);
  }
  if (reading === undefined) throw new RangeError('a board is asked at least once');
  return reading;
};

/**
 * Asks the questions of a board. The first position that is answered holds for all of it. What is asked for the first time comes in parts; what is asked again takes the place
 * of the former answers when it is whole, so that what is seen is always of one position. Null asks nothing.
 */
export const useBoardAnswers = (
  project: string,
  question: BoardQuestion | null,
  everyMs: number | undefined,
): BoardRead => {
  const queryKey = ['board answers', project, question];
  const key = JSON.stringify(queryKey);
  const [part, setPart] = useState<{ readonly key: string; readonly reading: BoardReading }>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey,
    enabled: question !== null,
    gcTime: 60_000,
    staleTime: question?.asOf === null || question === null ? 0 : Number.POSITIVE_INFINITY,
    refetchInterval: everyMs ?? false,
    queryFn: ({ signal }) => {
      if (question === null) throw new RangeError('nothing is asked');
      return readAll(project, question, signal, (reading) => {
        if (!signal.aborted) setPart({ key, reading });
      });
    },
  });
  return {
    reading: data ?? (part?.key === key ? part.reading : undefined),
    error: error === null ? undefined : asApiError(error),
    isFetching,
    again: () => void refetch(),
  };
};
