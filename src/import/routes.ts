import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  importPathSchema,
  importQuerySchema,
  importsQuerySchema,
  knownIdsRequestSchema,
} from '../contract/imports.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
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
    const query = checked(importsQuerySchema, parametersOf(c));
    return c.json(await book.list(c.var.principal.project, query), 200);
  });
  app.get(pathOf('readImport'), admin, async (c) => {
    const { id } = checked(importPathSchema, c.req.param());
    const query = checked(importQuerySchema, parametersOf(c));
    return c.json(await imports.read(c.var.principal.project, id, query), 200);
  });
  app.post(pathOf('findKnownIds'), admin, async (c) => {
    checked(importPathSchema, c.req.param());
    const { ids } = checked(knownIdsRequestSchema, await c.req.json<unknown>());
    return c.json(await imports.known(c.var.principal.project, ids), 200);
  });
};

/** The query string without the choice of the project, which was heeded already. */
const parametersOf = (c: Context): Record<string, string> => {
  const { [PROJECT_PARAMETER]: _heeded, ...parameters } = c.req.query();
  return parameters;
};

const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  const words = problems.map(({ path, message }) => `"${path}": ${message}`);
  throw new ApiError('invalid_request', words.join(' '), { details: problems });
};
