import { useState } from 'react';
import type { ApiError } from '../data/api.ts';
import { useQuestion } from '../data/questions.ts';
import type { Answer } from '../insight/display.ts';
import type { Question } from './kinds.ts';

/** What a question was answered with. */
export interface Answered {
  readonly question: Question;
  readonly answer: Answer;
}

/** How it stands with an answer. */
export interface AnswerState {
  /** The last answer, with the question that it is of. */
  readonly answered: Answered | undefined;
  /** It is of an earlier question: the present one is being asked. */
  readonly isOld: boolean;
  readonly error: ApiError | undefined;
  readonly atMs: number | undefined;
  readonly again: () => void;
}

const EVERY_MS = 30_000;

/** Asks a question; null asks nothing. What is shown meanwhile is the last answer, with its own question. */
export const useAnswer = (project: string, question: Question | null): AnswerState => {
  const { data, error, isOld, atMs, again } = useQuestion<Question>(project, question, { everyMs: EVERY_MS });
  const [last, setLast] = useState<Answered>();
  const isPresent = question !== null && data !== undefined && !isOld && data.kind === question.kind;
  if (isPresent && (last?.answer !== data || last.question !== question)) setLast({ question, answer: data });
  const answered = last !== undefined && last.question.kind === question?.kind ? last : undefined;
  return { answered, isOld: answered?.question !== question, error, atMs, again };
};
