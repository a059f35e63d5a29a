import type { CreatedKey, KeyAnswer, KeysAnswer, RevokedKey } from '../../../src/contract/keys.ts';
import type {
  CreatedInvitationAnswer,
  InvitationsAnswer,
  MeAnswer,
  MembersAnswer,
  PasswordAnswer,
  RemovedAnswer,
  UserSessionsAnswer,
} from '../../../src/contract/members.ts';
import type {
  ChangedProjectAnswer,
  CreatedProjectAnswer,
  ProjectsAnswer,
  RemovedProjectAnswer,
} from '../../../src/contract/projects.ts';
import { pathOf } from './api.ts';
import { useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

/** Roles of people, strongest first. */
export type Role = MembersAnswer['members'][number]['role'];
export type Member = MembersAnswer['members'][number];
export type Invitation = InvitationsAnswer['invitations'][number];
export type Key = KeyAnswer;

const part = encodeURIComponent;

/** Who is signed in, and what may be done where. */
export const useMe = (project: string): Resource<MeAnswer> =>
  useResource({ key: ['me', project], path: pathOf('/api/me', project) });

/** The projects that one administers. */
export const useProjects = (project: string): Resource<ProjectsAnswer> =>
  useResource({ key: ['projects', project], path: pathOf('/api/projects', project) });

type Change<Input, Answer> = (input: Input) => Promise<Answer>;

/** Chooses the time zone of a project. Rejects with ApiError. */
export const useChangeProject = (
  project: string,
): Change<{ readonly timezone: string | null }, ChangedProjectAnswer> =>
  useChanging([['projects', project]], project, (body) => ({
    ...{ path: `/api/projects/${part(project)}`, method: 'PATCH', body },
  }));

/** Makes a project. Rejects with ApiError. */
export const useMakeProject = (
  project: string,
): Change<{ readonly name: string; readonly organisation: string }, CreatedProjectAnswer> =>
  useChanging([['projects'], ['me']], project, (body) => ({ path: '/api/projects', body }));

/** Removes a project with all that is in it. Rejects with ApiError. */
export const useRemoveProject = (project: string): Change<string, RemovedProjectAnswer> =>
  useChanging([['projects'], ['me']], project, (name) => ({
    ...{ path: `/api/projects/${part(name)}`, method: 'DELETE' },
  }));

/** The keys of a project, revoked ones included. */
export const useKeys = (project: string): Resource<KeysAnswer> =>
  useResource({ key: ['keys', project], path: pathOf('/api/keys', project) });

/** A key to be made. */
export interface WantedKey {
  readonly name: string;
  readonly scopes: readonly Key['scopes'][number][];
  readonly expires_at?: string;
  readonly origins?: readonly string[];
}

/** Makes a key. Rejects with ApiError. */
export const useMakeKey = (project: string): Change<WantedKey, CreatedKey> =>
  useChanging([['keys', project]], project, (body) => ({ path: '/api/keys', body }));

/** Replaces a key by a new one; the old one is good for a while still. Rejects with ApiError. */
export const useRotateKey = (
  project: string,
): Change<{ readonly id: string; readonly grace_s: number }, CreatedKey> =>
  useChanging([['keys', project]], project, ({ id, ...body }) => ({
    ...{ path: `/api/keys/${part(id)}/rotate`, body },
  }));

/** Revokes a key, from the answer on. Rejects with ApiError. */
export const useRevokeKey = (project: string): Change<string, RevokedKey> =>
  useChanging([['keys', project]], project, (id) => ({ path: `/api/keys/${part(id)}`, method: 'DELETE' }));

const organisationPath = (organisation: string, rest: string): string =>
  `/api/organisations/${part(organisation)}/${rest}`;

/** The members of an organisation; null asks nothing. */
export const useMembers = (project: string, organisation: string | null): Resource<MembersAnswer> =>
  useResource({
    key: organisation === null ? null : ['members', organisation],
    path: pathOf(organisationPath(organisation ?? '', 'members'), project),
  });

/** The invitations of an organisation that are open; null asks nothing. */
export const useInvitations = (project: string, organisation: string | null): Resource<InvitationsAnswer> =>
  useResource({
    key: organisation === null ? null : ['invitations', organisation],
    path: pathOf(organisationPath(organisation ?? '', 'invitations'), project),
  });

/** Somebody to be invited: to one project, or to all of the organisation. */
export interface WantedInvitation {
  readonly email: string;
  readonly role: Role;
  readonly project?: string;
}

/** Invites somebody, by a link. Rejects with ApiError. */
export const useInvite = (
  project: string,
  organisation: string,
): Change<WantedInvitation, CreatedInvitationAnswer> =>
  useChanging([['invitations', organisation]], project, (body) => ({
    ...{ path: organisationPath(organisation, 'invitations'), body },
  }));

/** Takes an invitation back. Rejects with ApiError. */
export const useUninvite = (project: string, organisation: string): Change<string, RemovedAnswer> =>
  useChanging([['invitations', organisation]], project, (id) => ({
    ...{ path: organisationPath(organisation, `invitations/${part(id)}`), method: 'DELETE' },
  }));

/** Gives a member another role. Rejects with ApiError. */
export const useChangeRole = (
  project: string,
  organisation: string,
): Change<{ readonly id: string; readonly role: Role }, unknown> =>
  useChanging([['members', organisation]], project, ({ id, role }) => ({
    ...{ path: organisationPath(organisation, `members/${part(id)}`), method: 'PATCH', body: { role } },
  }));

/** Removes a member. Rejects with ApiError. */
export const useRemoveMember = (project: string, organisation: string): Change<string, RemovedAnswer> =>
  useChanging([['members', organisation]], project, (id) => ({
    ...{ path: organisationPath(organisation, `members/${part(id)}`), method: 'DELETE' },
  }));

/** The sessions of whoever is signed in; null asks nothing. */
export const useMySessions = (project: string | null): Resource<UserSessionsAnswer> =>
  useResource({
    key: project === null ? null : ['my sessions'],
    path: pathOf('/api/me/sessions', project ?? ''),
  });

/** Ends a session of one's own. Rejects with ApiError. */
export const useEndSession = (project: string): Change<string, RemovedAnswer> =>
  useChanging([['my sessions']], project, (id) => ({
    ...{ path: `/api/me/sessions/${part(id)}`, method: 'DELETE' },
  }));

/** Changes one's own password. Rejects with ApiError. */
export const useChangePassword = (
  project: string,
): Change<{ readonly current_password: string; readonly new_password: string }, PasswordAnswer> =>
  useChanging([['my sessions']], project, (body) => ({ path: '/api/me/password', body }));
