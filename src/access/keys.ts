import { timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { KeysTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import {
  hashKey,
  KEY_KINDS,
  KEY_LENGTH_MAX,
  keyIdOf,
  type KeyKind,
  makeKey,
  prefixOf,
} from './key-format.ts';
import { SCOPES, type Scope } from './permissions.ts';
import { ProjectError } from './project-error.ts';
import { type Principal, principalOfKey, projectNameOf } from './principal.ts';

/** How often changes by other processes (the CLI) are looked for: so long may a key revoked there still work. */
const REFRESH_INTERVAL_MS = 1_000;
/** How often the times of last use are written down. */
const LAST_USED_INTERVAL_MS = 60_000;

/** What is known of a key: everything but the key. */
export interface KeyInfo {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  /** Exact to about a minute. */
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** A key to be made. */
export interface NewKey {
  readonly project: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** The key itself, when it is preset; made otherwise. */
  readonly key?: string;
}

/** Looks up keys without waiting: all that authenticating a request needs. */
export interface Authenticator {
  /** Whose key this is; undefined for keys unknown or revoked. */
  authenticate(key: string): Principal | undefined;
  /** Whether the key is still good by which a principal that `authenticate` gave was found. False also when that is not known any more: then the key must be shown again. */
  stillHolds(principal: Principal): boolean;
}

/**
 * The keys. Held in memory whole, written through to the catalog: looking one up costs one SHA-256, and revoking takes effect with the call.
 */
export interface KeyRing extends Authenticator {
  /**
   * Makes a key. The key itself is returned here and never again. Rejects with ProjectError if the project is being removed. What `first` writes is written in the same transaction, before it: if that rejects, so does this, and there is no key.
   */
  create(
    key: NewKey,
    first?: (transaction: Catalog['db']) => Promise<void>,
  ): Promise<{ readonly key: string; readonly info: KeyInfo }>;
  /** Keys of a project, revoked ones included, oldest first. */
  list(project: string): KeyInfo[];
  /** Revokes a key of a project by its id; false if there is none. Revoking twice keeps the first time. */
  revoke(project: string, id: string): Promise<boolean>;
  /** Revokes all keys of a project, in one transaction with what `also` writes. They are good for nothing from the call on. */
  retire(project: string, also: (transaction: Catalog['db']) => Promise<void>): Promise<void>;
  /** Deletes all keys of a project, in one transaction with what `also` writes after. */
  forget(project: string, also: (transaction: Catalog['db']) => Promise<void>): Promise<void>;
  /** Whether a key, by its id, exists and is not revoked. */
  isActive(id: string): boolean;
  /** Takes over what other processes changed. Runs by itself every second. */
  refresh(): Promise<void>;
  /** Writes down the times of last use. */
  close(): Promise<void>;
}

/** What a KeyRing needs. */
export interface KeyRingOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const REFRESH_FAILED = defineEvent<{ readonly error: unknown }>({
  name: 'keys_refresh_failed',
  level: 'warn',
  message: ({ error }) =>
    `The catalog could not be read for changed keys; those in memory stay in force. ${error instanceof Error ? error.message : String(error)}`,
});

interface Entry {
  readonly info: KeyInfo;
  readonly hashText: string;
  readonly hash: Buffer;
  readonly principal: Principal;
  lastUsedAtMs: number | null;
  lastUsedWrittenMs: number | null;
}

const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);

const entryOf = (row: Selectable<KeysTable>): Entry => {
  const scopes = row.scopes.split(',').filter(isScope);
  const lastUsedAtMs = row.last_used_at;
  const info = {
    id: row.id,
    project: row.project,
    name: row.name,
    prefix: row.prefix,
    scopes,
    createdAtMs: row.created_at,
    lastUsedAtMs,
    revokedAtMs: row.revoked_at,
  };
  return {
    info,
    hashText: row.hash,
    hash: Buffer.from(row.hash, 'hex'),
    principal: principalOfKey(info),
    lastUsedAtMs,
    lastUsedWrittenMs: lastUsedAtMs,
  };
};

/** A project that is being removed gets no key any more: it would outlive it. */
const refuseIfRemoving = async (transaction: Catalog['db'], project: string): Promise<void> => {
  const row = await transaction
    .selectFrom('projects')
    .select('removing_at')
    .where('id', '=', project)
    .executeTakeFirst();
  if (row !== undefined && row.removing_at !== null)
    throw new ProjectError(`The project "${projectNameOf(project)}" is being removed.`);
};

class CatalogKeyRing implements KeyRing {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #timers: NodeJS.Timeout[];
  /** By hash; revoked ones included, for the lists. */
  #entries = new Map<string, Entry>();
  /** Ids of those that are not revoked. */
  #active = new Set<string>();
  readonly #byPrincipal = new WeakMap<Principal, Entry>();

  constructor(options: KeyRingOptions) {
    this.#catalog = options.catalog;
    this.#clock = options.clock;
    this.#telemetry = options.telemetry;
    this.#timers = [
      setInterval(() => void this.#guarded(() => this.refresh()), REFRESH_INTERVAL_MS),
      setInterval(() => void this.#guarded(() => this.#writeLastUsed()), LAST_USED_INTERVAL_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  authenticate(key: string): Principal | undefined {
    if (key.length > KEY_LENGTH_MAX) return undefined;
    const hash = hashKey(key);
    // Finding by the hash tells an attacker's stop-watch nothing about the keys; comparing all of it in constant time is the second bar.
    const entry = this.#entries.get(hash);
    if (entry === undefined || !timingSafeEqual(entry.hash, Buffer.from(hash, 'hex'))) return undefined;
    if (entry.info.revokedAtMs !== null) return undefined;
    entry.lastUsedAtMs = this.#clock.nowMs();
    this.#byPrincipal.set(entry.principal, entry);
    return entry.principal;
  }

  stillHolds(principal: Principal): boolean {
    const entry = this.#byPrincipal.get(principal);
    if (entry === undefined || this.#entries.get(entry.hashText) !== entry) return false;
    if (entry.info.revokedAtMs !== null) return false;
    entry.lastUsedAtMs = this.#clock.nowMs();
    return true;
  }

  async create(
    wanted: NewKey,
    first?: (transaction: Catalog['db']) => Promise<void>,
  ): Promise<{ key: string; info: KeyInfo }> {
    const key = wanted.key ?? makeKey(wanted.kind);
    const hash = hashKey(key);
    const row = {
      id: keyIdOf(key),
      project: wanted.project,
      name: wanted.name,
      hash,
      prefix: prefixOf(key),
      scopes: KEY_KINDS[wanted.kind].scopes.join(','),
      created_at: this.#clock.nowMs(),
      last_used_at: null,
      revoked_at: null,
      expires_at: null,
      origins: null,
    };
    await this.#catalog.db.transaction().execute(async (transaction) => {
      await first?.(transaction);
      await refuseIfRemoving(transaction, wanted.project);
      await transaction.insertInto('keys').values(row).execute();
    });
    const entry = entryOf(row);
    this.#entries.set(hash, entry);
    this.#active.add(row.id);
    return { key, info: entry.info };
  }

  list(project: string): KeyInfo[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.info.project === project)
      .map((entry) => ({ ...entry.info, lastUsedAtMs: entry.lastUsedAtMs }))
      .sort((a, b) => a.createdAtMs - b.createdAtMs || a.id.localeCompare(b.id));
  }

  isActive(id: string): boolean {
    return this.#active.has(id);
  }

  async revoke(project: string, id: string): Promise<boolean> {
    const found = [...this.#entries].find(([, { info }]) => info.id === id && info.project === project);
    if (found === undefined) return false;
    const [hash, entry] = found;
    const revokedAtMs = entry.info.revokedAtMs ?? this.#clock.nowMs();
    this.#entries.set(hash, { ...entry, info: { ...entry.info, revokedAtMs } });
    this.#active.delete(id);
    await this.#catalog.db
      .updateTable('keys')
      .set({ revoked_at: revokedAtMs })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    return true;
  }

  async retire(project: string, also: (transaction: Catalog['db']) => Promise<void>): Promise<void> {
    const revokedAtMs = this.#clock.nowMs();
    for (const [hash, entry] of this.#entries) {
      if (entry.info.project !== project || entry.info.revokedAtMs !== null) continue;
      this.#entries.set(hash, { ...entry, info: { ...entry.info, revokedAtMs } });
      this.#active.delete(entry.info.id);
    }
    try {
      await this.#catalog.db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('keys')
          .set({ revoked_at: revokedAtMs })
          .where('project', '=', project)
          .where('revoked_at', 'is', null)
          .execute();
        await also(transaction);
      });
    } finally {
      // What stands in the catalog counts, also if nothing was written.
      await this.load();
    }
  }

  async forget(project: string, also: (transaction: Catalog['db']) => Promise<void>): Promise<void> {
    await this.#catalog.db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('keys').where('project', '=', project).execute();
      await also(transaction);
    });
    await this.load();
  }

  async refresh(): Promise<void> {
    if (this.#catalog.changedByOthers()) await this.load();
  }

  /** Reads all keys from the catalog. */
  async load(): Promise<void> {
    const rows = await this.#catalog.db.selectFrom('keys').selectAll().execute();
    const before = this.#entries;
    this.#entries = new Map(rows.map((row) => [row.hash, entryOf(row)]));
    this.#active = new Set(rows.filter((row) => row.revoked_at === null).map(({ id }) => id));
    for (const [hash, entry] of this.#entries) {
      const lastUsedAtMs = before.get(hash)?.lastUsedAtMs ?? null;
      if (lastUsedAtMs !== null) entry.lastUsedAtMs = lastUsedAtMs;
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#guarded(() => this.#writeLastUsed());
  }

  async #writeLastUsed(): Promise<void> {
    const used = [...this.#entries.values()].filter(
      (entry) => entry.lastUsedAtMs !== entry.lastUsedWrittenMs,
    );
    if (used.length === 0) return;
    await this.#catalog.db.transaction().execute(async (trx) => {
      for (const { info, lastUsedAtMs } of used)
        await trx.updateTable('keys').set({ last_used_at: lastUsedAtMs }).where('id', '=', info.id).execute();
    });
    for (const entry of used) entry.lastUsedWrittenMs = entry.lastUsedAtMs;
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#telemetry.emit(REFRESH_FAILED, { error });
    }
  }
}

/** Reads the keys from the catalog and keeps them current. */
export const openKeyRing = async (options: KeyRingOptions): Promise<KeyRing> => {
  const ring = new CatalogKeyRing(options);
  await ring.load();
  return ring;
};
