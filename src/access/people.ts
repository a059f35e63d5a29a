import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccessChanges } from './access-changes.ts';
import type { AuditLog } from './audit.ts';
import { Invitations } from './invitations.ts';
import { Members } from './members.ts';
import { Organisations } from './organisations.ts';
import { PasswordHasher } from './passwords.ts';
import { SignIn } from './sign-in.ts';
import { Users } from './users.ts';

/** Everything about people, over one catalog. */
export interface People {
  readonly users: Users;
  readonly members: Members;
  readonly organisations: Organisations;
  readonly invitations: Invitations;
  readonly signIn: SignIn;
}

/** What people need. */
export interface PeopleOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly changes: AccessChanges;
  /** One for the whole process: passwords are hashed one after the other. */
  readonly hasher?: PasswordHasher;
}

/** Puts together what there is about people. */
export const createPeople = ({ hasher = new PasswordHasher(), ...options }: PeopleOptions): People => {
  const shared = { ...options, hasher };
  const users = new Users(shared);
  return {
    users,
    members: new Members(shared),
    organisations: new Organisations(shared),
    invitations: new Invitations(shared),
    signIn: new SignIn({ catalog: options.catalog, clock: options.clock, users }),
  };
};
