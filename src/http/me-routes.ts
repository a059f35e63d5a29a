import type { Context } from 'hono';
import type { Caller, Members } from '../access/members.ts';
import { sessionCookieOf } from '../access/session-cookie.ts';
import type { Sessions } from '../access/sessions.ts';
import type { SignIn } from '../access/sign-in.ts';
import type { User, Users } from '../access/users.ts';
import {
  changePasswordSchema,
  type MeAnswer,
  type PasswordAnswer,
  type RemovedAnswer,
  type UserSessionsAnswer,
} from '../contract/members.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError } from '../event/errors.ts';
import { orAccessError } from './access-answer.ts';
import { type App, parsedBody } from './app.ts';
import type { AppEnv } from './app-env.ts';
import { remoteAddressOf } from './remote-address.ts';
import { callerOf } from './caller.ts';
import { permissionsOf } from './session-door.ts';

/** What the routes need. */
export interface MeRoutesOptions {
  readonly members: Members;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
}

/** Registers the routes about whoever asks: what may be done, the password, the sessions. */
export const registerMeRoutes = (app: App, options: MeRoutesOptions): void => {
  const { users, sessions, signIn } = options;
  app.get(ROUTES.readMe.path, async (c) => c.json(await meOf(await callerOf(c), options)));
  app.post(ROUTES.changePassword.path, async (c) => {
    const { user, secret } = await signedInUser(c, users);
    const { current_password: current, new_password: next } = await parsedBody(c, changePasswordSchema);
    const change = { current, next, address: remoteAddressOf(c) };
    await orAccessError(() => signIn.changePassword(user, change, secret));
    return c.json({ changed: true } satisfies PasswordAnswer);
  });
  app.get(ROUTES.listMySessions.path, async (c) => {
    const { user, secret } = await signedInUser(c, users);
    const current = (await sessions.find(secret))?.id;
    const listed = await sessions.listOf(user.id);
    const answer = listed.map(({ id, createdAtMs, lastUsedAtMs }) => ({
      ...{ id, current: id === current },
      created_at: new Date(createdAtMs).toISOString(),
      last_used_at: new Date(lastUsedAtMs).toISOString(),
    }));
    return c.json({ sessions: answer } satisfies UserSessionsAnswer);
  });
  app.delete(`${ROUTES.listMySessions.path}/:id`, async (c) => {
    const { user } = await signedInUser(c, users);
    const id = c.req.param('id');
    if (!(await sessions.endOf(user.id, id)))
      throw new ApiError('not_found', 'You have no session of this id. GET /api/me/sessions lists them.');
    return c.json({ id, removed: true } satisfies RemovedAnswer);
  });
};

/** The user who is signed in, and the secret of the session. Rejects with ApiError. */
const signedInUser = async (c: Context<AppEnv>, users: Users): Promise<{ user: User; secret: string }> => {
  const { userId } = await callerOf(c);
  const user = userId === null ? undefined : await users.find(userId);
  const secret = sessionCookieOf(c.req.header('cookie'));
  if (user === undefined || secret === undefined)
    throw new ApiError(
      'no_session',
      'This is for users who are signed in with e-mail and password. Keys and printed links have neither password nor sessions of their own.',
    );
  return { user, secret };
};

/** Who asks, with what may be done where. */
export const meOf = async (
  caller: Caller,
  { members, users, sessions }: Pick<MeRoutesOptions, 'members' | 'users' | 'sessions'>,
): Promise<MeAnswer> => {
  const { actor, isOperator, userId } = caller;
  const user = userId === null ? undefined : await users.find(userId);
  const organisations = await members.organisationsOf(caller);
  const projects = await projectsOf(caller, sessions);
  return {
    kind: userId === null ? (actor.kind === 'key' ? 'key' : 'link') : 'user',
    user: user === undefined ? null : { id: user.id, email: user.email, name: user.name },
    operator: isOperator,
    organisations: organisations.map(({ id, name, role }) => ({ id, name, role })),
    projects,
  };
};

const projectsOf = async (
  { userId, confined }: Caller,
  sessions: Sessions,
): Promise<MeAnswer['projects']> => {
  const holder = { project: confined?.project ?? null, userId };
  const seen = await sessions.projectsOf(holder);
  return seen.map((project) => {
    const { name, organisation, role } = project;
    if (confined !== null) return { name, organisation, role: null, permissions: [...confined.permissions] };
    return { name, organisation, role, permissions: [...permissionsOf(holder, project)] };
  });
};
