import { ROUTES } from '../contract/routes.ts';
import { sqlRequestSchema } from '../contract/sql.ts';
import type { App } from '../http/app.ts';
import { parsedBody } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { askOf, projectOf } from '../http/request-parts.ts';
import type { SqlService } from './service.ts';

/** Registers the routes of SQL. */
export const registerSqlRoutes = (app: App, service: SqlService): void => {
  app.post(ROUTES.sql.path, requirePermission('sql:run'), async (c) => {
    const request = await parsedBody(c, sqlRequestSchema);
    const { body, headers, isTruncated, asOf } = await service.write(projectOf(c), request, askOf(c));
    const beside =
      request.format === 'json'
        ? {}
        : { 'x-aevum-truncated': String(isTruncated), 'x-aevum-as-of': asOf ?? '' };
    return c.body(typeof body === 'string' ? body : bufferOf(body), 200, { ...headers, ...beside });
  });
  app.get(ROUTES.sqlSchema.path, requirePermission('data:read'), (c) => c.json(service.schema()));
};

/** The same bytes. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer<ArrayBuffer> =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
