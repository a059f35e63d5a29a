import type { Context } from 'hono';
import type { Caller, Members, Standing } from '../access/members.ts';
import type { Permission } from '../access/permissions.ts';
import { isOperator } from '../access/principal.ts';
import { tokenOf } from '../access/token.ts';
import { ApiError } from '../event/errors.ts';
import type { AppEnv } from './app-env.ts';
import { authorize, neededFor, sessionRequestOf } from './auth.ts';

/** For routes that belong to no project: who asks, and what that is in an organisation. */

/** Who asks, by key or session. Rejects with ApiError. */
export const callerOf = async (c: Context<AppEnv>): Promise<Caller> => {
  const { authenticator, door } = c.var;
  const [authorization, apiKey] = [c.req.header('authorization'), c.req.header('x-api-key')];
  const isKeyed = tokenOf(authorization, apiKey) !== undefined;
  const signedIn = isKeyed ? undefined : await door?.callerOf(sessionRequestOf(c));
  if (signedIn !== undefined) return signedIn;
  const principal = authorize(authenticator, authorization, apiKey, 'any');
  const { actor, project, permissions } = principal;
  return { actor, isOperator: isOperator(principal), userId: null, confined: { project, permissions } };
};

/** What whoever asks is in the organisation that the path names. Rejects with ApiError: `not_found` if nothing, as if there were none; `missing_scope` without the permission. */
export const standingOf = async (
  c: Context<AppEnv>,
  members: Members,
  permission: Permission,
): Promise<Standing> => {
  const caller = await callerOf(c);
  const id = c.req.param('organisation') ?? '';
  const standing = await members.standing(caller, id);
  if (standing === undefined)
    throw new ApiError(
      'not_found',
      `There is no organisation "${id.slice(0, 100)}". GET /api/organisations lists them.`,
    );
  const { permissions } = standing;
  if (!permissions.has(permission))
    throw new ApiError(
      'missing_scope',
      `${neededFor(permission)}; in this organisation you have ${[...permissions].join(', ') || 'none'}.`,
      { details: { needed: permission, has: [...permissions] } },
    );
  return standing;
};
