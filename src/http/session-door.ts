import type { Caller, SeenProject } from '../access/members.ts';
import { OPERATOR_PERMISSIONS, type Permission } from '../access/permissions.ts';
import { permissionsOfRole, type Principal } from '../access/principal.ts';
import { sessionCookieOf } from '../access/session-cookie.ts';
import type { Session, Sessions } from '../access/sessions.ts';
import { ApiError } from '../event/errors.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import { isOwnRequest, type OriginHeaders } from './session-origin.ts';

/** A page of another address used a cookie of ours. */
const FOREIGN_ORIGIN = defineEvent<{ readonly method: string; readonly origin: string | undefined }>({
  name: 'foreign_origin_refused',
  level: 'debug',
  message: ({ method, origin }) =>
    `A ${method} on behalf of a session was refused: it came from ${origin?.slice(0, 200) ?? 'no named origin'}.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_foreign_origins_refused_total',
      help: 'Requests with a session cookie that pages of other addresses made.',
    },
  ],
});

/** What is looked at of a request. Headers as node:http has them, names in lower case. */
export interface SessionRequest {
  readonly method: string;
  readonly headers: OriginHeaders & { readonly cookie?: string | undefined };
  /** `?project=` of its address. */
  readonly project?: string | undefined;
  /** For upgrades to a WebSocket: `Origin` must be there and match although the method is GET. */
  readonly mustNameOrigin?: boolean;
}

/** Lets in those who are signed in. */
export interface SessionDoor {
  /** Who asks; undefined if the request carries no cookie of ours. Throws ApiError `no_session`, `foreign_origin`, `wrong_project` or `not_found` (the project). */
  principalOf(request: SessionRequest): Promise<Principal | undefined>;
  /** The same, whatever the project. Throws ApiError `no_session` or `foreign_origin`. */
  callerOf(request: SessionRequest): Promise<Caller | undefined>;
  /** Throws ApiError `foreign_origin` unless a page of ours makes the request. */
  checkOrigin(request: SessionRequest): void;
}

/** What the door needs. */
export interface SessionDoorOptions {
  readonly sessions: Sessions;
  readonly telemetry: Telemetry;
  /** The address that browsers see, if another than the one listened on. */
  readonly publicUrl: string | undefined;
}

/** Makes the door. */
export const createSessionDoor = ({ sessions, telemetry, publicUrl }: SessionDoorOptions): SessionDoor => {
  const checkOrigin = ({ method, headers, mustNameOrigin }: SessionRequest): void => {
    if (isOwnRequest(method, headers, publicUrl, mustNameOrigin)) return;
    telemetry.emit(FOREIGN_ORIGIN, { method, origin: headers.origin });
    throw new ApiError('foreign_origin');
  };
  const sessionOf = async (request: SessionRequest): Promise<Session | undefined> => {
    const secret = sessionCookieOf(request.headers.cookie);
    if (secret === undefined) return undefined;
    checkOrigin(request);
    const session = await sessions.find(secret);
    if (session === undefined) throw new ApiError('no_session');
    return session;
  };
  return {
    checkOrigin,
    async principalOf(request) {
      const session = await sessionOf(request);
      if (session === undefined) return undefined;
      const chosen = await chosenProject(sessions, session, request.project);
      const { id: keyId, actor } = session;
      const { id: project, role } = chosen;
      return { project, keyId, actor, role, permissions: permissionsOf(session, chosen) };
    },
    async callerOf(request) {
      const session = await sessionOf(request);
      return session && callerOfSession(session);
    },
  };
};

/** Whether a session sees all: one that a printed link opened, or an admin key of the first project. */
export const isOperators = ({ project, userId }: Pick<Session, 'project' | 'userId'>): boolean =>
  project === null && userId === null;

/** What a session may do in a project in which it has a role. */
export const permissionsOf = (
  session: Pick<Session, 'project' | 'userId'>,
  { id, role }: Pick<SeenProject, 'id' | 'role'>,
): ReadonlySet<Permission> => (isOperators(session) ? OPERATOR_PERMISSIONS : permissionsOfRole(id, role));

/** Who asks by a session, whatever the project. */
export const callerOfSession = (session: Session): Caller => {
  const { actor, project, userId } = session;
  const confined = project === null ? null : { project, permissions: permissionsOfRole(project, 'admin') };
  return { actor, isOperator: isOperators(session), userId, confined };
};

/** What is told of users who are in no project. */
export const noProject = (): ApiError =>
  new ApiError(
    'wrong_project',
    'You are in no project. Ask whoever administers the organisation for an invitation, or for a project.',
  );

/** The project that a request of a session is about. Throws ApiError. */
export const chosenProject = async (
  sessions: Sessions,
  session: Session,
  wanted: string | undefined,
): Promise<SeenProject> => {
  const projects = await sessions.projectsOf(session);
  const found = wanted === undefined ? projects[0] : projects.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  if (session.project !== null && wanted !== undefined) throw new ApiError('wrong_project');
  if (wanted === undefined) throw noProject();
  throw new ApiError('not_found', `There is no project "${wanted.slice(0, 100)}".`);
};
