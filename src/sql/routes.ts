import { ROUTES } from '../contract/routes.ts';
import { type SqlAnswer, type SqlFormat, sqlRequestSchema } from '../contract/sql.ts';
import type { App } from '../http/app.ts';
import { parsedBody } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { askOf, projectOf } from '../query/request-parts.ts';
import { writeTable } from '../table/format.ts';
import { toCsv, toNdjson } from './render.ts';
import type { SqlService } from './service.ts';
import { sqlTable } from './table.ts';

/** Registers the routes of SQL. */
export const registerSqlRoutes = (app: App, service: SqlService): void => {
  app.post(ROUTES.sql.path, requirePermission('sql:run'), async (c) => {
    const request = await parsedBody(c, sqlRequestSchema);
    const answer = await service.answer(projectOf(c), request, askOf(c));
    if (request.format === 'json') return c.json(answer);
    const { body, headers } = FORMS[request.format](answer);
    return c.body(typeof body === 'string' ? body : Buffer.from(body), 200, {
      ...headers,
      'x-aevum-truncated': String(answer.truncated),
      'x-aevum-as-of': answer.as_of ?? '',
    });
  });
  app.get(ROUTES.sqlSchema.path, requirePermission('data:read'), (c) => c.json(service.schema()));
};

interface Form {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const text = (body: string, mediaType: string): Form => ({ body, headers: { 'content-type': mediaType } });

const file =
  (format: 'parquet' | 'arrow') =>
  (answer: SqlAnswer): Form =>
    writeTable(sqlTable(answer), format, 'answer');

const FORMS: Readonly<Record<Exclude<SqlFormat, 'json'>, (answer: SqlAnswer) => Form>> = {
  csv: (answer) => text(toCsv(answer), 'text/csv; charset=utf-8; header=present'),
  ndjson: (answer) => text(toNdjson(answer), 'application/x-ndjson; charset=utf-8'),
  parquet: file('parquet'),
  arrow: file('arrow'),
};
