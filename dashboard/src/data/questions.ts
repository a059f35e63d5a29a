import type { QueryAnswer, QuestionInput } from '../../../src/contract/query.ts';
import { ask, pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';
import { type Polled, usePolled } from './use-polled.ts';

export type { QuestionInput };

/** The answer to a kind of question. */
export type AnswerTo<Kind extends QuestionInput['kind']> = Extract<QueryAnswer, { readonly kind: Kind }>;

/** How a question is asked. */
export interface QuestionOptions {
  /** Asked again so often. */
  readonly everyMs?: number | undefined;
  /** While it changes, the answer to the one before stays. True unless told otherwise. */
  readonly keep?: boolean | undefined;
}

/** Asks a question of `POST /api/query`; null asks nothing. A question that changes takes the place of the one before, which is given up. */
export const useQuestion = <Question extends QuestionInput>(
  project: string,
  question: Question | null,
  { everyMs, keep = true }: QuestionOptions = {},
): Resource<AnswerTo<Question['kind']>> =>
  useResource({
    key: question === null ? null : ['question', project, question],
    path: pathOf('/api/query', project),
    body: question,
    everyMs,
    keep,
  });

/** The answer to a question that is asked again and again for as long as the page is open: nothing is kept for other pages, and little runs each time. Null asks nothing. */
export const usePolledQuestion = <Question extends QuestionInput>(
  project: string,
  question: Question | null,
  everyMs: number,
): Polled<AnswerTo<Question['kind']>> =>
  usePolled(
    question === null ? null : JSON.stringify([project, question]),
    (signal) => ask<AnswerTo<Question['kind']>>(pathOf('/api/query', project), { body: question, signal }),
    { everyMs },
  );
