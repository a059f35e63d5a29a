import type { Context } from 'hono';
import type { AuditActor } from '../access/audit-entry.ts';
import type { Invitations } from '../access/invitations.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Members } from '../access/members.ts';
import { DEFAULT_PROJECT, projectNameOf } from '../access/principal.ts';
import { noSessionCookie, sessionCookieOf } from '../access/session-cookie.ts';
import type { OpenedSession, Session, SessionHolder, Sessions } from '../access/sessions.ts';
import type { SignIn } from '../access/sign-in.ts';
import { actorOfUser, type User, type Users } from '../access/users.ts';
import {
  acceptInvitationSchema,
  linkTokenSchema,
  type PasswordAnswer,
  type ResetLinkAnswer,
  resetPasswordSchema,
  type SeenInvitationAnswer,
} from '../contract/members.ts';
import { ROUTES } from '../contract/routes.ts';
import {
  PROJECT_PARAMETER,
  type SessionAnswer,
  type SignedOut,
  signInByKeySchema,
  signInByPasswordSchema,
} from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { orAccessError } from './access-answer.ts';
import { type App, hasBody, parsedBody } from './app.ts';
import type { AppEnv } from './app-env.ts';
import { authorize, sessionRequestOf } from './auth.ts';
import { meOf } from './me-routes.ts';
import { cookieFor } from './pages.ts';
import { noteRefused } from './refused-sign-in.ts';
import { remoteAddressOf } from './remote-address.ts';
import {
  callerOfSession,
  chosenProject,
  noProject,
  permissionsOf,
  type SessionDoor,
} from './session-door.ts';
import { isSecure, SIGN_IN_REFUSED, SIGNED_IN } from './session-telemetry.ts';

/** What the routes need. */
export interface SessionRoutesOptions {
  readonly members: Members;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly signIn: SignIn;
  readonly invitations: Invitations;
  readonly door: SessionDoor;
  readonly authenticator: Authenticator;
  readonly telemetry: Telemetry;
  /** The option; undefined if browsers see the listening address. */
  readonly publicUrl: string | undefined;
  /** The address to be told. */
  readonly address: () => string;
  /** The first write key of a project, where it is known and in force. */
  readonly writeKeyOf: (project: string) => string | null;
}

/** Registers the routes that tell of, begin and end a session, by key, by password or by the links that people are given. */
export const registerSessionRoutes = (app: App, options: SessionRoutesOptions): void => {
  const { door, publicUrl } = options;
  app.get(ROUTES.getSession.path, async (c) => {
    const found = await ownSession(c, options);
    if (found === undefined) throw new ApiError('no_session');
    c.header('set-cookie', cookieFor(found.secret, publicUrl));
    return c.json(await answerOf(found.session, c.req.query(PROJECT_PARAMETER), options));
  });
  app.post(ROUTES.signIn.path, async (c) => {
    door.checkOrigin(sessionRequestOf(c));
    const session = await signInBy(c, options);
    return c.json(await answerOf(session, undefined, options), 201);
  });
  app.delete(ROUTES.signOut.path, async (c) => signOut(c, options));
  registerLinks(app, options);
};

/** Registers what the links lead to that invite somebody or set a password. */
const registerLinks = (app: App, options: SessionRoutesOptions): void => {
  const { door, invitations, users } = options;
  app.post(ROUTES.readInvitation.path, async (c) => {
    const signedIn = await ownUser(c, options);
    const { token } = await parsedBody(c, linkTokenSchema);
    const { invitation, organisationName, hasAccount } = await orAccessError(() => invitations.look(token));
    const { email, project, role, invitedBy, expiresAtMs } = invitation;
    return c.json({
      ...{ email, role, organisation: organisationName, invited_by: invitedBy },
      project: project === null ? null : projectNameOf(project),
      expires_at: new Date(expiresAtMs).toISOString(),
      ...{ has_account: hasAccount, signed_in_as: signedIn?.email ?? null },
    } satisfies SeenInvitationAnswer);
  });
  app.post(ROUTES.acceptInvitation.path, async (c) => {
    const signedIn = await ownUser(c, options);
    const { token, name, password } = await parsedBody(c, acceptInvitationSchema);
    const known = signedIn ?? (await knownInvitee(c, options, token, password));
    const user = await orAccessError(() => invitations.accept({ token, user: known, name, password }));
    const session =
      signedIn === null
        ? await openFor(c, options, user, 'invitation')
        : (await ownSession(c, options))?.session;
    if (session === undefined) throw new ApiError('no_session');
    return c.json(await meOf(callerOfSession(session), options), 201);
  });
  app.post(ROUTES.readResetLink.path, async (c) => {
    door.checkOrigin(sessionRequestOf(c));
    const { token } = await parsedBody(c, linkTokenSchema);
    const { email } = await orAccessError(() => users.ofReset(token));
    return c.json({ email } satisfies ResetLinkAnswer);
  });
  app.post(ROUTES.resetPassword.path, async (c) => {
    door.checkOrigin(sessionRequestOf(c));
    const { token, password } = await parsedBody(c, resetPasswordSchema);
    const user = await orAccessError(() => users.reset(token, password));
    await openFor(c, options, user, 'password link');
    return c.json({ changed: true } satisfies PasswordAnswer);
  });
};

