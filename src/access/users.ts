import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { UsersTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccessChanges } from './access-changes.ts';
import { AccessError } from './access-error.ts';
import type { AuditLog, Transaction } from './audit.ts';
import type { AuditActor, AuditDetail } from './audit-entry.ts';
import { emailKeyOf } from './emails.ts';
import { hashKey, KEY_LENGTH_MAX } from './key-format.ts';
import { type PasswordHasher, passwordProblem } from './passwords.ts';
import { newSecret } from './random-id.ts';

/** People who sign in. What they may do, their memberships say. */

/** A link that sets a new password works once, and for so long. */
export const RESET_LIFETIME_MS = 24 * 60 * 60_000;
export const USER_NAME_LENGTH_MAX = 100;
/** Links of one user that are not used yet. Beyond, the oldest is good for nothing. */
const RESETS_MAX = 5;

/** A user. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** Last time. */
  readonly signedInAtMs: number | null;
  readonly isDisabled: boolean;
}

const userOf = (row: Selectable<UsersTable>): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  createdAtMs: row.created_at,
  signedInAtMs: row.signed_in_at,
  isDisabled: row.disabled_at !== null,
});

/** A user as the one who acts. */
export const actorOfUser = ({ id, email }: Pick<User, 'id' | 'email'>): AuditActor => ({
  kind: 'user',
  id,
  name: email,
});

const rowOfEmail = (db: Catalog['db'], email: string): Promise<Selectable<UsersTable> | undefined> =>
  db.selectFrom('users').selectAll().where('email_key', '=', emailKeyOf(email)).executeTakeFirst();

/** The user of an e-mail address, however it is capitalised. */
export const findUserByEmail = async (db: Catalog['db'], email: string): Promise<User | undefined> => {
  const row = await rowOfEmail(db, email);
  return row && userOf(row);
};

/** Throws AccessError unless a password may be chosen by somebody with this e-mail. */
export const checkPassword = (password: string, email: string): void => {
  const problem = passwordProblem(password, email);
  if (problem !== undefined) throw new AccessError('invalid', problem);
};

/** What users need. */
export interface UsersOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly changes: AccessChanges;
}

