import { randomBytes } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import type { AuditActor } from './audit-entry.ts';
import { hashKey, KEY_LENGTH_MAX } from './key-format.ts';
import { listProjects, type Project } from './projects.ts';

/**
 * Sign-in: a one-time token, printed as a link, opens a session; so does an admin key. Of both only hashes are kept. Everything is asked of the catalog itself, so
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
export const SESSIONS_MAX = 1_000;
const SECRET_BYTES = 32;
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
  /** The key that opened it; null: a link. */
  readonly keyId: string | null;
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

/** Tokens and sessions. */
export interface Sessions {
  createToken(): Promise<SignInToken>;
  /** Uses a token up and opens a session that sees all projects. Undefined if the token is unknown, used, or too old. */
  redeem(token: string): Promise<OpenedSession | undefined>;
  /** Opens a session on behalf of a key; it ends when the key is revoked. `project` null: all projects. */
  open(by: { readonly keyId: string; readonly project: string | null }): Promise<OpenedSession>;
  /** The session of a secret, which counts as use; undefined if there is none or it is over. */
  find(secret: string): Promise<Session | undefined>;
  /** Ends a session. */
  end(secret: string): Promise<void>;
  /** Ends all sessions and links; returns how many sessions there were. */
  endAll(): Promise<number>;
  /** The projects that a session sees, oldest first. */
  projectsOf(session: Session): Promise<Project[]>;
}

/** What sessions need. */
export interface SessionsOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Whether a key is still in force. */
  readonly isActiveKey: (keyId: string) => boolean;
}

/** The link of a token; it opens the page of a project if one is named. */
export const signInUrl = (address: string, token: string, project?: string): string =>
  `${address}/login?token=${token}${project === undefined ? '' : `&project=${project}`}`;

const makeSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

const idOf = (hash: string): string => `session_${hash.slice(0, ID_DIGITS)}`;

/** Tokens and sessions of a catalog. */
export const createSessions = (options: SessionsOptions): Sessions => new CatalogSessions(options);

class CatalogSessions implements Sessions {
  readonly #db: Catalog['db'];
  readonly #clock: Clock;
  readonly #isActiveKey: (keyId: string) => boolean;

  constructor({ catalog, clock, isActiveKey }: SessionsOptions) {
    this.#db = catalog.db;
    this.#clock = clock;
    this.#isActiveKey = isActiveKey;
  }

  async createToken(): Promise<SignInToken> {
    const token = makeSecret();
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
    return this.#insert(null, null);
  }

  open({ keyId, project }: { keyId: string; project: string | null }): Promise<OpenedSession> {
    return this.#insert(keyId, project);
  }

  async #insert(keyId: string | null, project: string | null): Promise<OpenedSession> {
    const secret = makeSecret();
    const hash = hashKey(secret);
    const createdAtMs = this.#clock.nowMs();
    const expiresAtMs = createdAtMs + SESSION_LIFETIME_MS;
    await this.#db
      .insertInto('sessions')
      .values({ hash, project, key_id: keyId, created_at: createdAtMs, expires_at: expiresAtMs })
      .execute();
    await this.#tidy('sessions', SESSIONS_MAX, createdAtMs);
    const actor = await this.#actorOf(hash, keyId);
    return { secret, session: { id: idOf(hash), project, keyId, actor, createdAtMs, expiresAtMs } };
  }

  /** Whoever opened it: a key, or whoever had the link, of whom no more is known. */
  async #actorOf(hash: string, keyId: string | null): Promise<AuditActor> {
    if (keyId === null) return { kind: 'link', id: idOf(hash), name: 'a printed link' };
    const key = await this.#db.selectFrom('keys').select('name').where('id', '=', keyId).executeTakeFirst();
    return { kind: 'key', id: keyId, name: key?.name ?? keyId };
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
      actor: await this.#actorOf(hash, row.key_id),
      createdAtMs: row.created_at,
      expiresAtMs,
    };
  }

  async end(secret: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('hash', '=', hashKey(secret)).execute();
  }

  async endAll(): Promise<number> {
    const ended = await this.#db.deleteFrom('sessions').returning('hash').execute();
    await this.#db.deleteFrom('sign_in_tokens').execute();
    return ended.length;
  }

  async projectsOf({ project }: Session): Promise<Project[]> {
    const projects = await listProjects(this.#db, project);
    return projects.filter(({ isBeingRemoved }) => !isBeingRemoved);
  }
}
