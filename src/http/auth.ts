import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { AuditRead } from '../access/audit-reads.ts';
import { isMistypedKey } from '../access/key-format.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Permission } from '../access/permissions.ts';
import { DEFAULT_PROJECT, type Principal, projectNameOf } from '../access/principal.ts';
import { isOriginAllowed } from '../access/origins.ts';
import { tokenOf } from '../access/token.ts';
import { ROUTES } from '../contract/routes.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { AppEnv } from './app-env.ts';
import { pathOf } from './route-path.ts';
import type { SessionRequest } from './session-door.ts';

const NEEDED: Readonly<Record<Permission, string>> = {
  'events:send': 'Sending events needs a write key (aev_w_...) or an admin key (aev_a_...)',
  'data:read': 'Reading needs a read key (aev_r_...), an admin key (aev_a_...), or a role in the project',
  'personal:read':
    'Seeing single people and their events needs a read key (aev_r_...), an admin key (aev_a_...), or the role analyst, admin or owner',
  'sql:run':
    'SQL needs a key with the scope "sql", an admin key (aev_a_...), or the role analyst, admin or owner',
  'insights:write': 'Saving needs an admin key (aev_a_...), or the role analyst, admin or owner',
  'project:admin': 'This needs an admin key (aev_a_...), or the role admin or owner',
  'organisation:admin': 'This needs the role owner in the organisation',
  'platform:read': `Numbers of the whole platform need a read key (aev_r_...) or an admin key (aev_a_...) of the project "${DEFAULT_PROJECT}", or a role in it`,
  'platform:admin': `This is for those who administer all projects: with an admin key of the project "${DEFAULT_PROJECT}", or signed in by a link or such a key`,
};

/** What is told of whoever may not: what is needed. */
export const neededFor = (permission: Permission): string => NEEDED[permission];

/** Who asks, by the headers that may carry a key. Throws ApiError `missing_key`, `unknown_key` or `missing_scope`. */
export const authorize = (
  authenticator: Authenticator,
  authorization: string | undefined,
  apiKey: string | undefined,
  permission: Permission | 'any',
): Principal => {
  const key = tokenOf(authorization, apiKey);
  if (key === undefined) throw new ApiError('missing_key');
  const principal = authenticator.authenticate(key);
  if (principal === undefined) throw refusedKey(authenticator, key);
  checkPermission(principal, permission);
  return principal;
};

/** What is told of a key that `authenticate` refuses. */
export const refusedKey = (authenticator: Authenticator, key: string): ApiError => {
  const refusal = authenticator.refusalOf(key);
  if (refusal === 'expired') return new ApiError('expired_key');
  if (refusal === 'revoked') return new ApiError('unknown_key', 'The key was revoked.');
  return new ApiError(
    'unknown_key',
    isMistypedKey(key) ? 'The key is mistyped or cut off: its checksum is wrong.' : undefined,
  );
};

/** Throws ApiError `origin_not_allowed` if a key names origins, and a request does not come from a page of one of them. */
export const checkKeyOrigin = ({ origins }: Principal, origin: string | undefined): void => {
  if (origins === undefined || isOriginAllowed(origins, origin)) return;
  throw new ApiError(
    'origin_not_allowed',
    origin === undefined
      ? 'The key is for pages of the origins that it names only, and this request names no origin. Programs need a key without origins.'
      : `The key is not for pages of ${origin.slice(0, 200)}.`,
  );
};

/** What of the whole platform takes more than the same of one project. */
const OF_PROJECT: Readonly<Partial<Record<Permission, Permission>>> = {
  'platform:read': 'data:read',
  'platform:admin': 'project:admin',
};

