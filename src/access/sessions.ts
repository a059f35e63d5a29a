import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import type { AuditActor } from './audit-entry.ts';
import { hashKey, KEY_LENGTH_MAX } from './key-format.ts';
import { projectsOfUser, type SeenProject } from './members.ts';
import { listProjects } from './projects.ts';
import { newSecret } from './random-id.ts';
import { actorOfUser } from './users.ts';

/**
 * Sessions: a one-time token, printed as a link, opens one; so do an admin key, and the e-mail and password of a user. Only hashes are kept. Everything is asked of the catalog itself, so
 * that a link which a command made works at once, and a session that a command ended is over at once.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A link works once, and for so long. */
export const TOKEN_LIFETIME_MS = 10 * MINUTE_MS;
/** A session ends so long after its last use. */
export const SESSION_LIFETIME_MS = 30 * DAY_MS;
/** Use is written down this often: so much earlier may a session end. */
const TOUCH_INTERVAL_MS = 10 * MINUTE_MS;
/** Setting of the catalog under which a running server writes down the address that browsers see. */
export const ADDRESS_SETTING = 'address';
const TOKENS_MAX = 100;
/** Beyond, the session that was not used for longest ends. */
export const SESSIONS_MAX = 10_000;
/** The same for the sessions of one key or user, so that nobody ends those of others. */
export const SESSIONS_OF_ONE_MAX = 20;
const ID_DIGITS = 12;

/** A link's token. */
export interface SignInToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** A session as it stands. */
export interface Session {
  /** Names it in logs; says nothing about its secret. */
  readonly id: string;
  /** The project that it is confined to; null: none, it sees all. */
  readonly project: string | null;
  /** The key that opened it; null: a link, or a user. */
  readonly keyId: string | null;
  /** The user who is signed in; null: a key or a link opened it. */
  readonly userId: string | null;
  /** Who acts by it. */
  readonly actor: AuditActor;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A session just opened, with the secret for the cookie: it is told here and never again. */
export interface OpenedSession {
  readonly secret: string;
  readonly session: Session;
}

/** A session as its user sees it. */
export interface SessionOfUser extends Pick<Session, 'id' | 'createdAtMs'> {
  /** Exact to ten minutes. */
  readonly lastUsedAtMs: number;
}

/** On whose behalf a session is opened. `project` null: all projects. */
export type SessionHolder =
  | { readonly keyId: string; readonly project: string | null }
  | { readonly userId: string };

/** Tokens and sessions. */
export interface Sessions {
  createToken(): Promise<SignInToken>;
  /** Uses a token up and opens a session that sees all projects. Undefined if the token is unknown, used, or too old. */
  redeem(token: string): Promise<OpenedSession | undefined>;
  /** Opens a session on behalf of a key or a user; it ends when the key is revoked, or the user disabled. */
  open(by: SessionHolder): Promise<OpenedSession>;
  /** The session of a secret, which counts as use; undefined if there is none or it is over. */
  find(secret: string): Promise<Session | undefined>;
  /** Ends a session. */
  end(secret: string): Promise<void>;
  /** Ends all sessions and links; returns how many sessions there were. */
  endAll(): Promise<number>;
  /** The projects that a session sees, oldest first, with what it is in each. */
  projectsOf(session: Pick<Session, 'project' | 'userId'>): Promise<SeenProject[]>;
  /** The sessions of a user, last used first. */
  listOf(userId: string): Promise<SessionOfUser[]>;
  /** Ends a session of a user by its id; false if there is none. */
  endOf(userId: string, id: string): Promise<boolean>;
}

/** What sessions need. */
export interface SessionsOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Whether a key is still in force. */
  readonly isActiveKey: (keyId: string) => boolean;
  /** Told when sessions were ended. */
  readonly onEnd?: () => void;
}

/** The link of a token; it opens the page of a project if one is named. */
export const signInUrl = (address: string, token: string, project?: string): string =>
  `${address}/login?token=${token}${project === undefined ? '' : `&project=${project}`}`;

const idOf = (hash: string): string => `session_${hash.slice(0, ID_DIGITS)}`;

/** Tokens and sessions of a catalog. */
export const createSessions = (options: SessionsOptions): Sessions => new CatalogSessions(options);

class CatalogSessions implements Sessions {
  readonly #db: Catalog['db'];
  readonly #clock: Clock;
  readonly #isActiveKey: (keyId: string) => boolean;
  readonly #onEnd: () => void;

  constructor({ catalog, clock, isActiveKey, onEnd }: SessionsOptions) {
    this.#db = catalog.db;
    this.#clock = clock;
    this.#isActiveKey = isActiveKey;
    this.#onEnd = onEnd ?? (() => undefined);
  }

  async createToken(): Promise<SignInToken> {
    const token = newSecret();
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = nowMs + TOKEN_LIFETIME_MS;
    await this.#db
      .insertInto('sign_in_tokens')
      .values({ hash: hashKey(token), created_at: nowMs, expires_at: expiresAtMs })
      .execute();
    await this.#tidy('sign_in_tokens', TOKENS_MAX, nowMs);
    return { token, expiresAtMs };
  }

