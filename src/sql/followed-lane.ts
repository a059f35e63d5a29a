import type { Question } from '../query/running.ts';
import { runBy, type SqlLane, type SqlLaneRequest, type SqlLaneText } from '../warehouse/sql-lane.ts';
import { withoutValues } from './lexical.ts';

/** A lane whose every statement is one of a question, told without values. */
export const followedLane = (lane: SqlLane, question: Question): SqlLane => {
  const read = async (sql: string, request: SqlLaneRequest): Promise<SqlLaneText> => {
    const statement = question.begin(withoutValues(sql));
    let rowsRead: number | undefined;
    try {
      const answer = await lane.read(sql, { ...request, id: statement.id });
      rowsRead = answer.rowsRead;
      return answer;
    } finally {
      statement.done(rowsRead);
    }
  };
  return { read, run: (sql, request) => runBy(read(sql, request)) };
};
