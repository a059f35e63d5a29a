import type { Question } from '../query/running.ts';
import type { SqlLane } from '../warehouse/sql-lane.ts';
import { withoutValues } from './lexical.ts';

/** A lane whose every statement is one of a question, told without values. */
export const followedLane = (lane: SqlLane, question: Question): SqlLane => ({
  async run(sql, request) {
    const statement = question.begin(withoutValues(sql));
    let rowsRead: number | undefined;
    try {
      const answer = await lane.run(sql, { ...request, id: statement.id });
      rowsRead = answer.rowsRead;
      return answer;
    } finally {
      statement.done(rowsRead);
    }
  },
});
