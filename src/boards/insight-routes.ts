import type { Context } from 'hono';
import {
  answerInsightQuerySchema,
  askInsightSchema,
  type InsightAnswer,
  insightChangeSchema,
  type InsightsAnswer,
  type InsightVersion,
  newInsightSchema,
} from '../contract/insights.ts';
import type { Format } from '../contract/formats.ts';
import { formatQuerySchema } from '../contract/formats.ts';
import type { QueryRequest } from '../contract/query.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requireAlso, requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import { answerAs } from '../query/answer-as.ts';
import { parseRequest } from '../http/parse-request.ts';
import { namesPeople } from '../query/personal-kinds.ts';
import { askOf, bodyOf, projectOf, queryOf } from '../http/request-parts.ts';
import { type InsightContent, insightDraft } from './content.ts';
import { type Changes, questionWith } from './question.ts';
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

/** Registers the routes of saved insights. */
export const registerInsightRoutes = (app: App, options: SavedRoutesOptions): void => {
  const { insights } = options;
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  app.get(pathOf('listInsights'), read, async (c) => {
    const all = await insights.list(projectOf(c));
    return c.json({ insights: all.map(insightInList) } satisfies InsightsAnswer);
  });
  app.post(pathOf('createInsight'), write, async (c) => {
    const wanted = parseRequest(newInsightSchema, await bodyOf(c, 'insight'));
    const draft = await insightDraft(wanted, checksOf(c, options));
    return c.json(insightAnswer(await insights.create(draft, savingOf(c))), 201);
  });
  app.get(pathOf('readInsight'), read, async (c) =>
    c.json(insightAnswer(await found('insight', insights.find(projectOf(c), idOf(c))))),
  );
  app.put(pathOf('changeInsight'), write, async (c) => {
    const wanted = parseRequest(insightChangeSchema, await bodyOf(c, 'insight'));
    await found('insight', insights.find(projectOf(c), idOf(c)));
    const draft = await insightDraft(wanted, checksOf(c, options));
    const changed = insights.change(idOf(c), wanted.version, draft, savingOf(c));
    return c.json(insightAnswer(await found('insight', changed)));
  });
  registerHistoryRoutes<InsightContent>(app, {
    kind: 'insight',
    store: insights,
    paths: {
      remove: pathOf('removeInsight'),
      versions: pathOf('listInsightVersions'),
      version: pathOf('readInsightVersion'),
      restore: pathOf('restoreInsight'),
    },
    answer: insightAnswer,
    versionAnswer: (id, { name, content, ...version }): InsightVersion => ({
      ...{ id, name, ...content, tags: [...content.tags] },
      ...versionAnswer({ name, ...version }),
    }),
    again: (c, { name, content }) => {
      const wanted = parseRequest(newInsightSchema, { name, ...content });
      return insightDraft(wanted, checksOf(c, options));
    },
  });
  registerAnswerRoutes(app, options);
};

const registerAnswerRoutes = (app: App, { insights, service }: SavedRoutesOptions): void => {
  const read = requirePermission('data:read');
  const answer = async (
    c: Context<AppEnv>,
    format: Format | undefined,
    changes: Changes,
  ): Promise<Response> => {
    const { content } = await found('insight', insights.find(projectOf(c), idOf(c)));
    const question: QueryRequest = questionWith(content.question, changes);
    if (namesPeople(question)) await requireAlso(c, 'personal:read');
    return answerAs(c, format, question, () => service.query(projectOf(c), question, askOf(c)));
  };
  app.post(pathOf('queryInsight'), read, async (c) => {
    const { format } = parseRequest(formatQuerySchema, queryOf(c));
    const { filter, as_of: asOf, ...changes } = parseRequest(askInsightSchema, await bodyOf(c));
    return answer(c, format, { ...changes, asOf, filters: filter === undefined ? [] : [filter] });
  });
  app.get(pathOf('answerInsight'), read, async (c) => {
    const { format, as_of: asOf, ...changes } = parseRequest(answerInsightQuerySchema, queryOf(c));
    return answer(c, format, { ...changes, asOf });
  });
};

const insightAnswer = (saved: Saved<InsightContent>): InsightAnswer => ({
  ...{ id: saved.id, name: saved.name, ...saved.content, tags: [...saved.content.tags] },
  ...stampsOf(saved),
});

const insightInList = (saved: Saved<InsightContent>): InsightsAnswer['insights'][number] => {
  const { description, tags, question, display } = saved.content;
  return {
    ...{ id: saved.id, name: saved.name, description, tags: [...tags], kind: question.kind, display },
    ...stampsOf(saved),
  };
};
