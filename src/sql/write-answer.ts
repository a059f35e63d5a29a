import type { SqlAnswer, SqlFormat } from '../contract/sql.ts';
import { writeTable } from '../table/format.ts';
import { parseLaneAnswer } from '../warehouse/lane-answer.ts';
import { toCsv, toNdjson } from './render.ts';
import { sqlTable } from './table.ts';

/** What an answer says beside its rows. */
export interface AnswerFrame extends Pick<SqlAnswer, 'as_of' | 'freshness' | 'statistics'> {
  /** Rows that were asked for; the engine was asked for one more. */
  readonly limit: number;
}

/** An answer as the engine wrote it, and how it is to be written. Without functions: it may be sent to another thread. */
export interface AnswerToWrite {
  /** JSONCompact. */
  readonly text: string;
  readonly frame: AnswerFrame;
  readonly format: SqlFormat;
}

/** An answer in its form. */
export interface WrittenAnswer {
  readonly body: string | Uint8Array;
  /** Content-Type, and the name of files. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rowCount: number;
  readonly isTruncated: boolean;
}

/** The answer as the interface tells it. Throws WarehouseError `internal` for a text that is none. */
export const answerOf = (text: string, { limit, ...frame }: AnswerFrame): SqlAnswer => {
  const found = parseLaneAnswer(text);
  const rows = found.rows.slice(0, limit).map((row) => [...row]);
  return {
    columns: found.columns.map(({ name, type }) => ({ name, type })),
    rows,
    row_count: rows.length,
    truncated: found.rows.length > limit,
    ...frame,
  };
};

type Form = Pick<WrittenAnswer, 'body' | 'headers'>;

const text = (body: string, mediaType: string): Form => ({ body, headers: { 'content-type': mediaType } });

const file =
  (format: 'parquet' | 'arrow') =>
  (answer: SqlAnswer): Form =>
    writeTable(sqlTable(answer), format, 'answer');

const FORMS: Readonly<Record<SqlFormat, (answer: SqlAnswer) => Form>> = {
  json: (answer) => text(JSON.stringify(answer), 'application/json'),
  csv: (answer) => text(toCsv(answer), 'text/csv; charset=utf-8; header=present'),
  ndjson: (answer) => text(toNdjson(answer), 'application/x-ndjson; charset=utf-8'),
  parquet: file('parquet'),
  arrow: file('arrow'),
};

/** Writes an answer, in one go. Throws WarehouseError `internal`, and ApiError `result_too_large` for what a form does not hold. */
export const writeAnswer = ({ text: found, frame, format }: AnswerToWrite): WrittenAnswer => {
  const answer = answerOf(found, frame);
  return { ...FORMS[format](answer), rowCount: answer.row_count, isTruncated: answer.truncated };
};