/** Of an invitation to somebody who has an account and is not signed in: its user, if the password fits. Rejects with ApiError. */
const knownInvitee = async (
  c: Context<AppEnv>,
  { invitations, signIn, telemetry }: SessionRoutesOptions,
  token: string,
  password: string | undefined,
): Promise<User | null> => {
  const { hasAccount, invitation } = await orAccessError(() => invitations.look(token));
  if (!hasAccount || password === undefined) return null;
  const attempt = { email: invitation.email, password, address: remoteAddressOf(c) };
  const user = await orAccessError(() => signIn.attempt(attempt));
  if (user !== undefined) return user;
  telemetry.emit(SIGN_IN_REFUSED, { by: 'password' });
  throw new ApiError('wrong_password');
};

/** The session of a request, if there is one. Throws ApiError `foreign_origin`. */
const ownSession = async (
  c: Context<AppEnv>,
  { sessions, door }: SessionRoutesOptions,
): Promise<OpenedSession | undefined> => {
  door.checkOrigin(sessionRequestOf(c));
  const secret = sessionCookieOf(c.req.header('cookie'));
  const session = secret === undefined ? undefined : await sessions.find(secret);
  return secret === undefined || session === undefined ? undefined : { secret, session };
};

/** The user who is signed in, if one is. Throws ApiError `foreign_origin`. */
const ownUser = async (c: Context<AppEnv>, options: SessionRoutesOptions): Promise<User | null> => {
  const userId = (await ownSession(c, options))?.session.userId ?? null;
  return userId === null ? null : ((await options.users.find(userId)) ?? null);
};

const signOut = async (c: Context<AppEnv>, options: SessionRoutesOptions) => {
  const found = await ownSession(c, options);
  if (found !== undefined) {
    const { id: object, actor } = found.session;
    await c.var.audit?.log.record({ actor, action: 'session.ended', object });
    await options.sessions.end(found.secret);
  }
  c.header('set-cookie', noSessionCookie(isSecure(options.publicUrl)));
  return c.json({ signed_in: false } satisfies SignedOut);
};

const signInBy = async (c: Context<AppEnv>, options: SessionRoutesOptions): Promise<Session> => {
  const body: unknown = hasBody(c) ? await c.req.json() : undefined;
  const isByKey = typeof body === 'object' && body !== null && 'key' in body;
  return isByKey ? byKey(c, options) : byPassword(c, options);
};

const byPassword = async (c: Context<AppEnv>, options: SessionRoutesOptions): Promise<Session> => {
  const { signIn, telemetry } = options;
  const { email, password } = await parsedBody(c, signInByPasswordSchema);
  const address = remoteAddressOf(c);
  const user = await orAccessError(() => signIn.attempt({ email, password, address })).catch(
    (error: unknown) => {
      telemetry.emit(SIGN_IN_REFUSED, { by: 'password' });
      throw error;
    },
  );
  if (user !== undefined) {
    if ((await options.sessions.projectsOf({ project: null, userId: user.id })).length === 0)
      throw noProject();
    return openFor(c, options, user, 'password');
  }
  telemetry.emit(SIGN_IN_REFUSED, { by: 'password' });
  await noteRefused(c, 'password');
  throw new ApiError('wrong_password');
};

/** An admin key of the first project is the operator's, and sees all projects; one of another project sees that one. */
const byKey = async (c: Context<AppEnv>, options: SessionRoutesOptions): Promise<Session> => {
  const { authenticator, telemetry } = options;
  const { key } = await parsedBody(c, signInByKeySchema);
  try {
    const principal = authorize(authenticator, `Bearer ${key.trim()}`, undefined, 'project:admin');
    const { keyId, project, actor } = principal;
    const holder = { keyId, project: project === DEFAULT_PROJECT ? null : project };
    return await open(c, options, holder, { by: 'key', actor });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    telemetry.emit(SIGN_IN_REFUSED, { by: 'key' });
    await noteRefused(c, 'key');
    throw error;
  }
};

const openFor = (
  c: Context<AppEnv>,
  options: SessionRoutesOptions,
  user: User,
  by: 'password' | 'invitation' | 'password link',
): Promise<Session> => open(c, options, { userId: user.id }, { by, actor: actorOfUser(user) });

/** Opens a session, enters it, and hands out the cookie. */
const open = async (
  c: Context<AppEnv>,
  { sessions, telemetry, publicUrl }: SessionRoutesOptions,
  holder: SessionHolder,
  { by, actor }: { readonly by: string; readonly actor: AuditActor },
): Promise<Session> => {
  const { secret, session } = await sessions.open(holder);
  await c.var.audit?.log.record({ actor, action: 'session.opened', object: session.id, detail: { by } });
  telemetry.emit(SIGNED_IN, { by: by === 'key' ? 'key' : 'password', session: session.id, who: actor.id });
  c.header('set-cookie', cookieFor(secret, publicUrl));
  return session;
};

const answerOf = async (
  session: Session,
  wanted: string | undefined,
  { sessions, users, address, writeKeyOf }: SessionRoutesOptions,
): Promise<SessionAnswer> => {
  const project = await chosenProject(sessions, session, wanted);
  const projects = await sessions.projectsOf(session);
  const user = session.userId === null ? undefined : await users.find(session.userId);
  const permissions = permissionsOf(session, project);
  return {
    signed_in: true,
    user: user === undefined ? null : { id: user.id, email: user.email, name: user.name },
    project: project.name,
    projects: projects.map(({ name, createdAtMs, timezone }) => ({
      name,
      created_at: new Date(createdAtMs).toISOString(),
      timezone,
    })),
    role: project.role,
    permissions: [...permissions],
    public_url: address(),
    write_key: permissions.has('project:admin') ? writeKeyOf(project.id) : null,
  };
};
