import type { Context } from 'hono';
import { tokenOf } from '../access/token.ts';
import { type AnsweredTile, ANSWERS_END, type Variable, type VariableValues } from '../contract/boards.ts';
import type { QueryRequest } from '../contract/query.ts';
import {
  askSharedSchema,
  type CreatedShare,
  type NewShare,
  newShareSchema,
  type RevokedShare,
  type ShareAnswer,
  type Shared,
  type SharedAnswers,
  type SharesAnswer,
} from '../contract/shares.ts';
import { ApiError, type ErrorCode } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requirePermission } from '../http/auth.ts';
import { remoteAddressOf } from '../http/remote-address.ts';
import { savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import { isoOf, parseInstant } from '../query/instant.ts';
import { linesAnswer, type TellLine, wantsLines } from '../query/lines-answer.ts';
import { parseRequest } from '../http/parse-request.ts';
import { isPersonalField, namesPeople } from '../query/personal-kinds.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bodyOf, paramOf, projectOf } from '../http/request-parts.ts';
import { type BoardContent, type InsightContent, insightIdsOf } from './content.ts';
import { questionWith } from './question.ts';
import { asOfMoment, type Asking, type BoardReadings, type Moment, momentAnswer } from './reader.ts';
import { found, idOf, type SavedRoutesOptions } from './saved-routes.ts';
import type { Saved } from './saved-store.ts';
import { ShareGuard } from './share-guard.ts';
import { isExpired, type Share, type ShareDraft } from './share-store.ts';
import { settle } from './variables.ts';

/** What a link shows, as it is now. */
type SharedObject =
  | { readonly kind: 'board'; readonly saved: Saved<BoardContent> }
  | { readonly kind: 'insight'; readonly saved: Saved<InsightContent> };

/** Registers the routes of share links: making and revoking them, and what they show. */
export const registerShareRoutes = (app: App, options: SavedRoutesOptions): void => {
  for (const kind of ['board', 'insight'] as const) registerManaging(app, kind, options);
  app.get(pathOf('listShares'), requirePermission('data:read'), async (c) => {
    const all = await options.shares.list(projectOf(c));
    const nowMs = options.clock.nowMs();
    return c.json({ shares: all.map((each) => shareAnswer(each, nowMs)) } satisfies SharesAnswer);
  });
  const guard = new ShareGuard(options.shares, options.clock);
  const admitted = async (c: Context<AppEnv>): Promise<{ share: Share; object: SharedObject }> => {
    const from = remoteAddressOf(c);
    const share = await guard.admit(tokenOf(c.req.header('authorization'), undefined), from);
    const object = await objectOf(options, share);
    const { id, name, project } = share;
    await c.var.audit?.reads.note({
      ...{ actor: { kind: 'share', id, name }, action: 'share.read', object: share.object, project, from },
    });
    return { share, object };
  };
  app.get(pathOf('readShared'), async (c) => {
    const { share, object } = await admitted(c);
    return c.json(await sharedAnswer(options, share, object));
  });
  app.post(pathOf('queryShared'), async (c) => {
    const { share, object } = await admitted(c);
    const asked = parseRequest(askSharedSchema, await bodyOf(c));
    options.shares.used(share);
    const asker = { kind: 'share', id: share.id, name: share.name } as const;
    const asking = { signal: c.req.raw.signal, by: { way: 'share', asker } as const };
    const answers = (more: SharedAsking) =>
      guard.during(share, () => sharedAnswers(options, share, object, asked, more));
    if (object.kind === 'insight' || !wantsLines(c)) return c.json(await answers(asking));
    return linesAnswer(c, async (tell, signal) => {
      await answers({ ...asking, signal, tell });
      tell(ANSWERS_END);
    });
  });
};

const registerManaging = (app: App, kind: 'board' | 'insight', options: SavedRoutesOptions): void => {
  const { shares, clock } = options;
  const isBoard = kind === 'board';
  const exists = (c: Context<AppEnv>) =>
    found<unknown>(kind, options[`${kind}s`].find(projectOf(c), idOf(c)));
  app.get(
    pathOf(isBoard ? 'listBoardShares' : 'listInsightShares'),
    requirePermission('data:read'),
    async (c) => {
      await exists(c);
      const all = await shares.list(projectOf(c), idOf(c));
      return c.json({ shares: all.map((each) => shareAnswer(each, clock.nowMs())) } satisfies SharesAnswer);
    },
  );
  const write = requirePermission('insights:write');
  app.post(pathOf(isBoard ? 'createBoardShare' : 'createInsightShare'), write, async (c) => {
    const wanted = parseRequest(newShareSchema, await bodyOf(c, 'share link'));
    await exists(c);
    const draft = await shareDraft(options, projectOf(c), idOf(c), wanted);
    const { share, token } = await found(kind, shares.create(draft, savingOf(c)));
    return c.json({ ...shareAnswer(share, clock.nowMs()), token } satisfies CreatedShare, 201);
  });
  app.delete(pathOf(isBoard ? 'revokeBoardShare' : 'revokeInsightShare'), write, async (c) => {
    const id = paramOf(c, 'share');
    if (!(await shares.revoke(idOf(c), id, savingOf(c))))
      throw new ApiError(
        'not_found',
        `There is no such share link. GET /api/${kind}s/{id}/shares lists them.`,
      );
    return c.json({ id, revoked: true } satisfies RevokedShare);
  });
};

const LISTS_PEOPLE = 'lists single people, which share links do not show';

/** A link as it may be made. Rejects with ApiError `invalid_request`, `conflict`, `position_not_loaded`. */
const shareDraft = async (
  options: SavedRoutesOptions,
  project: string,
  object: string,
  { name, expires_at: expires, pinned, variables }: NewShare,
): Promise<ShareDraft> => {
  const { clock, reader } = options;
  const nowMs = clock.nowMs();
  await checkShareable(options, project, object, variables);
  const expiresAtMs =
    expires === undefined ? null : parseInstant(expires, { path: 'expires_at', nowMs, timeZone: 'UTC' });
  if (isExpired({ expiresAtMs }, nowMs)) throw invalidAt('expires_at', 'lies in the past.');
  const moment = pinned === false ? undefined : reader.moment(project, pinned === true ? undefined : pinned);
  if (moment?.position === null)
    throw new ApiError(
      'conflict',
      'Nothing is loaded yet that a link could be pinned to. Send events first.',
    );
  const pin = moment === undefined ? null : { position: moment.position, atMs: moment.atMs };
  return { object, name, variables, pinned: pin, expiresAtMs };
};

const checkShareable = async (
  { boards, insights, reader, clock }: SavedRoutesOptions,
  project: string,
  object: string,
  variables: VariableValues,
): Promise<void> => {
  const board = await boards.find(project, object);
  await settle(board?.content.variables ?? [], variables, clock.nowMs());
  if (board === undefined) {
    const insight = await insights.find(project, object);
    if (insight !== undefined && namesPeople(insight.content.question))
      throw invalidAt('', `The insight ${LISTS_PEOPLE}.`);
    return;
  }
  const personal = (await reader.questions(project, board.content)).find(({ question }) =>
    namesPeople(question),
  );
  if (personal !== undefined)
    throw invalidAt(
      '',
      `The tile "${personal.tile.title || personal.tile.id}" ${LISTS_PEOPLE}. Take it off, or make a board without it.`,
    );
};

const pinnedAnswer = ({ pinned }: Share) =>
  pinned === null ? null : { as_of: pinned.position, at: isoOf(pinned.atMs) };

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));

