import { KEY_KINDS } from '../access/key-format.ts';
import { KeyTermsError } from '../access/key-terms.ts';
import type { KeyInfo, KeyRing } from '../access/keys.ts';
import type { Scope } from '../access/permissions.ts';
import { isOperatorsKey, type Principal } from '../access/principal.ts';
import {
  type CreatedKey,
  type KeyAnswer,
  type KeysAnswer,
  newKeySchema,
  type RevokedKey,
  rotationSchema,
} from '../contract/keys.ts';
import { ApiError } from '../event/errors.ts';
import { type App, hasBody, parsedBody } from './app.ts';
import { checkPermission, requirePermission } from './auth.ts';
import { orConflict } from './conflict.ts';

const KEYS_PATH = '/api/keys';

/** Registers the routes that list, make and revoke the keys of the asking key's project. */
export const registerKeyRoutes = (app: App, { keys }: { readonly keys: KeyRing }): void => {
  app.get(KEYS_PATH, requirePermission('project:admin'), (c) =>
    c.json({ keys: keys.list(c.var.principal.project).map(keyAnswer) } satisfies KeysAnswer),
  );
  app.post(KEYS_PATH, requirePermission('project:admin'), async (c) => {
    const { kind = 'read', scopes, name, expires_at: expires, origins } = await parsedBody(c, newKeySchema);
    const { project, actor } = c.var.principal;
    const wanted = {
      ...{ project, name, scopes: scopes ?? KEY_KINDS[kind].scopes, by: actor },
      ...{ expiresAtMs: expires === undefined ? null : Date.parse(expires), origins: origins ?? [] },
    };
    checkOperatorsKey(c.var.principal, wanted.scopes);
    const { key, info } = await orInvalid(() => orConflict(() => keys.create(wanted)));
    return c.json({ key, info: keyAnswer(info) } satisfies CreatedKey, 201);
  });
  app.post(`${KEYS_PATH}/:id/rotate`, requirePermission('project:admin'), async (c) => {
    const { grace_s: graceS } = hasBody(c) ? await parsedBody(c, rotationSchema) : rotationSchema.parse({});
    const { project, actor } = c.var.principal;
    const rotation = { project, id: c.req.param('id'), graceMs: graceS * 1_000, by: actor };
    checkOperatorsKeyOf(c.var.principal, keys, rotation.id);
    const rotated = await orConflict(() => keys.rotate(rotation));
    if (rotated === undefined)
      throw new ApiError('not_found', 'There is no key of this id in force. GET /api/keys lists them.');
    return c.json({ key: rotated.key, info: keyAnswer(rotated.info) } satisfies CreatedKey, 201);
  });
  app.delete(`${KEYS_PATH}/:id`, requirePermission('project:admin'), async (c) => {
    const id = c.req.param('id');
    checkOperatorsKeyOf(c.var.principal, keys, id);
    if (!(await keys.revoke(c.var.principal.project, id, c.var.principal.actor)))
      throw new ApiError('not_found', 'There is no key of this id. GET /api/keys lists them.');
    return c.json({ id, revoked: true } satisfies RevokedKey);
  });
};

/** A key that administers the platform is made, replaced and revoked by who administers the platform: else whoever administers the first project could. Throws ApiError. */
const checkOperatorsKey = (principal: Principal, scopes: readonly Scope[]): void => {
  if (isOperatorsKey(principal.project, scopes)) checkPermission(principal, 'platform:admin');
};

const checkOperatorsKeyOf = (principal: Principal, keys: KeyRing, id: string): void => {
  const found = keys.list(principal.project).find((key) => key.id === id);
  if (found !== undefined) checkOperatorsKey(principal, found.scopes);
};

/** What is wrong with how a key shall be is told as such. */
const orInvalid = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyTermsError) throw new ApiError('invalid_request', error.message);
    throw error;
  }
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
  expires_at: instantOf(info.expiresAtMs),
  origins: [...info.origins],
});
