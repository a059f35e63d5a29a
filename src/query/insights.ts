import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { Inquiry, Insight } from './insight.ts';
import { trendInsight } from './trend.ts';

type Kind = QueryRequest['kind'];
type Requests = { [Name in Kind]: Extract<QueryRequest, { kind: Name }> };
type Answers = { [Name in Kind]: Extract<QueryAnswer, { kind: Name }> };

/** Every kind of question. */
const INSIGHTS: { readonly [Name in Kind]: Insight<Requests[Name], Answers[Name]> } = {
  trend: trendInsight,
};

/** Answers a question of whatever kind. */
export const answerInsight = <Name extends Kind>(
  kind: Name,
  request: Requests[Name],
  inquiry: Inquiry,
): Promise<Answers[Name]> => INSIGHTS[kind].answer(request, inquiry);
