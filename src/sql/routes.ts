import { ROUTES } from '../contract/routes.ts';
import { type SqlAnswer, type SqlFormat, sqlRequestSchema } from '../contract/sql.ts';
import type { App } from '../http/app.ts';
import { parsedBody } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { toCsv, toNdjson } from './render.ts';
import type { SqlService } from './service.ts';

/** Registers `POST /api/sql`. */
export const registerSqlRoutes = (app: App, service: SqlService): void => {
  app.post(ROUTES.sql.path, requirePermission('sql:run'), async (c) => {
    const request = await parsedBody(c, sqlRequestSchema);
    const answer = await service.answer(c.var.principal.project, request, c.req.raw.signal);
    if (request.format === 'json') return c.json(answer);
    const { mediaType, render } = FORMS[request.format];
    return c.body(render(answer), 200, {
      'content-type': mediaType,
      'x-aevum-truncated': String(answer.truncated),
      'x-aevum-as-of': answer.as_of ?? '',
    });
  });
};

interface Form {
  readonly mediaType: string;
  readonly render: (answer: SqlAnswer) => string;
}

const FORMS: Readonly<Record<Exclude<SqlFormat, 'json'>, Form>> = {
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', render: toCsv },
  ndjson: { mediaType: 'application/x-ndjson; charset=utf-8', render: toNdjson },
};