  async redeem(token: string): Promise<OpenedSession | undefined> {
    if (token.length > KEY_LENGTH_MAX) return undefined;
    // One statement, so that of two that come at once only one gets in.
    const used = await this.#db
      .deleteFrom('sign_in_tokens')
      .where('hash', '=', hashKey(token))
      .returning('expires_at')
      .executeTakeFirst();
    if (used === undefined || used.expires_at <= this.#clock.nowMs()) return undefined;
    return this.#insert({ keyId: null, userId: null, project: null });
  }

  open(by: SessionHolder): Promise<OpenedSession> {
    return this.#insert({ keyId: null, userId: null, project: null, ...by });
  }

  async #insert(holder: Pick<Session, 'keyId' | 'userId' | 'project'>): Promise<OpenedSession> {
    const { keyId, userId, project } = holder;
    const secret = newSecret();
    const hash = hashKey(secret);
    const createdAtMs = this.#clock.nowMs();
    const expiresAtMs = createdAtMs + SESSION_LIFETIME_MS;
    await this.#db
      .insertInto('sessions')
      .values({
        ...{ hash, project, key_id: keyId, user_id: userId },
        ...{ created_at: createdAtMs, expires_at: expiresAtMs },
      })
      .execute();
    if (keyId !== null) await this.#tidyOf('key_id', keyId);
    if (userId !== null) await this.#tidyOf('user_id', userId);
    await this.#tidy('sessions', SESSIONS_MAX, createdAtMs);
    const session = await this.find(secret);
    if (session === undefined) throw new Error('a session is gone as soon as it was opened');
    return { secret, session };
  }

  /** Whoever opened it: a user, a key, or whoever had the link, of whom no more is known. Undefined: a user who may not any more. */
  async #actorOf(hash: string, keyId: string | null, userId: string | null): Promise<AuditActor | undefined> {
    if (userId !== null) {
      const users = this.#db.selectFrom('users').select(['id', 'email']).where('id', '=', userId);
      const user = await users.where('disabled_at', 'is', null).executeTakeFirst();
      return user && actorOfUser(user);
    }
    if (keyId === null) return { kind: 'link', id: idOf(hash), name: 'a printed link' };
    const key = await this.#db.selectFrom('keys').select('name').where('id', '=', keyId).executeTakeFirst();
    return { kind: 'key', id: keyId, name: key?.name ?? keyId };
  }

  /** Removes what one key or user has too many. */
  async #tidyOf(column: 'key_id' | 'user_id', id: string): Promise<void> {
    const kept = this.#db
      .selectFrom('sessions')
      .select('hash')
      .where(column, '=', id)
      .orderBy('expires_at', 'desc')
      .limit(SESSIONS_OF_ONE_MAX);
    await this.#db.deleteFrom('sessions').where(column, '=', id).where('hash', 'not in', kept).execute();
  }

  /** Removes what is over, and what is too many. */
  async #tidy(table: 'sign_in_tokens' | 'sessions', rowsMax: number, nowMs: number): Promise<void> {
    const kept = this.#db.selectFrom(table).select('hash').orderBy('expires_at', 'desc').limit(rowsMax);
    await this.#db
      .deleteFrom(table)
      .where((eb) => eb.or([eb('expires_at', '<=', nowMs), eb('hash', 'not in', kept)]))
      .execute();
  }

  async find(secret: string): Promise<Session | undefined> {
    if (secret.length > KEY_LENGTH_MAX) return undefined;
    const hash = hashKey(secret);
    const row = await this.#db.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
    const nowMs = this.#clock.nowMs();
    if (row === undefined || row.expires_at <= nowMs) return undefined;
    if (row.key_id !== null && !this.#isActiveKey(row.key_id)) return undefined;
    const actor = await this.#actorOf(hash, row.key_id, row.user_id);
    if (actor === undefined) return undefined;
    const expiresAtMs = nowMs + SESSION_LIFETIME_MS;
    if (expiresAtMs - row.expires_at >= TOUCH_INTERVAL_MS)
      await this.#db
        .updateTable('sessions')
        .set({ expires_at: expiresAtMs })
        .where('hash', '=', hash)
        .execute();
    return {
      id: idOf(hash),
      project: row.project,
      keyId: row.key_id,
      userId: row.user_id,
      actor,
      createdAtMs: row.created_at,
      expiresAtMs,
    };
  }

  async end(secret: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('hash', '=', hashKey(secret)).execute();
    this.#onEnd();
  }

  async endAll(): Promise<number> {
    const ended = await this.#db.deleteFrom('sessions').returning('hash').execute();
    await this.#db.deleteFrom('sign_in_tokens').execute();
    this.#onEnd();
    return ended.length;
  }

  async projectsOf({ project, userId }: Pick<Session, 'project' | 'userId'>): Promise<SeenProject[]> {
    if (userId !== null) return projectsOfUser(this.#db, userId);
    const projects = await listProjects(this.#db, project);
    const role = project === null ? 'owner' : 'admin';
    return projects.filter(({ isBeingRemoved }) => !isBeingRemoved).map((each) => ({ ...each, role }));
  }

  async listOf(userId: string): Promise<SessionOfUser[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['hash', 'created_at', 'expires_at'])
      .where('user_id', '=', userId)
      .where('expires_at', '>', this.#clock.nowMs())
      .orderBy('expires_at', 'desc')
      .execute();
    return rows.map((row) => ({
      ...{ id: idOf(row.hash), createdAtMs: row.created_at },
      lastUsedAtMs: row.expires_at - SESSION_LIFETIME_MS,
    }));
  }

  async endOf(userId: string, id: string): Promise<boolean> {
    const rows = await this.#db.selectFrom('sessions').select('hash').where('user_id', '=', userId).execute();
    const found = rows.find(({ hash }) => idOf(hash) === id);
    if (found === undefined) return false;
    await this.#db.deleteFrom('sessions').where('hash', '=', found.hash).execute();
    this.#onEnd();
    return true;
  }
}
