import type { SqlAnswer, SqlFormat, SqlParameter, SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { ask, askFile, pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

/** What a statement may name. */
export const useSqlSchema = (project: string): Resource<SqlSchemaAnswer> =>
  useResource({ key: ['sql schema', project], path: pathOf('/api/sql/schema', project) });

/** A statement with what it is run with. */
export interface SqlQuestion {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, SqlParameter>>;
  readonly limit: number;
}

interface Running {
  readonly signal: AbortSignal;
  /** The longest that the statement may take. */
  readonly timeoutMs: number;
}

/** Waiting for a turn, and the way of the answer. */
const BEYOND_MS = 30_000;

/** Runs a statement. */
export const runSql = (
  project: string,
  question: SqlQuestion,
  { signal, timeoutMs }: Running,
): Promise<SqlAnswer> =>
  ask(pathOf('/api/sql', project), { body: question, signal, timeoutMs: timeoutMs + BEYOND_MS });

/** A file of rows. */
export interface SqlFile {
  readonly file: Blob;
  /** There are more rows than the file holds. */
  readonly isTruncated: boolean;
}

/** Runs a statement and answers its rows as a file. */
export const runSqlToFile = async (
  project: string,
  question: SqlQuestion & { readonly format: Exclude<SqlFormat, 'json'> },
  timeoutMs: number,
): Promise<SqlFile> => {
  const { file, headers } = await askFile(pathOf('/api/sql', project), {
    body: question,
    timeoutMs: timeoutMs + BEYOND_MS,
  });
  return { file, isTruncated: headers.get('x-aevum-truncated') === 'true' };
};

/** The answer to a statement that a page asks by itself: kept until it is asked for again. */
export const useSqlAnswer = (project: string, question: SqlQuestion): Resource<SqlAnswer> =>
  useResource({
    key: ['sql', project, question],
    path: pathOf('/api/sql', project),
    body: question,
    keep: true,
  });
