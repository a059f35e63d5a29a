import { randomBytes } from 'node:crypto';
import { BOARD_LIMITS } from '../contract/board-limits.ts';
import type { AnsweredTile, AskedTile, BoardAnswers, VariableValues } from '../contract/boards.ts';
import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { AsOfInput, Freshness } from '../contract/question.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { parseAsOf } from '../query/as-of.ts';
import { asOf, freshnessOf, type Standing } from '../query/freshness.ts';
import { isoOf } from '../query/instant.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { AskedBy, Followed, RunningQueries } from '../query/running.ts';
import type { QueryService } from '../query/service.ts';
import { PANE_MS } from '../query/time-range.ts';
import { askedTiles, type BoardContent, type InsightContent, insightIdsOf } from './content.ts';
import { questionWith } from './question.ts';
import type { Saved, SavedStore } from './saved-store.ts';
import { Turns } from './turns.ts';
import { changesOf, type Settings, settle } from './variables.ts';
import { boardRead, tileBroke } from './telemetry.ts';

/** What reading boards needs. */
export interface BoardReaderOptions {
  readonly insights: SavedStore<InsightContent>;
  readonly service: Pick<QueryService, 'query'>;
  /** How far everything is, now. */
  readonly standing: (project: string) => Standing;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Follows questions, also while they wait for their turn; without it they are not followed. */
  readonly running?: RunningQueries | undefined;
}

/** One moment that everything of a board is read as of. */
export interface Moment {
  /** Null: nothing was loaded yet. */
  readonly position: string | null;
  /** What "now" is. */
  readonly atMs: number;
  readonly freshness: Freshness;
}

/** Who reads what. */
export interface Reading {
  readonly project: string;
  readonly board: Saved<BoardContent>;
  readonly values: VariableValues;
  /** Only these, by id. */
  readonly only?: readonly string[] | undefined;
  readonly moment: Moment;
  /** Rejects with ApiError for a question that whoever reads may not ask. */
  readonly allow: (question: QueryRequest) => Promise<void>;
  /** The answers do not show how they came about, whatever the questions say. */
  readonly isUnexplained?: boolean;
  readonly by?: AskedBy | undefined;
  /** Ends what is under way, and begins nothing more. */
  readonly signal: AbortSignal;
}

/** How one question is asked: something always ends it. */
export type Asking = Followed & { readonly signal: AbortSignal };

/** Is told of what is read as soon as it is there. */
export interface Telling {
  /** The values of variables: before any tile, and only if the board can be read. */
  readonly begin: (variables: VariableValues) => void;
  readonly tile: (tile: AnsweredTile) => void;
}

/** What was read. */
export type BoardReadings = Pick<BoardAnswers, 'variables' | 'tiles'>;

/** A moment as questions and answers tell it; undefined before anything was loaded. */
export const asOfMoment = ({ position, atMs }: Moment): AsOfInput =>
  position === null ? undefined : { position, at: isoOf(atMs) };

/** A moment as answers tell it. */
export const momentAnswer = ({ position, atMs, freshness }: Moment) => ({
  as_of: position,
  at: isoOf(atMs),
  freshness,
});

/**
 * Reads boards: every tile as of the same position and with the same "now", so that they agree. A few tiles at a time; one that fails says so in its own place.
 */
export class BoardReader {
  readonly #options: BoardReaderOptions;
  readonly #turns = new Turns(BOARD_LIMITS.askedAtOnceByAll, BOARD_LIMITS.waitingMax);

  constructor(options: BoardReaderOptions) {
    this.#options = options;
  }

  /** The moment that is asked for; the one of now if none is. Throws ApiError `position_not_loaded`, `invalid_request`. */
  moment(project: string, asked?: AsOfInput): Moment {
    const standing = this.#options.standing(project);
    const pinned = parseAsOf(asked, standing);
    return {
      position: pinned === undefined ? asOf(standing) : String(pinned.position),
      // All of a pane mean the same by "now": the ranges do not change, and equal questions within it are asked once.
      atMs: pinned?.atMs ?? Math.floor(standing.nowMs / PANE_MS) * PANE_MS,
      freshness: freshnessOf(standing),
    };
  }

