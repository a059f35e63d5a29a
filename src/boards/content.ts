import { BOARD_LIMITS } from '../contract/board-limits.ts';
import type { AskedTile, NewBoard, Tile, Variable } from '../contract/boards.ts';
import { type Display, DISPLAYS_OF, displaySchema, type NewInsight } from '../contract/insights.ts';
import type { QueryRequest } from '../contract/query.ts';
import { SAVED_LIMITS } from '../contract/saved.ts';
import type { Transaction } from '../access/audit.ts';
import { ApiError } from '../event/errors.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { QueryService } from '../query/service.ts';
import { checkMoment, within } from './question.ts';
import type { Draft, SavedContent, SavedKind } from './saved-store.ts';
import { checkVariables } from './variables.ts';

/** What an insight holds. */
export interface InsightContent extends SavedContent {
  readonly question: QueryRequest;
  readonly display: Display;
}

/** What a board holds. */
export interface BoardContent extends SavedContent {
  readonly variables: readonly Variable[];
  readonly tiles: readonly Tile[];
}

/** What checking needs. */
export interface Checks {
  readonly service: Pick<QueryService, 'check'>;
  readonly project: string;
  readonly nowMs: number;
}

/** An insight as it may be saved. Throws ApiError `invalid_request`. */
export const insightDraft = async (
  { name, description, tags, question, display }: NewInsight,
  { service, project }: Checks,
): Promise<Draft<InsightContent>> => {
  checkMoment(question, 'question');
  await within('question', () => service.check(project, question));
  return { name, content: { description, tags, question, display: displayOf(question, display, 'display') } };
};

/** How a question is drawn. Throws ApiError `invalid_request` for what does not suit its kind. */
const displayOf = ({ kind }: QueryRequest, display: Display | undefined, path: string): Display => {
  const suitable = DISPLAYS_OF[kind];
  if (display === undefined) return displaySchema.parse({ as: suitable[0] });
  if (!suitable.includes(display.as))
    throw invalidAt(
      `${path}.as`,
      `Answers to "${kind}" cannot be drawn as "${display.as}". Use one of ${suitable.join(', ')}.`,
    );
  return display;
};

/** A board as it may be saved. Throws ApiError `invalid_request`. */
export const boardDraft = async (
  { name, description, tags, variables, tiles }: NewBoard,
  checks: Checks,
): Promise<Draft<BoardContent>> => {
  await checkVariables(variables, checks.nowMs);
  checkLayout(tiles);
  const names = new Set(variables.map((each) => each.name));
  const drawn: Tile[] = [];
  for (const [index, tile] of tiles.entries())
    drawn.push(await tileDraft(tile, `tiles.${index}`, names, checks));
  return { name, content: { description, tags, variables, tiles: drawn } };
};

const tileDraft = async (
  tile: Tile,
  path: string,
  variables: ReadonlySet<string>,
  { service, project }: Checks,
): Promise<Tile> => {
  if (tile.kind === 'text') return tile;
  const unknown = tile.ignores.find((name) => !variables.has(name));
  if (unknown !== undefined) throw invalidAt(`${path}.ignores`, `The board has no variable "${unknown}".`);
  if (tile.kind === 'insight') return tile;
  const { question, display } = tile;
  checkMoment(question, `${path}.question`);
  await within(`${path}.question`, () => service.check(project, question));
  return { ...tile, display: displayOf(question, display, `${path}.display`) };
};

const titleOf = ({ id, title }: Tile): string => (title === '' ? `"${id}"` : `"${title}" (${id})`);

