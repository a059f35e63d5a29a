import type { AuditActor } from '../access/audit-entry.ts';
import { EXPORT_LIMITS } from '../contract/exports.ts';
import { type QueryAnswer, type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { SQL_LIMITS, type SqlRequest } from '../contract/sql.ts';
import { ApiError } from '../event/errors.ts';
import type { Standing } from '../query/freshness.ts';
import { asOf } from '../query/freshness.ts';
import { tabulator } from '../query/insights.ts';
import { isoOf } from '../query/instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import { namesPeople } from '../query/personal-kinds.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { AskedBy } from '../query/running.ts';
import type { QueryService } from '../query/service.ts';
import { parseRange, parseTimeZone, type TimeRange } from '../query/time-range.ts';
import type { SqlService } from '../sql/service.ts';
import { writeTable } from '../table/format.ts';
import type { Cell } from '../table/table.ts';
import type { ExportFields } from './store.ts';

/** The saved insights, as far as exports need them. */
export interface SavedQuestions {
  /** The question of a saved insight; undefined if there is none of the id. */
  questionOf(project: string, id: string): Promise<QueryRequest | undefined>;
}

/** What files are made with. */
export interface BodyOptions {
  readonly service: Pick<QueryService, 'query'>;
  readonly sql: SqlService;
  readonly questions: SavedQuestions;
  readonly standing: (project: string) => Standing;
  /** Rows that an answer may have. */
  readonly rowsMax: number;
}

type SqlOfExport = Extract<ExportFields['what'], { readonly kind: 'sql' }>;

/** What a file holds. */
export interface ExportBody {
  readonly body: string | Uint8Array;
  readonly rows: number;
  readonly asOf: string | null;
  /** Where the range begins; the moment that the run was due where there is none. */
  readonly fromMs: number;
}

/** What is asked, when. */
export interface Asked {
  readonly project: string;
  readonly fields: ExportFields;
  /** What `questionOf` gave: an insight may be changed while its export runs. */
  readonly question: QueryRequest | undefined;
  readonly dueMs: number;
  readonly signal: AbortSignal;
  /** On whose behalf. */
  readonly owner: AuditActor;
}

/** The zone that names of files, and ranges of SQL, go by. */
export const zoneOf = ({ schedule }: Pick<ExportFields, 'schedule'>): string => schedule?.timezone ?? 'UTC';

/** The question that is exported, and undefined for SQL. Throws ApiError `invalid_request` for an insight that is not there, or a question that does not take the range. */
export const questionOf = async (
  project: string,
  { what, range }: Pick<ExportFields, 'what' | 'range'>,
  questions: SavedQuestions,
): Promise<QueryRequest | undefined> => {
  if (what.kind === 'sql') return undefined;
  const asked = what.kind === 'question' ? what.question : await questions.questionOf(project, what.insight);
  if (asked === undefined)
    throw invalidAt(
      'what.insight',
      `There is no insight ${JSON.stringify(what.kind === 'insight' ? what.insight : '')} in this project. GET /api/insights lists them.`,
    );
  if (asked.as_of !== undefined)
    throw invalidAt(
      'what.question.as_of',
      'An export is as of the moment of each run: leave "as_of" out of its question.',
    );
  return range === undefined ? asked : parseRequest(queryRequestSchema, { ...asked, range });
};

/** Whether what is written names single people, as far as the question tells. SQL may always. */
export const isPersonal = (question: QueryRequest | undefined): boolean =>
  question === undefined || namesPeople(question);

/** Asks what an export asks, and writes the answer down. Rejects with ApiError. */
export const makeBody = (asked: Asked, options: BodyOptions): Promise<ExportBody> =>
  asked.question === undefined ? sqlBody(asked, options) : questionBody(asked.question, asked, options);

/** As of what is loaded when it runs, and of the moment at which it was due: so a run that comes late is of the same range. */
const questionBody = async (
  question: QueryRequest,
  { project, fields, dueMs, signal, owner }: Asked,
  { service, standing }: BodyOptions,
): Promise<ExportBody> => {
  const position = asOf(standing(project));
  const pinned = position === null ? {} : { as_of: { position, at: isoOf(dueMs) } };
  const request: QueryRequest = { ...question, ...pinned };
  const options = { signal, timeoutMs: EXPORT_LIMITS.timeoutMs, once: true, by: byOwner(owner) };
  const first: QueryAnswer = await service.query(project, request, options);
  const toTable = tabulator<QueryRequest>(request);
  const { columns } = toTable(first);
  const rows: (readonly Cell[])[] = [];
  let answer: QueryAnswer | undefined = first;
  for (let pages = 1; answer !== undefined; pages++) {
    for (const row of toTable(answer).rows) rows.push(row);
    const cursor: string | null = 'next_cursor' in answer ? answer.next_cursor : null;
    if (cursor !== null && (pages >= EXPORT_LIMITS.pagesMax || rows.length > EXPORT_LIMITS.rowsMax))
      throw tooLarge(rows.length);
    answer =
      cursor === null
        ? undefined
        : await service.query(project, { ...request, cursor } as QueryRequest, options);
  }
  if (rows.length > EXPORT_LIMITS.rowsMax) throw tooLarge(rows.length);
  return {
    body: writeTable({ columns, rows }, fields.format, '').body,
    ...{ rows: rows.length, asOf: position, fromMs: Date.parse(first.range.from) },
  };
};

const byOwner = (owner: AuditActor): AskedBy => ({ way: 'export', asker: owner });

const tooLarge = (rows: number): ApiError =>
  new ApiError(
    'result_too_large',
    `The file would have more than ${rows.toLocaleString('en')} rows; at most ${EXPORT_LIMITS.rowsMax.toLocaleString('en')} are written. Take a shorter range, a coarser interval, or fewer groups.`,
  );

const sqlBody = async (
  { project, fields, dueMs, signal, owner }: Asked,
  { sql, rowsMax: allowed }: BodyOptions,
): Promise<ExportBody> => {
  const { what, format } = fields;
  const rowsMax = Math.min(allowed, SQL_LIMITS.rowsMax);
  if (what.kind !== 'sql') throw new RangeError('not an export of SQL');
  const { fromMs, ...statement } = statementOf(fields, what, dueMs);
  const answer = await sql.write(
    project,
    { ...statement, limit: rowsMax, format },
    { signal, by: byOwner(owner) },
  );
  if (answer.isTruncated)
    throw new ApiError(
      'result_too_large',
      `The statement has more than ${rowsMax.toLocaleString('en')} rows; no more are written. Group by less, or take a shorter range.`,
    );
  return {
    body: answer.body,
    ...{ rows: answer.rowCount, asOf: answer.asOf, fromMs },
  };
};

interface Statement extends Pick<SqlRequest, 'sql' | 'parameters'> {
  readonly fromMs: number;
}

/** The statement that an export of SQL runs at a moment, with its range as parameters. Throws ApiError `invalid_request` for a range that only the events tell. */
export const statementOf = (
  fields: Pick<ExportFields, 'range' | 'schedule'>,
  { sql, parameters }: SqlOfExport,
  nowMs: number,
): Statement => {
  const range = fields.range === undefined ? undefined : sqlRange(fields.range, nowMs, zoneOf(fields));
  const bounds = range === undefined ? {} : { from: sqlInstant(range.fromMs), to: sqlInstant(range.toMs) };
  return { sql, parameters: { ...parameters, ...bounds }, fromMs: range?.fromMs ?? nowMs };
};

const sqlRange = (range: NonNullable<ExportFields['range']>, nowMs: number, timeZone: string): TimeRange => {
  const parsed = parseRange(range, nowMs, parseTimeZone(timeZone));
  if (parsed === 'all')
    throw invalidAt('range', 'With SQL a range must have a beginning: leave it out for all events.');
  return parsed;
};

/** As parameters of the type DateTime64 take it. */
const sqlInstant = (ms: number): string => isoOf(ms).replace('T', ' ').replace('Z', '');
