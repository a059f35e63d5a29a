import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  AnsweredTile,
  AnswersLine,
  BoardAnswers,
  VariableValues,
} from '../../../src/contract/boards.ts';
import type { Freshness } from '../../../src/contract/question.ts';
import { ApiError, type Asking, askLines, pathOf } from './api.ts';
import { failureOf } from './client.ts';

/** A moment that a board is read as of. */
export interface BoardMoment {
  readonly position: string;
  /** What "now" is, ISO 8601. */
  readonly at: string;
}

/** The answers of a board, all of one position. */
export interface BoardReading {
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
  /** Tells what is asked from what was asked before. */
  readonly question: string;
  /** Not whole while it is asked for the first time. */
  readonly reading: BoardReading | undefined;
  readonly error: ApiError | undefined;
  readonly isFetching: boolean;
  readonly again: () => void;
}

/** A board may ask long questions. */
const TIMEOUT_MS = 120_000;

/** What the first line tells. */
type Head = Pick<BoardAnswers, 'as_of' | 'at' | 'freshness'>;

/** A request for the answers of a board. */
type Request = Pick<Asking, 'body' | 'token'> & { readonly path: string };

/** Reads answers line by line: the server takes the position once, and tells each tile as soon as it is answered. */
const readLines = async (
  { path, ...asking }: Request,
  signal: AbortSignal,
  onPart: (reading: BoardReading) => void,
): Promise<BoardReading> => {
  let reading: BoardReading | undefined;
  let isWhole = false;
  await askLines(path, { ...asking, signal, timeoutMs: TIMEOUT_MS }, (line) => {
    if (reading === undefined) {
      const { as_of: position, at, freshness } = line as Head;
      reading = { position, at, freshness, tiles: new Map(), atMs: performance.now() };
    } else {
      const told = line as AnswersLine;
      if (told.state === 'end') isWhole = true;
      else reading = { ...reading, tiles: new Map([...reading.tiles, [told.id, told]]) };
    }
    onPart(reading);
  });
  if (reading === undefined || !isWhole)
    throw new ApiError(0, 'unreachable', 'The connection ended before all tiles were answered.');
  return reading;
};

interface Wanted {
  /** Tells one question from another. */
  readonly key: readonly unknown[];
  /** Null asks nothing. */
  readonly request: Request | null;
  /** What was answered holds for good. */
  readonly isPinned: boolean;
  readonly everyMs: number | undefined;
}

/**
 * Asks for the answers of a board, all of one position. What is asked for the first time comes tile by tile; what is asked again takes the place of the former answers when it is whole, so that what is
 * seen is always of one position.
 */
const useReading = ({ key: queryKey, request, isPinned, everyMs }: Wanted): BoardRead => {
  const client = useQueryClient();
  const key = JSON.stringify(queryKey);
  const [part, setPart] = useState<{ readonly key: string; readonly reading: BoardReading }>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey,
    enabled: request !== null,
    gcTime: 60_000,
    staleTime: isPinned ? Number.POSITIVE_INFINITY : 0,
    refetchInterval: everyMs ?? false,
    queryFn: ({ signal }) => {
      if (request === null) throw new RangeError('nothing is asked');
      return readLines(request, signal, (reading) => {
        if (!signal.aborted) setPart({ key, reading });
      });
    },
  });
  return {
    question: key,
    reading: data ?? (part?.key === key ? part.reading : undefined),
    error: failureOf(client, queryKey, { data, error }),
    isFetching,
    again: () => void refetch(),
  };
};

/** Asks the questions of a board. */
export const useBoardAnswers = (
  project: string,
  { id, version, tiles, variables, asOf }: BoardQuestion,
  everyMs: number | undefined,
): BoardRead =>
  useReading({
    key: ['board answers', project, { id, version, tiles, variables, asOf }],
    request: {
      path: pathOf(`/api/boards/${encodeURIComponent(id)}/query`, project),
      body: { variables, ...(asOf === null ? {} : { as_of: asOf }) },
    },
    isPinned: asOf !== null,
    everyMs,
  });

/** Asks for the answers of a board that a link shows. A changed board is asked anew; one without questions, not at all. */
export const useSharedBoardAnswers = (
  token: string,
  variables: VariableValues,
  board: { readonly updated_at: string; readonly isPinned: boolean; readonly asks: boolean },
  everyMs: number | undefined,
): BoardRead =>
  useReading({
    key: ['shared board answers', token, variables, board.updated_at],
    request: board.asks ? { path: '/api/share/query', body: { variables }, token } : null,
    isPinned: board.isPinned,
    everyMs: board.isPinned ? undefined : everyMs,
  });
