import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { InvitationsTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccessChanges } from './access-changes.ts';
import { AccessError } from './access-error.ts';
import type { AuditLog, Transaction } from './audit.ts';
import { emailKeyOf } from './emails.ts';
import { hashKey, KEY_LENGTH_MAX } from './key-format.ts';
import { checkMayManage, checkRole, join, mayManage, roleOf, type Standing } from './members.ts';
import { findOrganisation } from './organisations.ts';
import type { PasswordHasher } from './passwords.ts';
import type { Role } from './permissions.ts';
import { newId, newSecret } from './random-id.ts';
import { actorOfUser, checkPassword, findUserByEmail, type User } from './users.ts';

/** Invitations: links by which people join an organisation, or one project of it. Nothing is sent; whoever invites passes the link on. */

/** A link is good once, and for so long. */
export const INVITATION_LIFETIME_MS = 7 * 24 * 60 * 60_000;
/** Invitations of one organisation that are open. */
const OPEN_MAX = 200;

/** An invitation as lists show it. */
export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly organisation: string;
  /** Id of the project; null: all of the organisation. */
  readonly project: string | null;
  readonly role: Role;
  readonly invitedBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

const invitationOf = (row: Selectable<InvitationsTable>): Invitation => ({
  id: row.id,
  email: row.email,
  organisation: row.organisation,
  project: row.project,
  role: roleOf(row.role),
  invitedBy: row.invited_by,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
});

/** Whom to invite to what. */
export interface NewInvitation {
  readonly email: string;
  /** Id of a project of the organisation; null: all of it. */
  readonly project: string | null;
  readonly role: Role;
}

/** What accepting takes. */
export interface Acceptance {
  readonly token: string;
  /** Who is signed in. */
  readonly user: User | null;
  /** For somebody who has no account yet. */
  readonly name?: string | undefined;
  readonly password?: string | undefined;
}

/** What an invitation looks like to whoever has its link. */
export interface SeenInvitation {
  readonly invitation: Invitation;
  readonly organisationName: string;
  /** Whether there is a user of this e-mail. */
  readonly hasAccount: boolean;
}

/** What invitations need. */
export interface InvitationsOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly changes: AccessChanges;
}

