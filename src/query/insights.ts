import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { Table } from '../table/table.ts';
import { attributionInsight } from './attribution.ts';
import { experimentInsight } from './experiment.ts';
import { funnelInsight } from './funnel.ts';
import { funnelUsersInsight } from './funnel-users.ts';
import type { Inquiry, Insight } from './insight.ts';
import { lifecycleInsight } from './lifecycle.ts';
import { metricInsight } from './metric.ts';
import { metricWindowsInsight } from './metric-windows-list.ts';
import { pathsInsight } from './paths.ts';
import { invalidAt } from '../http/request-problem.ts';
import { retentionInsight } from './retention.ts';
import { revenueInsight } from './revenue.ts';
import { sessionsInsight } from './sessions.ts';
import { statisticsInsight } from './statistics.ts';
import { stickinessInsight } from './stickiness.ts';
import { trendInsight } from './trend.ts';
import { webInsight } from './web.ts';

type Kind = QueryRequest['kind'];
type Requests = { [Name in Kind]: Extract<QueryRequest, { kind: Name }> };
type Answers = { [Name in Kind]: Extract<QueryAnswer, { kind: Name }> };

/** Every kind of question. */
const INSIGHTS: { readonly [Name in Kind]: Insight<Requests[Name], Answers[Name]> } = {
  trend: trendInsight,
  metric: metricInsight,
  metric_windows: metricWindowsInsight,
  funnel: funnelInsight,
  funnel_users: funnelUsersInsight,
  paths: pathsInsight,
  sessions: sessionsInsight,
  web: webInsight,
  revenue: revenueInsight,
  attribution: attributionInsight,
  statistics: statisticsInsight,
  experiment: experimentInsight,
  retention: retentionInsight,
  lifecycle: lifecycleInsight,
  stickiness: stickinessInsight,
};

/** The answer to a kind of request. */
export type AnswerTo<Request extends QueryRequest> = Extract<QueryAnswer, { kind: Request['kind'] }>;

/** Answers a question of whatever kind. */
export const answerInsight = <Request extends QueryRequest>(
  request: Request,
  inquiry: Inquiry,
): Promise<AnswerTo<Request>> => {
  return insightOf(request).answer(request, inquiry);
};

const insightOf = <Request extends QueryRequest>({ kind }: Request) =>
  INSIGHTS[kind] as unknown as Insight<Request, AnswerTo<Request>>;

/** How answers to a request become tables. Throws ApiError `invalid_request` for kinds whose answers have no flat form. */
export const tabulator = <Request extends QueryRequest>(
  request: Request,
): ((answer: AnswerTo<Request>) => Table) => {
  const { table } = insightOf(request);
  if (table === undefined)
    throw invalidAt('format', `Answers to "${request.kind}" have no flat form: ask for "json".`);
  return (answer) => table(answer, request);
};
