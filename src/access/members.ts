import type { Catalog } from '../catalog/catalog.ts';
import type { AccessChanges } from './access-changes.ts';
import { AccessError } from './access-error.ts';
import type { AuditLog, Transaction } from './audit.ts';
import type { AuditActor } from './audit-entry.ts';
import { findOrganisation, type Organisation } from './organisations.ts';
import { type Permission, PERMISSION_NAMES, ROLE_PERMISSIONS, ROLES, type Role } from './permissions.ts';
import { DEFAULT_PROJECT, projectNameOf } from './principal.ts';
import { type Project, projectOf } from './projects.ts';

/** Who is what in an organisation, or in one project of it. */

/** A project and what somebody is in it. */
export interface SeenProject extends Project {
  readonly role: Role;
}

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** A stored role. One that is not known lets nobody do anything that the weakest may not. */
export const roleOf = (text: string): Role => (isRole(text) ? text : 'viewer');

/** The projects that a user sees, oldest first, with the strongest role in each; those that are being removed are not seen. */
export const projectsOfUser = async (db: Catalog['db'], userId: string): Promise<SeenProject[]> => {
  const rows = await db
    .selectFrom('projects')
    .innerJoin('memberships', 'memberships.organisation', 'projects.organisation')
    .selectAll('projects')
    .select('memberships.role')
    .where('memberships.user_id', '=', userId)
    .where('projects.removing_at', 'is', null)
    .where((eb) =>
      eb.or([eb('memberships.project', 'is', null), eb('memberships.project', '=', eb.ref('projects.id'))]),
    )
    .orderBy('projects.created_at')
    .orderBy('projects.id')
    .execute();
  const seen = new Map<string, SeenProject>();
  for (const row of rows) {
    const role = roleOf(row.role);
    const known = seen.get(row.id);
    if (known === undefined || ROLES.indexOf(role) < ROLES.indexOf(known.role))
      seen.set(row.id, { ...projectOf(row), role });
  }
  return [...seen.values()];
};

/** Who asks, whatever the project. */
export interface Caller {
  readonly actor: AuditActor;
  /** Administers all. */
  readonly isOperator: boolean;
  /** Id of the user who is signed in. */
  readonly userId: string | null;
  /** Of a key, and of a session that a key opened: the project that it is confined to, and what it may do there. */
  readonly confined: { readonly project: string; readonly permissions: ReadonlySet<Permission> } | null;
}

/** What somebody is in an organisation. */
export interface Standing {
  readonly organisation: Organisation;
  readonly actor: AuditActor;
  readonly isOperator: boolean;
  /** What may be done in the organisation or in any project of it. */
  readonly permissions: ReadonlySet<Permission>;
  /** Ids of the projects that whoever asks administers; null: all of the organisation. */
  readonly projects: ReadonlySet<string> | null;
}

/** What somebody is in the organisation of an id; undefined if nothing, or if there is none. */
export const standingIn = async (
  db: Catalog['db'],
  caller: Caller,
  id: string,
): Promise<Standing | undefined> => {
  const organisation = await findOrganisation(db, id);
  if (organisation === undefined) return undefined;
  const { actor, isOperator, userId, confined } = caller;
  const base = { organisation, actor, isOperator };
  if (isOperator) return { ...base, permissions: new Set(PERMISSION_NAMES), projects: null };
  if (userId !== null) return ofUser(db, userId, base);
  if (confined === null) return undefined;
  const project = await db
    .selectFrom('projects')
    .select('id')
    .where('id', '=', confined.project)
    .where('organisation', '=', id)
    .executeTakeFirst();
  if (project === undefined) return undefined;
  const { permissions } = confined;
  return { ...base, permissions, projects: new Set(permissions.has('project:admin') ? [project.id] : []) };
};

const ofUser = async (
  db: Catalog['db'],
  userId: string,
  base: Pick<Standing, 'organisation' | 'actor' | 'isOperator'>,
): Promise<Standing | undefined> => {
  const rows = await db
    .selectFrom('memberships')
    .select(['project', 'role'])
    .where('user_id', '=', userId)
    .where('organisation', '=', base.organisation.id)
    .execute();
  if (rows.length === 0) return undefined;
  const permissionsIn = (role: string): ReadonlySet<Permission> => ROLE_PERMISSIONS[roleOf(role)];
  const administered = rows.filter(({ role }) => permissionsIn(role).has('project:admin'));
  const isEverywhere = administered.some(({ project }) => project === null);
  return {
    ...base,
    permissions: new Set(rows.flatMap(({ role }) => [...permissionsIn(role)])),
    projects: isEverywhere ? null : new Set(administered.flatMap(({ project }) => project ?? [])),
  };
};