  /** The answers of a board. Rejects with ApiError `invalid_request` for tiles or values that there are not. */
  async read(reading: Reading, telling?: Telling): Promise<BoardReadings> {
    const { clock, telemetry } = this.#options;
    const { project, board, values, only, moment, signal } = reading;
    const startedMs = clock.monotonicMs();
    const { tiles, variables } = board.content;
    const settings = await settle(variables, values, moment.atMs);
    const asked = chosen(askedTiles(tiles), only);
    const insights = await this.#options.insights.findMany(project, insightIdsOf(asked));
    telling?.begin(settings.values);
    const answers = new Array<AnsweredTile>(asked.length);
    const waiting = asked.entries();
    const work = async (): Promise<void> => {
      for (const [index, tile] of waiting) {
        if (signal.aborted) return;
        const answer = await this.#tile(tile, insights, settings, reading);
        answers[index] = answer;
        if (!signal.aborted) telling?.tile(answer);
      }
    };
    await Promise.all(Array.from({ length: BOARD_LIMITS.askedAtOnce }, work));
    signal.throwIfAborted();
    const failed = answers.filter(({ state }) => state === 'failed').length;
    const seconds = (clock.monotonicMs() - startedMs) / 1_000;
    telemetry.emit(boardRead, { answered: answers.length - failed, failed, seconds });
    return { variables: settings.values, tiles: answers };
  }

  /** The questions of a board as they stand, without what readers choose. */
  async questions(
    project: string,
    { tiles }: BoardContent,
  ): Promise<{ tile: AskedTile; question: QueryRequest }[]> {
    const insights = await this.#options.insights.findMany(project, insightIdsOf(tiles));
    return askedTiles(tiles).map((tile) => ({ tile, question: questionOf(tile, insights) }));
  }

  /** The answer to one question as of a moment. */
  ask(project: string, question: QueryRequest, options: Asking): Promise<QueryAnswer> {
    const { service, running } = this.#options;
    const ask = (asking: Asking): Promise<QueryAnswer> =>
      this.#turns.take(() => service.query(project, question, asking), asking.signal);
    return running === undefined
      ? ask(options)
      : running.follow({ kind: question.kind, project }, options, ask);
  }

  async #tile(
    tile: AskedTile,
    insights: ReadonlyMap<string, Saved<InsightContent>>,
    settings: Settings,
    { project, board, moment, allow, by, signal, isUnexplained }: Reading,
  ): Promise<AnsweredTile> {
    const { id } = tile;
    try {
      const question = questionWith(questionOf(tile, insights), {
        ...changesOf(settings, tile.ignores),
        ...(isUnexplained === true ? { explain: false } : {}),
        asOf: asOfMoment(moment),
      });
      await allow(question);
      return { id, state: 'answered', answer: await this.ask(project, question, { by, signal }) };
    } catch (error) {
      return { id, state: 'failed', error: this.#toldError(board.id, error) };
    }
  }

  #toldError(board: string, error: unknown): Extract<AnsweredTile, { state: 'failed' }>['error'] {
    if (error instanceof ApiError) {
      const told = error.toBody().error;
      const advice = error.code === 'invalid_request' ? ADVICE : '';
      return { ...told, message: told.message + advice };
    }
    const incident = randomBytes(INCIDENT_BYTES).toString('hex');
    this.#options.telemetry.emit(tileBroke, { incident, board, error });
    return {
      code: 'internal',
      message: `Something went wrong here. It was logged with the number ${incident}.`,
    };
  }
}

const INCIDENT_BYTES = 4;
/** What was right when it was saved may not be so any more: a metric or a cohort is gone. */
const ADVICE = ' Change what this tile asks, or take it off the board.';

const chosen = (tiles: readonly AskedTile[], only: readonly string[] | undefined): AskedTile[] => {
  const unknown = only?.find((id) => !tiles.some((tile) => tile.id === id));
  if (unknown !== undefined)
    throw invalidAt('tiles', `The board has no tile "${unknown}" that asks something.`);
  return tiles.filter(({ id }) => only === undefined || only.includes(id));
};

const questionOf = (tile: AskedTile, insights: ReadonlyMap<string, Saved<InsightContent>>): QueryRequest => {
  if (tile.kind === 'question') return tile.question;
  const insight = insights.get(tile.insight);
  if (insight === undefined)
    throw new ApiError(
      'not_found',
      `The insight "${tile.insight}" that this tile shows is not there any more. Choose another one for the tile, or take it off the board.`,
    );
  return insight.content.question;
};