const shareAnswer = (share: Share, nowMs: number): ShareAnswer => ({
  ...{ id: share.id, object: share.object, name: share.name },
  ...{ pinned: pinnedAnswer(share), variables: share.variables },
  ...{ expires_at: isoOrNull(share.expiresAtMs), expired: isExpired(share, nowMs) },
  ...{ created_at: isoOf(share.createdAtMs), created_by: share.createdBy },
  ...{ last_used_at: isoOrNull(share.lastUsedAtMs), uses: share.uses },
});

const objectOf = async ({ boards, insights }: SavedRoutesOptions, share: Share): Promise<SharedObject> => {
  const board = await boards.find(share.project, share.object);
  if (board !== undefined) return { kind: 'board', saved: board };
  const insight = await insights.find(share.project, share.object);
  if (insight === undefined) throw new ApiError('unknown_link');
  return { kind: 'insight', saved: insight };
};

type ChoiceVariable = Extract<Variable, { kind: 'choice' }>;

/** What whoever comes by a link may choose: only among values that the author of the board wrote down. */
const openVariables = ({ variables: fixed }: Share, { variables }: BoardContent): ChoiceVariable[] =>
  variables.flatMap((each) =>
    each.kind === 'choice' && !Object.hasOwn(fixed, each.name) && !isPersonalField(each.field) ? [each] : [],
  );

const sharedAnswer = async (
  { insights }: SavedRoutesOptions,
  share: Share,
  { kind, saved }: SharedObject,
): Promise<Shared> => {
  const { name, content, updatedAtMs } = saved;
  const common = {
    ...{ name, description: content.description, updated_at: isoOf(updatedAtMs) },
    ...{ pinned: pinnedAnswer(share), expires_at: isoOrNull(share.expiresAtMs) },
  };
  if (kind === 'insight') return { kind, ...common, display: saved.content.display };
  const { tiles } = saved.content;
  const shown = await insights.findMany(share.project, insightIdsOf(tiles));
  return {
    ...{ kind, ...common },
    tiles: tiles.map((tile) => {
      const { id, x, y, w, h, title } = tile;
      const place = { id, x, y, w, h, title };
      if (tile.kind === 'text') return { ...place, kind: 'text', text: tile.text };
      const ofInsight = tile.kind === 'insight' ? shown.get(tile.insight)?.content.display : undefined;
      const display = tile.display ?? ofInsight;
      return { ...place, kind: 'answer', ...(display === undefined ? {} : { display }) };
    }),
    variables: openVariables(share, saved.content).map(
      ({ name: variable, label, choices, multiple, default: usual }) => ({
        ...{ name: variable, label, choices, multiple, default: usual },
      }),
    ),
  };
};