/** Whether somebody may give or take a role: owners all; who administers a project those in this project. `project` null: in the whole organisation. */
export const mayManage = (
  { permissions, projects }: Pick<Standing, 'permissions' | 'projects'>,
  project: string | null,
): boolean =>
  permissions.has('organisation:admin') || (project !== null && (projects === null || projects.has(project)));

/** Throws AccessError unless `mayManage`. */
export const checkMayManage = (standing: Standing, project: string | null): void => {
  if (mayManage(standing, project)) return;
  throw new AccessError(
    'refused',
    project === null
      ? 'This needs the role owner: it concerns the whole organisation. Who administers a project invites to that project.'
      : `This needs the role owner, or the role admin in the project "${projectNameOf(project)}".`,
  );
};

/** `owner` is of whole organisations. Throws AccessError. */
export const checkRole = (role: Role, project: string | null): void => {
  if (role === 'owner' && project !== null)
    throw new AccessError(
      'invalid',
      'Owners own the whole organisation: leave the project out, or choose the role admin.',
    );
};

/** A membership with the person. */
export interface Member {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isDisabled: boolean;
  readonly signedInAtMs: number | null;
  readonly role: Role;
  /** Id of the project; null: all of the organisation. */
  readonly project: string | null;
  readonly sinceMs: number;
}

/** An organisation and what somebody is in the whole of it. */
export interface OwnOrganisation extends Organisation {
  readonly role: Role | null;
}

/** What members need. */
export interface MembersOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly changes: AccessChanges;
}

/** The members of organisations. */
export class Members {
  readonly #options: MembersOptions;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** What somebody is in the organisation of an id; undefined if nothing, or if there is none. */
  standing(caller: Caller, id: string): Promise<Standing | undefined> {
    return standingIn(this.#options.catalog.db, caller, id);
  }

  /** The organisations that somebody has to do with, oldest first, with the role in the whole of it; null: in single projects only. */
  organisationsOf(caller: Caller): Promise<OwnOrganisation[]> {
    return organisationsOf(this.#options.catalog.db, caller);
  }

  /** The id of the project of a name, of those that whoever asks administers. Rejects with AccessError, the same for all others. */
  project(standing: Standing, name: string): Promise<string> {
    return administeredProject(this.#options.catalog.db, standing, name);
  }

  /** Members of the whole organisation, and of the projects that whoever asks administers; by e-mail. */
  async list({ organisation, permissions, projects }: Standing): Promise<Member[]> {
    const members = await membersOf(this.#options.catalog.db, organisation.id);
    if (permissions.has('organisation:admin') || projects === null) return members;
    return members.filter(({ project }) => project === null || projects.has(project));
  }

  /** Gives a member another role. Rejects with AccessError. */
  async change(standing: Standing, id: string, role: Role): Promise<Member> {
    return this.#work(standing, id, 'role.changed', async (transaction, member) => {
      checkRole(role, member.project);
      if (role !== 'owner') await keepOwner(transaction, standing, member);
      await transaction.updateTable('memberships').set({ role }).where('id', '=', id).execute();
      return { ...member, role };
    });
  }

  /** Takes a membership away. Rejects with AccessError. */
  async remove(standing: Standing, id: string): Promise<Member> {
    return this.#work(standing, id, 'member.removed', async (transaction, member) => {
      await keepOwner(transaction, standing, member);
      await transaction.deleteFrom('memberships').where('id', '=', id).execute();
      return member;
    });
  }

  async #work(
    standing: Standing,
    id: string,
    action: 'role.changed' | 'member.removed',
    work: (transaction: Transaction, member: Member) => Promise<Member>,
  ): Promise<Member> {
    const { organisation, actor } = standing;
    let before: Role = 'viewer';
    const member = await this.#options.audit.change(
      async (transaction) => {
        const found = (await membersOf(transaction, organisation.id)).find((each) => each.id === id);
        const isSeen = found !== undefined && (found.project === null || mayManage(standing, found.project));
        if (!isSeen) throw noMember();
        checkMayManage(standing, found.project);
        before = found.role;
        return work(transaction, found);
      },
      ({ userId, email, project, role }) => ({
        ...{ actor, action, object: userId, organisation: organisation.id, project },
        detail: { email, before, ...(action === 'role.changed' ? { role } : {}) },
      }),
    );
    this.#options.changes.tell();
    return member;
  }
}

const noMember = (): AccessError =>
  new AccessError(
    'not_found',
    'There is no member of this id. GET /api/organisations/{organisation}/members lists them.',
  );