/** The users of a catalog. */
export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  get #db(): Catalog['db'] {
    return this.#options.catalog.db;
  }

  /** All, by e-mail. */
  async list(): Promise<User[]> {
    const rows = await this.#db.selectFrom('users').selectAll().orderBy('email_key').execute();
    return rows.map(userOf);
  }

  /** Whether there is a user at all. */
  async isThereAny(): Promise<boolean> {
    return (await this.#db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
  }

  /** The user of an id. */
  async find(id: string): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    return row && userOf(row);
  }

  /** The user of an e-mail and a password; undefined if they do not fit, or the user is disabled. Takes as long where there is no such user. Rejects with PasswordsBusyError. */
  async authenticate(email: string, password: string): Promise<User | undefined> {
    const row = await rowOfEmail(this.#db, email);
    const fits = await this.#options.hasher.matches(password, row?.password_hash);
    return row !== undefined && fits && row.disabled_at === null ? userOf(row) : undefined;
  }

  /** Changes one's own password, which ends all sessions but the one that is kept. Rejects with AccessError. */
  async changePassword(user: User, current: string, next: string, keep: string): Promise<void> {
    if ((await this.authenticate(user.email, current)) === undefined)
      throw new AccessError('wrong_password', 'The current password is not this one.');
    checkPassword(next, user.email);
    const hash = await this.#options.hasher.hash(next);
    await this.#change(user, actorOfUser(user), { password: 'changed' }, async (transaction) => {
      await transaction.updateTable('users').set({ password_hash: hash }).where('id', '=', user.id).execute();
      await transaction
        .deleteFrom('sessions')
        .where('user_id', '=', user.id)
        .where('hash', '!=', hashKey(keep))
        .execute();
    });
  }

  /** Lets nobody sign in as the user any more, and ends what is open. */
  async disable(user: User, by: AuditActor): Promise<void> {
    const disabledAtMs = this.#options.clock.nowMs();
    await this.#change(user, by, { disabled: true }, async (transaction) => {
      await transaction
        .updateTable('users')
        .set({ disabled_at: disabledAtMs })
        .where('id', '=', user.id)
        .execute();
      await endAllOf(transaction, user.id);
    });
  }

  /** Takes `disable` back. */
  async enable(user: User, by: AuditActor): Promise<void> {
    await this.#change(user, by, { disabled: false }, async (transaction) => {
      await transaction.updateTable('users').set({ disabled_at: null }).where('id', '=', user.id).execute();
    });
  }

  /** Makes the token of a link by which the user sets a new password. The old one goes on working until then. */
  async createReset(user: User, by: AuditActor): Promise<{ token: string; expiresAtMs: number }> {
    const token = newSecret();
    const nowMs = this.#options.clock.nowMs();
    const expiresAtMs = nowMs + RESET_LIFETIME_MS;
    const row = { hash: hashKey(token), user_id: user.id, created_at: nowMs, expires_at: expiresAtMs };
    await this.#options.audit.change(
      async (transaction) => {
        await transaction.insertInto('password_resets').values(row).execute();
        const kept = transaction
          .selectFrom('password_resets')
          .select('hash')
          .where('user_id', '=', user.id)
          .orderBy('expires_at', 'desc')
          .limit(RESETS_MAX);
        await transaction
          .deleteFrom('password_resets')
          .where('user_id', '=', user.id)
          .where('hash', 'not in', kept)
          .execute();
      },
      () => ({ actor: by, action: 'link.created', object: user.id, detail: { sets: 'password' } }),
    );
    return { token, expiresAtMs };
  }

  /** Whose link it is. Rejects with AccessError. */
  async ofReset(token: string): Promise<User> {
    const row =
      token.length > KEY_LENGTH_MAX
        ? undefined
        : await this.#db
            .selectFrom('password_resets')
            .innerJoin('users', 'users.id', 'password_resets.user_id')
            .selectAll('users')
            .where('password_resets.hash', '=', hashKey(token))
            .where('password_resets.expires_at', '>', this.#options.clock.nowMs())
            .where('users.disabled_at', 'is', null)
            .executeTakeFirst();
    if (row === undefined)
      throw new AccessError(
        'unknown_link',
        'This link sets no password any more: it works once, and for a day. Ask for another one.',
      );
    return userOf(row);
  }

  /** Sets the password of whoever was given the link, and ends all sessions. Rejects with AccessError. */
  async reset(token: string, password: string): Promise<User> {
    const user = await this.ofReset(token);
    checkPassword(password, user.email);
    const hash = await this.#options.hasher.hash(password);
    await this.#change(user, actorOfUser(user), { password: 'set by link' }, async (transaction) => {
      const used = await transaction
        .deleteFrom('password_resets')
        .where('hash', '=', hashKey(token))
        .returning('hash')
        .executeTakeFirst();
      if (used === undefined)
        throw new AccessError('unknown_link', 'This link was used at this very moment. Ask for another one.');
      await transaction.updateTable('users').set({ password_hash: hash }).where('id', '=', user.id).execute();
      await endAllOf(transaction, user.id);
    });
    return user;
  }

  async #change(
    user: User,
    actor: AuditActor,
    detail: AuditDetail,
    work: (transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    await this.#options.audit.change(work, () => ({
      ...{ actor, action: 'user.changed', object: user.id, detail },
    }));
    this.#options.changes.tell();
  }
}

/** Ends the sessions of a user, and makes links useless by which a password could be set. */
const endAllOf = async (transaction: Transaction, userId: string): Promise<void> => {
  await transaction.deleteFrom('sessions').where('user_id', '=', userId).execute();
  await transaction.deleteFrom('password_resets').where('user_id', '=', userId).execute();
};

/** The link by which a user sets a new password. What stands behind `#` browsers send to nobody. */
export const resetUrl = (address: string, token: string): string => `${address}/password#token=${token}`;