/** Whether the tiles lie on the grid, each by itself. Throws ApiError `invalid_request`. */
const checkLayout = (tiles: readonly Tile[]): void => {
  const taken = new Map<number, Tile>();
  const ids = new Set<string>();
  for (const [index, tile] of tiles.entries()) {
    const path = `tiles.${index}`;
    if (ids.has(tile.id)) throw invalidAt(`${path}.id`, `There are two tiles with the id "${tile.id}".`);
    ids.add(tile.id);
    if (tile.x + tile.w > BOARD_LIMITS.columns)
      throw invalidAt(
        path,
        `The tile ${titleOf(tile)} reaches beyond column ${BOARD_LIMITS.columns}: "x" and "w" together are at most ${BOARD_LIMITS.columns}.`,
      );
    if (tile.y + tile.h > BOARD_LIMITS.rowsMax)
      throw invalidAt(path, `The tile ${titleOf(tile)} reaches beyond row ${BOARD_LIMITS.rowsMax}.`);
    for (const cell of cellsOf(tile)) {
      const other = taken.get(cell);
      if (other !== undefined)
        throw invalidAt(path, `The tile ${titleOf(tile)} overlaps ${titleOf(other)}. Move one of them.`);
      taken.set(cell, tile);
    }
  }
};

function* cellsOf({ x, y, w, h }: Tile): Generator<number> {
  for (let row = y; row < y + h; row++)
    for (let column = x; column < x + w; column++) yield row * BOARD_LIMITS.columns + column;
}

/** The tiles that ask something. */
export const askedTiles = (tiles: readonly Tile[]): AskedTile[] =>
  tiles.flatMap((tile) => (tile.kind === 'text' ? [] : [tile]));

/** Ids of the insights that tiles show. */
export const insightIdsOf = (tiles: readonly Tile[]): string[] => [
  ...new Set(tiles.flatMap((tile) => (tile.kind === 'insight' ? [tile.insight] : []))),
];

/** Names that an error lists at most. */
const NAMES_MAX = 10;

/** Throws ApiError `conflict` while boards show an insight. */
const checkUnused = async (transaction: Transaction, project: string, id: string): Promise<void> => {
  const rows = await transaction
    .selectFrom('saved_objects')
    .select(['name', 'content'])
    .where('project', '=', project)
    .where('kind', '=', 'board')
    .where('content', 'like', `%${id}%`)
    .orderBy('name')
    .execute();
  const users = rows.filter(({ content }) =>
    insightIdsOf((JSON.parse(content) as BoardContent).tiles).includes(id),
  );
  if (users.length === 0) return;
  const names = users.map(({ name }) => `"${name}"`);
  const shown = names.slice(0, NAMES_MAX).join(', ');
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  throw new ApiError(
    'conflict',
    `${names.length === 1 ? 'The board' : 'The boards'} ${shown}${more} show${names.length === 1 ? 's' : ''} this insight. Take it off first.`,
    { details: { boards: users.map(({ name }) => name) } },
  );
};

/** Throws ApiError `invalid_request` for a tile whose insight there is not, or cannot be drawn so. */
const checkInsights = async (
  transaction: Transaction,
  project: string,
  { tiles }: BoardContent,
): Promise<void> => {
  const ids = insightIdsOf(tiles);
  if (ids.length === 0) return;
  const rows = await transaction
    .selectFrom('saved_objects')
    .select(['id', 'content'])
    .where('project', '=', project)
    .where('kind', '=', 'insight')
    .where('id', 'in', ids)
    .execute();
  const known = new Map(rows.map(({ id, content }) => [id, JSON.parse(content) as InsightContent]));
  for (const [index, tile] of tiles.entries()) {
    if (tile.kind !== 'insight') continue;
    const insight = known.get(tile.insight);
    if (insight === undefined)
      throw invalidAt(
        `tiles.${index}.insight`,
        `There is no insight "${tile.insight}" in this project. GET /api/insights lists them.`,
      );
    displayOf(insight.question, tile.display, `tiles.${index}.display`);
  }
};

/** Insights, as the store keeps them. */
export const INSIGHTS: SavedKind<InsightContent> = {
  kind: 'insight',
  prefix: 'ins',
  countMax: SAVED_LIMITS.insightsMax,
  lengthMax: SAVED_LIMITS.insightMax,
  checkRemoved: checkUnused,
};

/** Boards, as the store keeps them. */
export const BOARDS: SavedKind<BoardContent> = {
  kind: 'board',
  prefix: 'brd',
  countMax: SAVED_LIMITS.boardsMax,
  lengthMax: SAVED_LIMITS.boardMax,
  checkSaved: checkInsights,
};
