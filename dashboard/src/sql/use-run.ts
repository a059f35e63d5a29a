import { useEffect, useRef, useState } from 'react';
import type { SqlAnswer } from '../../../src/contract/sql.ts';
import { ApiError } from '../data/api.ts';
import { runSql, type SqlQuestion } from '../data/sql.ts';
import { type Asked, type Fault, faultOf } from './statement.ts';

/** A statement that was answered, with what it was. */
export interface Answered {
  readonly question: SqlQuestion;
  readonly answer: SqlAnswer;
  /** When, by `performance.now()`. */
  readonly atMs: number;
}

/** What became of the last run. */
export interface RunState {
  /** Since when one is under way, by `performance.now()`. */
  readonly runningSinceMs: number | undefined;
  readonly answered: Answered | undefined;
  readonly fault: Fault | undefined;
  /** The last run was ended by hand. */
  readonly isCancelled: boolean;
}

const NOTHING: RunState = {
  runningSinceMs: undefined,
  answered: undefined,
  fault: undefined,
  isCancelled: false,
};

const faultFrom = (error: unknown, asked: Asked): Fault =>
  error instanceof ApiError
    ? faultOf(error.message, error.details, asked)
    : { message: String(error), at: undefined, suggestions: [] };

/** Runs statements, one at a time: a new one ends the one before, in the engine too. The last answer stays until there is another. */
export const useRun = (project: string, timeoutMs: number) => {
  const [state, setState] = useState(NOTHING);
  const under = useRef<AbortController>(undefined);
  useEffect(() => () => under.current?.abort(), []);
  const run = async (asked: Asked, question: SqlQuestion): Promise<SqlAnswer | undefined> => {
    under.current?.abort();
    const mine = new AbortController();
    under.current = mine;
    setState((now) => ({ ...NOTHING, answered: now.answered, runningSinceMs: performance.now() }));
    try {
      const answer = await runSql(project, question, { signal: mine.signal, timeoutMs });
      if (mine.signal.aborted) return undefined;
      setState({ ...NOTHING, answered: { question, answer, atMs: performance.now() } });
      return answer;
    } catch (error) {
      if (!mine.signal.aborted)
        setState((now) => ({ ...NOTHING, answered: now.answered, fault: faultFrom(error, asked) }));
      return undefined;
    }
  };
  const cancel = (): void => {
    under.current?.abort();
    setState((now) => ({ ...NOTHING, answered: now.answered, isCancelled: true }));
  };
  const clearFault = (): void =>
    setState((now) => (now.fault === undefined ? now : { ...now, fault: undefined }));
  return { state, run, cancel, clearFault };
};
