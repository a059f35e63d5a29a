import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isMistypedKey } from '../access/key-format.ts';
import type { Authenticator } from '../access/keys.ts';
import { DEFAULT_PROJECT, type Principal, projectNameOf, type Scope } from '../access/principal.ts';
import { tokenOf } from '../access/token.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { AppEnv } from './app-env.ts';
import type { SessionRequest } from './session-door.ts';

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
  const sent = scopes.has('ingest') ? 'a write key' : scopes.has('admin') ? 'a session' : 'a read key';
  throw new ApiError('missing_scope', `${NEEDED[scope]}; this is ${sent}.`, {
    details: { needed: scope, has: [...scopes] },
  });
};

/** Throws ApiError `wrong_project` unless a principal administers all projects. `what` begins the message: "Projects are made". */
export const requireOperator = ({ isOperator, project }: Principal, what: string): void => {
  if (isOperator === true) return;
  throw new ApiError(
    'wrong_project',
    `${what} by those who administer all projects: with an admin key of the project "${DEFAULT_PROJECT}", or signed in by a link or such a key. This one is confined to "${projectNameOf(project)}".`,
  );
};

/** What of a request says whose session it belongs to. */
export const sessionRequestOf = (c: Context): SessionRequest => ({
  method: c.req.method,
  headers: {
    cookie: c.req.header('cookie'),
    host: c.req.header('host'),
    origin: c.req.header('origin'),
    'sec-fetch-site': c.req.header('sec-fetch-site'),
  },
  project: c.req.query(PROJECT_PARAMETER),
});

/** Middleware: lets only keys and sessions with the scope pass, and sets `principal`. A key counts before a session. */
export const requireScope = (scope: Scope) =>
  createMiddleware<AppEnv>(async function requireScopeOfKey(c, next) {
    const { authenticator, door } = c.var;
    const [authorization, apiKey] = [c.req.header('authorization'), c.req.header('x-api-key')];
    const isKeyed = tokenOf(authorization, apiKey) !== undefined;
    const signedIn = isKeyed ? undefined : await door?.principalOf(sessionRequestOf(c));
    if (signedIn !== undefined) requirePrincipal(signedIn, scope);
    const principal = signedIn ?? authorize(authenticator, authorization, apiKey, scope);
    const wanted = c.req.query(PROJECT_PARAMETER);
    if (wanted !== undefined && wanted !== projectNameOf(principal.project))
      throw new ApiError('wrong_project');
    c.set('principal', principal);
    await next();
  });