/** Throws ApiError unless a principal has the permission: `wrong_project` if it may in another project what it wants to do to all, `missing_scope` otherwise. The message says what is needed, and what was sent. */
export const checkPermission = (principal: Principal, permission: Permission | 'any'): void => {
  const { permissions, project } = principal;
  if (permission === 'any' || permissions.has(permission)) return;
  const details = { needed: permission, has: [...permissions] };
  const inProject = OF_PROJECT[permission];
  if (inProject !== undefined && permissions.has(inProject))
    throw new ApiError(
      'wrong_project',
      `${NEEDED[permission]}. This one is confined to "${projectNameOf(project)}".`,
      { details },
    );
  throw new ApiError('missing_scope', `${NEEDED[permission]}; this is ${whatWasSent(principal)}.`, {
    details,
  });
};

const whatWasSent = ({ role, permissions }: Principal): string => {
  if (role !== null) return `a session with the role ${role}`;
  if (permissions.has('project:admin')) return 'an admin key';
  const scopes = [
    ...(permissions.has('events:send') ? ['write'] : []),
    ...(permissions.has('sql:run') ? ['SQL'] : permissions.has('data:read') ? ['read'] : []),
  ];
  return `a ${scopes.join(' and ')} key`;
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

/** Who asks, on a route where nobody is refused; undefined: it is not said, or what is said is not good. */
export const principalIfKnown = async (c: Context<AppEnv>): Promise<Principal | undefined> => {
  const { authenticator, door } = c.var;
  const key = tokenOf(c.req.header('authorization'), c.req.header('x-api-key'));
  try {
    return key === undefined ? await door?.principalOf(sessionRequestOf(c)) : authenticator.authenticate(key);
  } catch {
    return undefined;
  }
};

/** Permissions whose use is entered in the audit log, and as what. */
const READS: Readonly<Partial<Record<Permission | 'any', AuditRead['action']>>> = {
  'personal:read': 'personal.read',
  'sql:run': 'sql.run',
};

/** A read as it is entered. */
export const readOf = (
  { actor, project }: Principal,
  action: AuditRead['action'],
  object: string,
): AuditRead => ({ actor, project, action, object });

const OPERATIONS: ReadonlyMap<string, string> = new Map(
  Object.values(ROUTES).map(({ method, operationId }) => [`${method} ${pathOf(operationId)}`, operationId]),
);

/** The operation of a route, as the API description names it. */
const operationOf = (c: Context): string => {
  const path = routePath(c);
  const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
  return OPERATIONS.get(`${method} ${path}`) ?? path;
};

/** Middleware: lets only keys and sessions with the permission pass (`any`: all of them), and sets `principal`. A key counts before a session. */
export const requirePermission = (permission: Permission | 'any') =>
  createMiddleware<AppEnv>(async function requirePermissionOfPrincipal(c, next) {
    const { authenticator, door } = c.var;
    const [authorization, apiKey] = [c.req.header('authorization'), c.req.header('x-api-key')];
    const isKeyed = tokenOf(authorization, apiKey) !== undefined;
    const signedIn = isKeyed ? undefined : await door?.principalOf(sessionRequestOf(c));
    if (signedIn !== undefined) checkPermission(signedIn, permission);
    const principal = signedIn ?? authorize(authenticator, authorization, apiKey, permission);
    const wanted = c.req.query(PROJECT_PARAMETER);
    if (wanted !== undefined && wanted !== projectNameOf(principal.project))
      throw new ApiError('wrong_project');
    await noteRead(c, principal, permission);
    c.set('principal', principal);
    await next();
  });

const noteRead = async (
  c: Context<AppEnv>,
  principal: Principal,
  permission: Permission | 'any',
): Promise<void> => {
  const action = READS[permission];
  if (action !== undefined) await c.var.audit?.reads.note(readOf(principal, action, operationOf(c)));
};

/** For a handler behind `requirePermission` whose request turns out to need another permission too: throws ApiError unless the principal has it, and enters its use as that would have been. */
export const requireAlso = async (c: Context<AppEnv>, permission: Permission): Promise<void> => {
  checkPermission(c.var.principal, permission);
  await noteRead(c, c.var.principal, permission);
};
