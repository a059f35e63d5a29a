import type { Catalog } from '../catalog/catalog.ts';
import type { AuditActor } from './audit-entry.ts';
import type { KeyInfo, KeyRing } from './keys.ts';
import { projectsOfUser } from './members.ts';
import { OPERATOR_PERMISSIONS, type Permission } from './permissions.ts';
import { DEFAULT_PROJECT, isOperatorsKey, permissionsOfKey, permissionsOfRole } from './principal.ts';

/** What somebody may do in a project who is not asking just now, but has left something to be done. */

/** What the rights depend on. */
export interface ActorRightsOptions {
  readonly catalog: Catalog;
  readonly keys: Pick<KeyRing, 'list' | 'isActive'>;
}

/** Tells what somebody may do in a project, as things are; nothing, for who is not there any more. */
export type ActorRights = (actor: AuditActor, project: string) => Promise<ReadonlySet<Permission>>;

const NONE: ReadonlySet<Permission> = new Set();

/** Looks rights up anew with each call. Of a printed link nobody is known but that whoever runs the server made it: it may all. */
export const createActorRights =
  ({ catalog, keys }: ActorRightsOptions): ActorRights =>
  async ({ kind, id }, project) => {
    switch (kind) {
      case 'key':
        return rightsOfKey(keys, id, project);
      case 'user':
        return rightsOfUser(catalog.db, id, project);
      case 'link':
        return OPERATOR_PERMISSIONS;
      default:
        return NONE;
    }
  };

/** A key works in its project; the operator's, by the session that it opens, in all. */
const rightsOfKey = (
  keys: ActorRightsOptions['keys'],
  id: string,
  project: string,
): ReadonlySet<Permission> => {
  if (!keys.isActive(id)) return NONE;
  const own = keys.list(project).find((key) => key.id === id);
  if (own !== undefined) return permissionsOfKey(project, own.scopes);
  const isOperators = ({ id: other, scopes }: KeyInfo): boolean =>
    other === id && isOperatorsKey(DEFAULT_PROJECT, scopes);
  return keys.list(DEFAULT_PROJECT).some(isOperators) ? OPERATOR_PERMISSIONS : NONE;
};

const rightsOfUser = async (
  db: Catalog['db'],
  id: string,
  project: string,
): Promise<ReadonlySet<Permission>> => {
  const users = db.selectFrom('users').select('id').where('id', '=', id);
  const user = await users.where('disabled_at', 'is', null).executeTakeFirst();
  if (user === undefined) return NONE;
  const seen = (await projectsOfUser(db, id)).find((each) => each.id === project);
  return seen === undefined ? NONE : permissionsOfRole(project, seen.role);
};
