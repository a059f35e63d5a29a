import { createMiddleware } from 'hono/factory';
import { isMistypedKey } from '../access/key-format.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Principal, Scope } from '../access/principal.ts';
import { tokenOf } from '../access/token.ts';
import { ApiError } from '../event/errors.ts';
import type { AppEnv } from './app-env.ts';

const NEEDED: Readonly<Record<Scope, string>> = {
  ingest: 'Sending events needs a write key (aev_w_...) or an admin key (aev_a_...)',
  read: 'Reading needs a read key (aev_r_...) or an admin key (aev_a_...)',
  admin: 'This needs an admin key (aev_a_...)',
};

/** Who asks, by the headers that may carry a key. Throws ApiError `missing_key`, `unknown_key` or `missing_scope`. */
export const authorize = (
  authenticator: Authenticator,
  authorization: string | undefined,
  apiKey: string | undefined,
  scope: Scope,
): Principal => {
  const key = tokenOf(authorization, apiKey);
  if (key === undefined) throw new ApiError('missing_key');
  const principal = authenticator.authenticate(key);
  if (principal === undefined)
    throw new ApiError(
      'unknown_key',
      isMistypedKey(key) ? 'The key is mistyped or cut off: its checksum is wrong.' : undefined,
    );
  requirePrincipal(principal, scope);
  return principal;
};

/** Throws ApiError `missing_scope` unless a principal has the scope. The message says which key is needed, and which was sent. */
export const requirePrincipal = ({ scopes }: Principal, scope: Scope): void => {
  if (scopes.has(scope)) return;
  const sent = scopes.has('ingest') ? 'a write key' : 'a read key';
  throw new ApiError('missing_scope', `${NEEDED[scope]}; this is ${sent}.`, {
    details: { needed: scope, has: [...scopes] },
  });
};

/** Middleware: lets only keys with the scope pass, and sets `principal`. */
export const requireScope = (scope: Scope) =>
  createMiddleware<AppEnv>(async function requireScopeOfKey(c, next) {
    const { authenticator } = c.var;
    c.set(
      'principal',
      authorize(authenticator, c.req.header('authorization'), c.req.header('x-api-key'), scope),
    );
    await next();
  });