const membersOf = async (db: Catalog['db'], organisation: string): Promise<Member[]> => {
  const rows = await db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select([
      ...(['memberships.id', 'memberships.role', 'memberships.project'] as const),
      'memberships.created_at as since',
      ...(['users.id as user_id', 'users.email', 'users.name'] as const),
      ...(['users.disabled_at', 'users.signed_in_at'] as const),
    ])
    .where('memberships.organisation', '=', organisation)
    .orderBy('users.email_key')
    .orderBy('memberships.created_at')
    .orderBy('memberships.id')
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, userId: row.user_id, email: row.email, name: row.name, sinceMs: row.since },
    ...{ isDisabled: row.disabled_at !== null, signedInAtMs: row.signed_in_at },
    ...{ role: roleOf(row.role), project: row.project },
  }));
};

/** An organisation keeps an owner, unless the operator wants otherwise, who is always there. */
const keepOwner = async (
  transaction: Transaction,
  { isOperator, organisation }: Standing,
  member: Member,
): Promise<void> => {
  if (isOperator || member.role !== 'owner') return;
  const owners = (await membersOf(transaction, organisation.id)).filter(
    ({ role, isDisabled, id }) => role === 'owner' && !isDisabled && id !== member.id,
  );
  if (owners.length === 0)
    throw new AccessError(
      'conflict',
      'This is the last owner of the organisation. Make somebody else an owner first.',
    );
};

/** What somebody joins. */
export interface NewMembership {
  readonly id: string;
  readonly userId: string;
  readonly organisation: string;
  readonly project: string | null;
  readonly role: Role;
  readonly nowMs: number;
}

/** Makes somebody a member. Who is one already keeps the stronger role. */
export const join = async (transaction: Transaction, wanted: NewMembership): Promise<void> => {
  const { id, userId, organisation, project, role, nowMs } = wanted;
  const known = await transaction
    .selectFrom('memberships')
    .select(['id', 'role'])
    .where('user_id', '=', userId)
    .where('organisation', '=', organisation)
    .where('project', project === null ? 'is' : '=', project)
    .executeTakeFirst();
  if (known === undefined)
    await transaction
      .insertInto('memberships')
      .values({ id, user_id: userId, organisation, project, role, created_at: nowMs })
      .execute();
  else if (ROLES.indexOf(role) < ROLES.indexOf(roleOf(known.role)))
    await transaction.updateTable('memberships').set({ role }).where('id', '=', known.id).execute();
};

/** The project of a name, of those that somebody administers. Rejects with AccessError, the same for one that there is but is not theirs to administer: who may not see it shall not learn of it. */
const administeredProject = async (db: Catalog['db'], standing: Standing, name: string): Promise<string> => {
  const rows = await db
    .selectFrom('projects')
    .select('id')
    .where('organisation', '=', standing.organisation.id)
    .where('removing_at', 'is', null)
    .execute();
  const found = rows.find(({ id }) => projectNameOf(id) === name);
  if (found !== undefined && mayManage(standing, found.id)) return found.id;
  const which = standing.permissions.has('organisation:admin') ? '' : ' that you administer';
  throw new AccessError(
    'not_found',
    `There is no project "${name.slice(0, 100)}" in this organisation${which}.`,
  );
};

/** The organisations that somebody has to do with, oldest first, with the role in the whole of it; null: in single projects only. */
export const organisationsOf = async (
  db: Catalog['db'],
  { isOperator, userId, confined }: Caller,
): Promise<OwnOrganisation[]> => {
  const all = db.selectFrom('organisations').selectAll('organisations').orderBy('created_at').orderBy('id');
  const answer = (row: { id: string; name: string; created_at: number }, role: Role | null) => ({
    ...{ id: row.id, name: row.name, createdAtMs: row.created_at, role },
  });
  if (isOperator) return (await all.execute()).map((row) => answer(row, 'owner'));
  if (userId === null) {
    const rows = await all
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('projects')
          .select('organisation')
          .where('id', '=', confined?.project ?? DEFAULT_PROJECT),
      )
      .execute();
    return rows.map((row) => answer(row, null));
  }
  const memberships = await db
    .selectFrom('memberships')
    .select(['organisation', 'project', 'role'])
    .where('user_id', '=', userId)
    .execute();
  const rows = await all.execute();
  return rows.flatMap((row) => {
    const own = memberships.filter(({ organisation }) => organisation === row.id);
    const whole = own.find(({ project }) => project === null);
    return own.length === 0 ? [] : [answer(row, whole === undefined ? null : roleOf(whole.role))];
  });
};
