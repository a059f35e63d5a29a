import type { AuditActor } from './audit-entry.ts';
import {
  OPERATOR_PERMISSIONS,
  type Permission,
  type Role,
  ROLE_PERMISSIONS,
  type Scope,
  SCOPE_PERMISSIONS,
} from './permissions.ts';

/** Name of the project made at first start: that of the operators. Its admin keys are the operator's, and who reads in it sees the numbers of the whole platform. */
export const DEFAULT_PROJECT = 'default';

/** Between the name of a project and the number by which its id differs from those of removed projects of the same name. No name holds it. */
const GENERATION_MARK = '~';

/** The id of a project: its name, when `removed` projects of that name were there before, with a number. Rows, keys and identities of events hold ids, people see names. */
export const projectIdOf = (name: string, removed: number): string =>
  removed === 0 ? name : `${name}${GENERATION_MARK}${removed + 1}`;

/** The name in the id of a project. */
export const projectNameOf = (id: string): string => {
  const mark = id.indexOf(GENERATION_MARK);
  return mark < 0 ? id : id.slice(0, mark);
};

/** Who asks. Every row read or written is confined to `project`. */
export interface Principal {
  /** Id of the project. */
  readonly project: string;
  /** The key, or the session, that the request came with. */
  readonly keyId: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Of whoever is signed in, in the project; null: a key asks. */
  readonly role: Role | null;
  /** Who acts, for the audit log. */
  readonly actor: AuditActor;
  /** Pages of these origins only may use the key; without it, whoever has it may. */
  readonly origins?: readonly string[];
}

/** What is known of a key that asks. */
export interface AskingKey {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly origins?: readonly string[];
}

/** Whether a key is the operator's, who administers the platform: an admin key of the project `default`. */
export const isOperatorsKey = (project: string, scopes: readonly Scope[]): boolean =>
  project === DEFAULT_PROJECT && scopes.includes('admin');

/** What a key of some scopes may do in the project that it is of. */
export const permissionsOfKey = (project: string, scopes: readonly Scope[]): ReadonlySet<Permission> =>
  inProject(project, [
    ...scopes.flatMap((scope) => SCOPE_PERMISSIONS[scope]),
    ...(isOperatorsKey(project, scopes) ? OPERATOR_PERMISSIONS : []),
  ]);

/** What somebody may do in a project who has a role there. */
export const permissionsOfRole = (project: string, role: Role): ReadonlySet<Permission> =>
  inProject(project, [...ROLE_PERMISSIONS[role]]);

/** Whoever reads in the operators' project also sees the numbers of the whole platform: they are of no project, and so nobody else's. */
const inProject = (project: string, permissions: readonly Permission[]): ReadonlySet<Permission> => {
  const seesPlatform = project === DEFAULT_PROJECT && permissions.includes('data:read');
  return new Set([...permissions, ...(seesPlatform ? (['platform:read'] as const) : [])]);
};

/** Who asks with a key. */
export const principalOfKey = ({ id, name, project, scopes, origins }: AskingKey): Principal => ({
  project,
  keyId: id,
  permissions: permissionsOfKey(project, scopes),
  role: null,
  actor: { kind: 'key', id, name },
  ...(origins === undefined || origins.length === 0 ? {} : { origins }),
});

/** Whether somebody administers all projects: by an admin key of the project `default`, or a session that such a key or a printed link opened. */
export const isOperator = ({ permissions }: Pick<Principal, 'permissions'>): boolean =>
  permissions.has('platform:admin');
