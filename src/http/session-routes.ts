import type { Context } from 'hono';
import type { Authenticator } from '../access/keys.ts';
import { DEFAULT_PROJECT, projectNameOf } from '../access/principal.ts';
import { noSessionCookie, sessionCookieOf } from '../access/session-cookie.ts';
import type { Session, Sessions } from '../access/sessions.ts';
import { ROUTES } from '../contract/routes.ts';
import { PROJECT_PARAMETER, type SessionAnswer, type SignedOut, signInSchema } from '../contract/session.ts';
import { ApiError } from '../event/errors.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { type App, parsedBody } from './app.ts';
import type { AppEnv } from './app-env.ts';
import { authorize, sessionRequestOf } from './auth.ts';
import { cookieFor } from './pages.ts';
import { chosenProject, rightsOf, type SessionDoor } from './session-door.ts';
import { isSecure, SIGN_IN_REFUSED, SIGNED_IN } from './session-telemetry.ts';

/** What the routes need. */
export interface SessionRoutesOptions {
  readonly sessions: Sessions;
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

/** Registers the routes that tell of, begin and end a session. */
export const registerSessionRoutes = (app: App, options: SessionRoutesOptions): void => {
  const { sessions, door, publicUrl } = options;
  app.get(ROUTES.getSession.path, async (c) => {
    door.checkOrigin(sessionRequestOf(c));
    const secret = sessionCookieOf(c.req.header('cookie'));
    const session = secret === undefined ? undefined : await sessions.find(secret);
    if (secret === undefined || session === undefined) throw new ApiError('no_session');
    c.header('set-cookie', cookieFor(secret, publicUrl));
    return c.json(await answerOf(session, c.req.query(PROJECT_PARAMETER), options));
  });
  app.post(ROUTES.signIn.path, async (c) => {
    door.checkOrigin(sessionRequestOf(c));
    const { key } = await parsedBody(c, signInSchema);
    const { secret, session } = await openByKey(key, options);
    c.header('set-cookie', cookieFor(secret, publicUrl));
    return c.json(await answerOf(session, undefined, options), 201);
  });
  app.delete(ROUTES.signOut.path, async (c) => signOut(c, options));
};

const signOut = async (c: Context<AppEnv>, { sessions, door, publicUrl }: SessionRoutesOptions) => {
  door.checkOrigin(sessionRequestOf(c));
  const secret = sessionCookieOf(c.req.header('cookie'));
  if (secret !== undefined) await sessions.end(secret);
  c.header('set-cookie', noSessionCookie(isSecure(publicUrl)));
  return c.json({ signed_in: false } satisfies SignedOut);
};

/** An admin key of the first project is the operator's, and sees all projects; one of another project sees that one. */
const openByKey = async (key: string, { sessions, authenticator, telemetry }: SessionRoutesOptions) => {
  try {
    const { keyId, project } = authorize(authenticator, `Bearer ${key.trim()}`, undefined, 'project:admin');
    const opened = await sessions.open({ keyId, project: project === DEFAULT_PROJECT ? null : project });
    telemetry.emit(SIGNED_IN, { by: 'key', session: opened.session.id, key: keyId });
    return opened;
  } catch (error) {
    if (error instanceof ApiError) telemetry.emit(SIGN_IN_REFUSED, { by: 'key' });
    throw error;
  }
};

const answerOf = async (
  session: Session,
  wanted: string | undefined,
  { sessions, address, writeKeyOf }: SessionRoutesOptions,
): Promise<SessionAnswer> => {
  const project = await chosenProject(sessions, session, wanted);
  const { role, permissions } = rightsOf(session);
  const projects = await sessions.projectsOf(session);
  return {
    signed_in: true,
    project: projectNameOf(project),
    projects: projects.map(({ name, createdAtMs }) => ({
      name,
      created_at: new Date(createdAtMs).toISOString(),
    })),
    role,
    permissions: [...permissions],
    public_url: address(),
    write_key: writeKeyOf(project),
  };
};
