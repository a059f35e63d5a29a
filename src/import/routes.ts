import type { z } from '@hono/zod-openapi';
import { importPathSchema, importQuerySchema, knownIdsRequestSchema } from '../contract/imports.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { pathOf } from '../http/route-path.ts';
import type { ImportState } from './import-state.ts';

/** Registers `GET /api/imports/{id}` and `POST /api/imports/{id}/known`. Both need an admin key, as a declared backfill does. */
export const registerImportRoutes = (app: App, imports: ImportState): void => {
  const admin = requirePermission('project:admin');
  app.get(pathOf('readImport'), admin, async (c) => {
    const { id } = checked(importPathSchema, c.req.param());
    const { [PROJECT_PARAMETER]: _heeded, ...parameters } = c.req.query();
    const query = checked(importQuerySchema, parameters);
    return c.json(await imports.read(c.var.principal.project, id, query), 200);
  });
  app.post(pathOf('findKnownIds'), admin, async (c) => {
    checked(importPathSchema, c.req.param());
    const { ids } = checked(knownIdsRequestSchema, await c.req.json<unknown>());
    return c.json(await imports.known(c.var.principal.project, ids), 200);
  });
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
