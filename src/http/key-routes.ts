import type { KeyInfo, KeyRing } from '../access/keys.ts';
import {
  type CreatedKey,
  type KeyAnswer,
  type KeysAnswer,
  newKeySchema,
  type RevokedKey,
} from '../contract/keys.ts';
import { ApiError } from '../event/errors.ts';
import { type App, parsedBody } from './app.ts';
import { requirePermission } from './auth.ts';
import { orConflict } from './conflict.ts';

const KEYS_PATH = '/api/keys';

/** Registers the routes that list, make and revoke the keys of the asking key's project. */
export const registerKeyRoutes = (app: App, { keys }: { readonly keys: KeyRing }): void => {
  app.get(KEYS_PATH, requirePermission('project:admin'), (c) =>
    c.json({ keys: keys.list(c.var.principal.project).map(keyAnswer) } satisfies KeysAnswer),
  );
  app.post(KEYS_PATH, requirePermission('project:admin'), async (c) => {
    const { kind, name } = await parsedBody(c, newKeySchema);
    const { project } = c.var.principal;
    const { key, info } = await orConflict(() => keys.create({ project, kind, name }));
    return c.json({ key, info: keyAnswer(info) } satisfies CreatedKey, 201);
  });
  app.delete(`${KEYS_PATH}/:id`, requirePermission('project:admin'), async (c) => {
    const id = c.req.param('id');
    if (!(await keys.revoke(c.var.principal.project, id)))
      throw new ApiError('not_found', 'There is no key of this id. GET /api/keys lists them.');
    return c.json({ id, revoked: true } satisfies RevokedKey);
  });
};

const instantOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const keyAnswer = (info: KeyInfo): KeyAnswer => ({
  id: info.id,
  name: info.name,
  prefix: info.prefix,
  scopes: [...info.scopes],
  created_at: new Date(info.createdAtMs).toISOString(),
  last_used_at: instantOf(info.lastUsedAtMs),
  revoked_at: instantOf(info.revokedAtMs),
});
