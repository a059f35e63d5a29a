import type { Context } from 'hono';
import {
  ANSWERS_END,
  askBoardSchema,
  type BoardAnswer,
  type BoardAnswers,
  boardChangeSchema,
  type BoardsAnswer,
  type BoardVersion,
  type NewBoard,
  newBoardSchema,
  boardOfTemplateSchema,
} from '../contract/boards.ts';
import type { QueryRequest } from '../contract/query.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requireAlso, requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import { linesAnswer, wantsLines } from '../query/lines-answer.ts';
import { parseRequest } from '../http/parse-request.ts';
import { namesPeople } from '../query/personal-kinds.ts';
import { askOf, bodyOf, projectOf } from '../http/request-parts.ts';
import { type BoardContent, boardDraft } from './content.ts';
import { type BoardReadings, momentAnswer } from './reader.ts';
import {
  checksOf,
  found,
  idOf,
  registerHistoryRoutes,
  type SavedRoutesOptions,
  stampsOf,
  versionAnswer,
} from './saved-routes.ts';
import type { Saved } from './saved-store.ts';
import { boardOfTemplate, templatesAnswer } from './templates.ts';

/** Registers the routes of boards. */
export const registerBoardRoutes = (app: App, options: SavedRoutesOptions): void => {
  const { boards } = options;
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  app.get(pathOf('listBoards'), read, async (c) => {
    const all = await boards.list(projectOf(c));
    return c.json({ boards: all.map(boardInList) } satisfies BoardsAnswer);
  });
  app.post(pathOf('createBoard'), write, async (c) => {
    const draft = await boardDraft(wantedBoard(await bodyOf(c, 'board')), checksOf(c, options));
    return c.json(boardAnswer(await boards.create(draft, savingOf(c))), 201);
  });
  // Before the boards themselves: "templates" is no id.
  app.get(pathOf('listBoardTemplates'), read, (c) => c.json(templatesAnswer()));
  app.get(pathOf('readBoard'), read, async (c) =>
    c.json(boardAnswer(await found('board', boards.find(projectOf(c), idOf(c))))),
  );
  app.put(pathOf('changeBoard'), write, async (c) => {
    const wanted = parseRequest(boardChangeSchema, await bodyOf(c, 'board'));
    await found('board', boards.find(projectOf(c), idOf(c)));
    const draft = await boardDraft(wanted, checksOf(c, options));
    const changed = boards.change(idOf(c), wanted.version, draft, savingOf(c));
    return c.json(boardAnswer(await found('board', changed)));
  });
  registerHistoryRoutes<BoardContent>(app, {
    kind: 'board',
    store: boards,
    paths: {
      remove: pathOf('removeBoard'),
      versions: pathOf('listBoardVersions'),
      version: pathOf('readBoardVersion'),
      restore: pathOf('restoreBoard'),
    },
    answer: boardAnswer,
    versionAnswer: (id, { name, content, ...version }): BoardVersion => ({
      ...{ id, name, ...mutable(content) },
      ...versionAnswer({ name, ...version }),
    }),
    again: (c, { name, content }) =>
      boardDraft(parseRequest(newBoardSchema, { name, ...content }), checksOf(c, options)),
  });
  app.post(pathOf('queryBoard'), read, (c) => answers(c, options));
};

/** What making a board takes. Which of the two is meant, "template" says. */
const wantedBoard = (body: unknown): NewBoard =>
  typeof body === 'object' && body !== null && 'template' in body
    ? boardOfTemplate(parseRequest(boardOfTemplateSchema, body))
    : parseRequest(newBoardSchema, body);

const answers = async (
  c: Context<AppEnv>,
  { boards, reader }: Pick<SavedRoutesOptions, 'boards' | 'reader'>,
): Promise<Response> => {
  const { variables, tiles, as_of: asOf } = parseRequest(askBoardSchema, await bodyOf(c));
  const project = projectOf(c);
  const board = await found('board', boards.find(project, idOf(c)));
  const moment = reader.moment(project, asOf);
  const asking = askOf(c, 'board');
  const allow = async (question: QueryRequest): Promise<void> => {
    if (namesPeople(question)) await requireAlso(c, 'personal:read');
  };
  const reading = { project, board, values: variables, only: tiles, moment, allow, ...asking };
  const { id, version } = board;
  const answer = (read: BoardReadings) =>
    ({ id, version, ...momentAnswer(moment), ...read }) satisfies BoardAnswers;
  if (!wantsLines(c)) return c.json(answer(await reader.read(reading)));
  return linesAnswer(c, async (tell, signal) => {
    await reader.read(
      { ...reading, signal },
      { begin: (chosen) => tell(answer({ variables: chosen, tiles: [] })), tile: tell },
    );
    tell(ANSWERS_END);
  });
};

const mutable = ({ description, tags, variables, tiles }: BoardContent) => ({
  ...{ description, tags: [...tags], variables: [...variables], tiles: [...tiles] },
});

const boardAnswer = (saved: Saved<BoardContent>): BoardAnswer => ({
  ...{ id: saved.id, name: saved.name, ...mutable(saved.content) },
  ...stampsOf(saved),
});

const boardInList = (saved: Saved<BoardContent>): BoardsAnswer['boards'][number] => {
  const { description, tags, tiles } = saved.content;
  return {
    ...{ id: saved.id, name: saved.name, description, tags: [...tags], tiles: tiles.length },
    ...stampsOf(saved),
  };
};
