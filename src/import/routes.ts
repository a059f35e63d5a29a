import {
  importPathSchema,
  importQuerySchema,
  importsQuerySchema,
  knownIdsRequestSchema,
} from '../contract/imports.ts';
import { type App, parsedBody } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { parseRequest } from '../http/parse-request.ts';
import { queryOf } from '../http/request-parts.ts';
import { pathOf } from '../http/route-path.ts';
import type { ImportBook } from './import-book.ts';
import type { ImportState } from './import-state.ts';

/** Registers the list of imports, and `GET /api/imports/{id}` and `POST /api/imports/{id}/known`, which need an admin key, as a declared backfill does. */
export const registerImportRoutes = (
  app: App,
  imports: ImportState,
  book: Pick<ImportBook, 'list'>,
): void => {
  const admin = requirePermission('project:admin');
  app.get(pathOf('listImports'), requirePermission('data:read'), async (c) => {
    const query = parseRequest(importsQuerySchema, queryOf(c));
    return c.json(await book.list(c.var.principal.project, query), 200);
  });
  app.get(pathOf('readImport'), admin, async (c) => {
    const { id } = parseRequest(importPathSchema, c.req.param());
    const query = parseRequest(importQuerySchema, queryOf(c));
    return c.json(await imports.read(c.var.principal.project, id, query), 200);
  });
  app.post(pathOf('findKnownIds'), admin, async (c) => {
    parseRequest(importPathSchema, c.req.param());
    const { ids } = await parsedBody(c, knownIdsRequestSchema);
    return c.json(await imports.known(c.var.principal.project, ids), 200);
  });
};