/** The invitations of a catalog. */
export class Invitations {
  readonly #options: InvitationsOptions;

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** Makes an invitation; the token of its link is told here and never again. Rejects with AccessError. */
  async create(
    standing: Standing,
    wanted: NewInvitation,
  ): Promise<{ readonly token: string; readonly invitation: Invitation }> {
    const { email, project, role } = wanted;
    checkMayManage(standing, project);
    checkRole(role, project);
    const { organisation, actor } = standing;
    const token = newSecret();
    const nowMs = this.#options.clock.nowMs();
    const row = {
      ...{ id: newId('invitation'), hash: hashKey(token), email, email_key: emailKeyOf(email) },
      ...{ organisation: organisation.id, project, role, invited_by: actor.name, used_at: null },
      ...{ created_at: nowMs, expires_at: nowMs + INVITATION_LIFETIME_MS },
    };
    await this.#options.audit.change(
      async (transaction) => {
        await this.#tidy(transaction, nowMs);
        await this.#checkRoom(transaction, organisation.id);
        await transaction.insertInto('invitations').values(row).execute();
      },
      () => ({
        ...{ actor, action: 'member.invited', object: row.id, organisation: organisation.id, project },
        detail: { email, role },
      }),
    );
    return { token, invitation: invitationOf(row) };
  }

  /** What is used or too old is removed. */
  async #tidy(transaction: Transaction, nowMs: number): Promise<void> {
    await transaction
      .deleteFrom('invitations')
      .where((eb) => eb.or([eb('expires_at', '<=', nowMs), eb('used_at', 'is not', null)]))
      .execute();
  }

  async #checkRoom(transaction: Transaction, organisation: string): Promise<void> {
    const { open } = await transaction
      .selectFrom('invitations')
      .select((eb) => eb.fn.countAll<number | string>().as('open'))
      .where('organisation', '=', organisation)
      .executeTakeFirstOrThrow();
    if (Number(open) >= OPEN_MAX)
      throw new AccessError('conflict', `There are ${OPEN_MAX} open invitations. Revoke some of them.`);
  }

  /** The open ones that whoever asks may revoke, newest first. */
  async list(standing: Standing): Promise<Invitation[]> {
    const rows = await this.#options.catalog.db
      .selectFrom('invitations')
      .selectAll()
      .where('organisation', '=', standing.organisation.id)
      .where('used_at', 'is', null)
      .where('expires_at', '>', this.#options.clock.nowMs())
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(invitationOf).filter(({ project }) => mayManage(standing, project));
  }

  /** Makes a link useless. Rejects with AccessError. */
  async revoke(standing: Standing, id: string): Promise<void> {
    const found = (await this.list(standing)).find((invitation) => invitation.id === id);
    if (found === undefined)
      throw new AccessError(
        'not_found',
        'There is no open invitation of this id. GET /api/organisations/{organisation}/invitations lists them.',
      );
    const { actor, organisation } = standing;
    const { email, role, project } = found;
    await this.#options.audit.change(
      (transaction) => transaction.deleteFrom('invitations').where('id', '=', id).execute(),
      () => ({
        ...{ actor, action: 'invitation.revoked', object: id, organisation: organisation.id, project },
        detail: { email, role },
      }),
    );
  }

  /** What the link of a token leads to. Rejects with AccessError. */
  async look(token: string): Promise<SeenInvitation> {
    const { db } = this.#options.catalog;
    const invitation = await this.#open(db, token);
    const organisation = await findOrganisation(db, invitation.organisation);
    const user = await findUserByEmail(db, invitation.email);
    return { invitation, organisationName: organisation?.name ?? '', hasAccount: user !== undefined };
  }

  async #open(db: Catalog['db'], token: string): Promise<Invitation> {
    const row =
      token.length > KEY_LENGTH_MAX
        ? undefined
        : await db
            .selectFrom('invitations')
            .selectAll()
            .where('hash', '=', hashKey(token))
            .where('used_at', 'is', null)
            .where('expires_at', '>', this.#options.clock.nowMs())
            .executeTakeFirst();
    if (row === undefined)
      throw new AccessError(
        'unknown_link',
        'This invitation is not good any more: a link works once, and for seven days, unless it was taken back. Ask for another one.',
      );
    return invitationOf(row);
  }

  /** Makes a member of whoever has the link: of who is signed in, or of a new user. Rejects with AccessError. */
  async accept({ token, user, name, password }: Acceptance): Promise<User> {
    const { hasAccount, invitation } = await this.look(token);
    const member = hasAccount
      ? requireSignedIn(user, invitation)
      : await this.#newUser(user, invitation, name, password);
    await this.#join(token, member);
    return member.user;
  }

  async #newUser(
    signedIn: User | null,
    { email }: Invitation,
    name: string | undefined,
    password: string | undefined,
  ): Promise<Joining> {
    if (signedIn !== null) throw otherUser(email, signedIn);
    if (name === undefined || password === undefined)
      throw new AccessError('invalid', 'Give the name to be shown, and a password.');
    checkPassword(password, email);
    const nowMs = this.#options.clock.nowMs();
    const user = {
      ...{ id: newId('user'), email, name, createdAtMs: nowMs, signedInAtMs: null, isDisabled: false },
    };
    return { user, passwordHash: await this.#options.hasher.hash(password) };
  }

  async #insert(transaction: Transaction, user: User, passwordHash: string): Promise<void> {
    await insertUser(transaction, user, passwordHash);
    await this.#options.audit.recordIn(transaction, {
      ...{ actor: actorOfUser(user), action: 'user.created', object: user.id },
      detail: { email: user.email },
    });
  }

  async #join(token: string, { user, passwordHash }: Joining): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    await this.#options.audit.change(
      async (transaction) => {
        const invitation = await this.#open(transaction, token);
        const { id, organisation, project, role } = invitation;
        await transaction.updateTable('invitations').set({ used_at: nowMs }).where('id', '=', id).execute();
        if (passwordHash !== null) await this.#insert(transaction, user, passwordHash);
        const membership = { id: newId('member'), userId: user.id, organisation, project, role, nowMs };
        await join(transaction, membership);
        return invitation;
      },
      ({ id, organisation, project, role }) => ({
        ...{ actor: actorOfUser(user), action: 'member.joined', object: id, organisation, project },
        detail: { email: user.email, role },
      }),
    );
    this.#options.changes.tell();
  }
}

/** Who joins, and the hash of the password of somebody new. */
interface Joining {
  readonly user: User;
  readonly passwordHash: string | null;
}

const otherUser = (email: string, signedIn: User): AccessError =>
  new AccessError(
    'conflict',
    `The invitation is for ${email}, and ${signedIn.email} is signed in here. Sign out, and open the link again.`,
  );

const requireSignedIn = (user: User | null, { email }: Invitation): Joining => {
  if (user === null)
    throw new AccessError(
      'sign_in_first',
      `There is an account for ${email} already. Sign in with it, and accept the invitation then.`,
    );
  if (emailKeyOf(user.email) !== emailKeyOf(email)) throw otherUser(email, user);
  return { user, passwordHash: null };
};

const insertUser = async (transaction: Transaction, user: User, passwordHash: string): Promise<void> => {
  if ((await findUserByEmail(transaction, user.email)) !== undefined)
    throw new AccessError(
      'sign_in_first',
      `An account for ${user.email} was made at this very moment. Sign in with it, and accept the invitation then.`,
    );
  await transaction
    .insertInto('users')
    .values({
      ...{ id: user.id, email: user.email, email_key: emailKeyOf(user.email), name: user.name },
      ...{ password_hash: passwordHash, created_at: user.createdAtMs, signed_in_at: null, disabled_at: null },
    })
    .execute();
};

/** The link of an invitation. What stands behind `#` browsers send to nobody. */
export const invitationUrl = (address: string, token: string): string =>
  `${address}/invitation#token=${token}`;