/** Whoever has a link sees no single people, whatever the question became since the link was made. */
const refusePeople = async (question: QueryRequest): Promise<void> => {
  if (namesPeople(question)) throw new ApiError('missing_scope', `This ${LISTS_PEOPLE}.`);
};

/** These say nothing of what was asked. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'warehouse_unavailable',
  'warehouse_busy',
  'query_timeout',
  'result_too_large',
  'position_not_loaded',
]);

/** What failed, as those are told who may not see the question. */
const toldError = (code: string): { readonly code: ErrorCode; readonly message: string } => {
  if (code === 'missing_scope') return { code, message: `This ${LISTS_PEOPLE}.` };
  const known = [...TOLD].find((each) => each === code);
  if (known !== undefined) return { code: known, message: new ApiError(known).message };
  return { code: 'conflict', message: 'This cannot be shown as it is now. Whoever shared it can see why.' };
};

/** How the answers of a link are asked for. */
interface SharedAsking extends Asking {
  /** Boards: is told the answers without tiles, then each tile. */
  readonly tell?: TellLine;
}

const sharedAnswers = async (
  options: SavedRoutesOptions,
  share: Share,
  object: SharedObject,
  asked: { readonly variables: VariableValues; readonly tiles?: readonly string[] | undefined },
  { tell, ...asking }: SharedAsking,
): Promise<SharedAnswers> => {
  const { project, pinned } = share;
  const at = pinned === null ? undefined : { position: pinned.position, at: isoOf(pinned.atMs) };
  const moment = options.reader.moment(project, at);
  if (object.kind === 'insight') {
    if (asked.tiles !== undefined || Object.keys(asked.variables).length > 0)
      throw invalidAt('', 'The link shows an insight, which has neither tiles nor variables.');
    const answer = await insightAnswer(options, project, object.saved, moment, asking);
    return { kind: 'insight', ...momentAnswer(moment), answer };
  }
  const { saved } = object;
  const choosable = openVariables(share, saved.content);
  const open = choosable.map(({ name }) => name);
  const closed = Object.keys(asked.variables).find((name) => !open.includes(name));
  if (closed !== undefined) throw invalidAt(`variables.${closed}`, 'The link does not let this be chosen.');
  // Without a choice, values are shown that the author did not write down.
  const lifted = choosable.find((each) => each.default !== null && asked.variables[each.name] === null);
  if (lifted !== undefined)
    throw invalidAt(
      `variables.${lifted.name}`,
      'One of its choices must be taken: the link shows no others.',
    );
  await checkFixed(share, saved.content, moment);
  const answers = ({ variables, tiles }: BoardReadings): SharedAnswers => ({
    ...{ kind: 'board', ...momentAnswer(moment) },
    variables: Object.fromEntries(open.map((name) => [name, variables[name] ?? null])),
    tiles: tiles.map(toldTile),
  });
  const read = await options.reader.read(
    {
      ...{ project, board: saved, values: { ...share.variables, ...asked.variables }, only: asked.tiles },
      ...{ moment, allow: refusePeople, isUnexplained: true },
      ...asking,
    },
    tell === undefined
      ? undefined
      : {
          begin: (variables) => tell(answers({ variables, tiles: [] })),
          tile: (tile) => tell(toldTile(tile)),
        },
  );
  return answers(read);
};

const toldTile = (tile: AnsweredTile): AnsweredTile =>
  tile.state === 'answered' ? tile : { ...tile, error: toldError(tile.error.code) };

/** What a link fixes must still be there: without it more would be shown than was meant to be. */
const checkFixed = async (
  { variables: fixed }: Share,
  { variables }: BoardContent,
  { atMs }: Moment,
): Promise<void> => {
  try {
    await settle(variables, fixed, atMs);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(
      'conflict',
      'The board was changed, and this link does not fit it any more. Ask whoever shared it for another one.',
    );
  }
};

const insightAnswer = async (
  { reader }: SavedRoutesOptions,
  project: string,
  { content }: Saved<InsightContent>,
  moment: Moment,
  asking: Asking,
) => {
  try {
    const question = questionWith(content.question, { asOf: asOfMoment(moment), explain: false });
    await refusePeople(question);
    return await reader.ask(project, question, asking);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message } = toldError(error.code);
    throw new ApiError(code, message);
  }
};
