import { timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { KeysTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { AuditLog, Transaction } from './audit.ts';
import type { AuditActor, AuditDetail, AuditEntry } from './audit-entry.ts';
import { hashKey, KEY_LENGTH_MAX, keyIdOf, makeKey, prefixOf } from './key-format.ts';
import { KeyTermsError, termsProblem } from './key-terms.ts';
import { originsOf, storedOrigins } from './origins.ts';
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
  /** From then on it is good for nothing; null: it does not end by itself. */
  readonly expiresAtMs: number | null;
  /** Pages of these origins only may use it; none: whoever has it may. */
  readonly origins: readonly string[];
}

/** A key to be made. */
export interface NewKey {
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly name: string;
  /** The key itself, when it is preset; made otherwise. */
  readonly key?: string;
  readonly expiresAtMs?: number | null;
  readonly origins?: readonly string[];
  /** Who makes it. */
  readonly by: AuditActor;
}

/** A key just made. */
export interface CreatedKey {
  /** The key itself. It is told here and never again. */
  readonly key: string;
  readonly info: KeyInfo;
}

/** How a key is replaced. */
export interface Rotation {
  readonly project: string;
  readonly id: string;
  /** The old key is good for so long still. */
  readonly graceMs: number;
  readonly by: AuditActor;
}

/** Why a key is refused. */
export type KeyRefusal = 'unknown' | 'revoked' | 'expired';

/** Looks up keys without waiting: all that authenticating a request needs. */
export interface Authenticator {
  /** Whose key this is; undefined for keys unknown, revoked or expired. */
  authenticate(key: string): Principal | undefined;
  /** Why `authenticate` refuses a key. */
  refusalOf(key: string): KeyRefusal;
  /** Whether the key is still good by which a principal that `authenticate` gave was found. False also when that is not known any more: then the key must be shown again. */
  stillHolds(principal: Principal): boolean;
}

/**
 * The keys. Held in memory whole, written through to the catalog: looking one up costs one SHA-256, and revoking takes effect with the call.
 */
export interface KeyRing extends Authenticator {
  /**
   * Makes a key. Rejects with KeyTermsError for one that nobody could use as it is meant, and with ProjectError if the project is being removed. What `first` writes is written in the same transaction, before it: if that
   * rejects, so does this, and there is no key.
   */
  create(key: NewKey, first?: (transaction: Transaction) => Promise<void>): Promise<CreatedKey>;
  /** Keys of a project, revoked ones included, oldest first. */
  list(project: string): KeyInfo[];
  /** Revokes a key of a project by its id; false if there is none. Revoking twice keeps the first time. */
  revoke(project: string, id: string, by: AuditActor): Promise<boolean>;
  /** Makes a key in the place of another, which ends after a while. Undefined if there is none of the id that is in force. */
  rotate(rotation: Rotation): Promise<CreatedKey | undefined>;
  /** Revokes all keys of a project, in one transaction with what `also` writes. They are good for nothing from the call on. */
  retire(project: string, also: (transaction: Transaction) => Promise<AuditEntry>): Promise<void>;
  /** Deletes all keys of a project, in one transaction with what `also` writes after. */
  forget(project: string, also: (transaction: Transaction) => Promise<AuditEntry>): Promise<void>;
  /** Whether a key, by its id, is in force. */
  isActive(id: string): boolean;
  /** Takes over what other processes changed. Runs by itself every second. */
  refresh(): Promise<void>;
  /** Writes down the times of last use. */
  close(): Promise<void>;
}

/** What a KeyRing needs. */
export interface KeyRingOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: no key is made or revoked without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told when keys have changed, and when another process has changed the catalog. */
  readonly onChange?: () => void;
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
    expiresAtMs: row.expires_at,
    origins: originsOf(row.origins),
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

const isInForce = ({ revokedAtMs, expiresAtMs }: KeyInfo, nowMs: number): boolean =>
  revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs);

/** What the audit log tells of a key. */
const detailOf = ({ name, scopes, origins, expiresAtMs }: KeyInfo): AuditDetail => ({
  name,
  scopes: scopes.join(','),
  expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  ...(origins.length === 0 ? {} : { origins: origins.join(' ') }),
});

/** A project that is being removed gets no key any more: it would outlive it. */
const refuseIfRemoving = async (transaction: Transaction, project: string): Promise<void> => {
  const row = await transaction
    .selectFrom('projects')
    .select('removing_at')
    .where('id', '=', project)
    .executeTakeFirst();
  if (row !== undefined && row.removing_at !== null)
    throw new ProjectError(`The project "${projectNameOf(project)}" is being removed.`);
};

/** A key and where it will stand. */
interface MadeKey {
  readonly key: string;
  readonly row: Selectable<KeysTable>;
  readonly entry: Entry;
}

const insertKey = async (transaction: Transaction, row: Selectable<KeysTable>): Promise<void> => {
  await refuseIfRemoving(transaction, row.project);
  await transaction.insertInto('keys').values(row).execute();
};

/** Revokes a key, or all of a project. Whether there was any that was not revoked before. */
const revokeKeys = async (
  transaction: Transaction,
  which: { readonly id?: string; readonly project?: string; readonly revokedAtMs: number },
): Promise<boolean> => {
  const { id, project, revokedAtMs } = which;
  let update = transaction.updateTable('keys').set({ revoked_at: revokedAtMs });
  if (id !== undefined) update = update.where('id', '=', id);
  if (project !== undefined) update = update.where('project', '=', project);
  const { numUpdatedRows } = await update.where('revoked_at', 'is', null).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
};

class CatalogKeyRing implements KeyRing {
  readonly #catalog: Catalog;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #onChange: () => void;
  readonly #timers: NodeJS.Timeout[];
  /** By hash; revoked ones included, for the lists. */
  #entries = new Map<string, Entry>();
  /** By id. */
  #byId = new Map<string, Entry>();
  readonly #byPrincipal = new WeakMap<Principal, Entry>();

  constructor(options: KeyRingOptions) {
    this.#catalog = options.catalog;
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#telemetry = options.telemetry;
    this.#onChange = options.onChange ?? (() => undefined);
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
    const nowMs = this.#clock.nowMs();
    if (!isInForce(entry.info, nowMs)) return undefined;
    entry.lastUsedAtMs = nowMs;
    this.#byPrincipal.set(entry.principal, entry);
    return entry.principal;
  }

  refusalOf(key: string): KeyRefusal {
    const info = key.length > KEY_LENGTH_MAX ? undefined : this.#entries.get(hashKey(key))?.info;
    if (info === undefined) return 'unknown';
    return info.revokedAtMs === null ? 'expired' : 'revoked';
  }

  stillHolds(principal: Principal): boolean {
    const entry = this.#byPrincipal.get(principal);
    if (entry === undefined || this.#entries.get(entry.hashText) !== entry) return false;
    const nowMs = this.#clock.nowMs();
    if (!isInForce(entry.info, nowMs)) return false;
    entry.lastUsedAtMs = nowMs;
    return true;
  }

  async create(wanted: NewKey, first?: (transaction: Transaction) => Promise<void>): Promise<CreatedKey> {
    const made = this.#made(wanted);
    await this.#audit.change(
      async (transaction) => {
        await first?.(transaction);
        await insertKey(transaction, made.row);
      },
      () => ({
        ...{ actor: wanted.by, action: 'key.created', object: made.entry.info.id },
        ...{ project: wanted.project, detail: detailOf(made.entry.info) },
      }),
    );
    return this.#hold(made);
  }

  /** A key that is nowhere yet. Throws KeyTermsError. */
  #made({ key: preset, ...wanted }: NewKey): MadeKey {
    const { project, name, scopes, expiresAtMs = null, origins = [] } = wanted;
    const nowMs = this.#clock.nowMs();
    const problem = termsProblem({ scopes, expiresAtMs, origins }, nowMs);
    if (problem !== undefined) throw new KeyTermsError(problem);
    const key = preset ?? makeKey(scopes);
    const row = {
      id: keyIdOf(key),
      project,
      name,
      hash: hashKey(key),
      prefix: prefixOf(key),
      scopes: SCOPES.filter((scope) => scopes.includes(scope)).join(','),
      created_at: nowMs,
      last_used_at: null,
      revoked_at: null,
      expires_at: expiresAtMs,
      origins: storedOrigins(origins),
    };
    return { key, row, entry: entryOf(row) };
  }

  #hold({ key, entry }: MadeKey): CreatedKey {
    this.#entries.set(entry.hashText, entry);
    this.#byId.set(entry.info.id, entry);
    return { key, info: entry.info };
  }

  list(project: string): KeyInfo[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.info.project === project)
      .map((entry) => ({ ...entry.info, lastUsedAtMs: entry.lastUsedAtMs }))
      .sort((a, b) => a.createdAtMs - b.createdAtMs || a.id.localeCompare(b.id));
  }

  isActive(id: string): boolean {
    const entry = this.#byId.get(id);
    return entry !== undefined && isInForce(entry.info, this.#clock.nowMs());
  }

  async revoke(project: string, id: string, by: AuditActor): Promise<boolean> {
    const entry = this.#byId.get(id);
    if (entry?.info.project !== project) return false;
    const revokedAtMs = entry.info.revokedAtMs ?? this.#clock.nowMs();
    this.#change(entry, { revokedAtMs });
    const detail = detailOf(entry.info);
    try {
      await this.#audit.change(
        (transaction) => revokeKeys(transaction, { id, revokedAtMs }),
        (isRevoked) =>
          isRevoked ? { actor: by, action: 'key.revoked', object: id, project, detail } : undefined,
      );
    } catch (error) {
      this.#change(entry, {});
      throw error;
    }
    return true;
  }

  async rotate({ project, id, graceMs, by }: Rotation): Promise<CreatedKey | undefined> {
    const entry = this.#byId.get(id);
    const nowMs = this.#clock.nowMs();
    if (entry?.info.project !== project || !isInForce(entry.info, nowMs)) return undefined;
    const { name, scopes, origins, createdAtMs } = entry.info;
    // One that ends by itself is followed by one that lives as long.
    const lifeMs = entry.info.expiresAtMs === null ? null : entry.info.expiresAtMs - createdAtMs;
    const made = this.#made({
      ...{ project, name, scopes, origins, by },
      expiresAtMs: lifeMs === null ? null : nowMs + lifeMs,
    });
    const expiresAtMs = Math.min(nowMs + graceMs, entry.info.expiresAtMs ?? Infinity);
    const ends = new Date(expiresAtMs).toISOString();
    await this.#audit.change(
      async (transaction) => {
        await insertKey(transaction, made.row);
        await transaction.updateTable('keys').set({ expires_at: expiresAtMs }).where('id', '=', id).execute();
      },
      () => ({
        ...{ actor: by, action: 'key.rotated', object: id, project },
        detail: { ends, new: made.entry.info.id, ...detailOf(made.entry.info) },
      }),
    );
    this.#change(entry, { expiresAtMs });
    return this.#hold(made);
  }

  /** Takes a changed key over: as another entry, so that whoever holds the old one notices. */
  #change(entry: Entry, change: Partial<KeyInfo>): void {
    const changed = { ...entry, info: { ...entry.info, ...change } };
    this.#entries.set(entry.hashText, changed);
    this.#byId.set(entry.info.id, changed);
    this.#onChange();
  }

  async retire(project: string, also: (transaction: Transaction) => Promise<AuditEntry>): Promise<void> {
    const revokedAtMs = this.#clock.nowMs();
    for (const entry of [...this.#entries.values()])
      if (entry.info.project === project && entry.info.revokedAtMs === null)
        this.#change(entry, { revokedAtMs });
    try {
      await this.#audit.change(
        async (transaction) => {
          await revokeKeys(transaction, { project, revokedAtMs });
          return also(transaction);
        },
        (entry) => entry,
      );
    } finally {
      // What stands in the catalog counts, also if nothing was written.
      await this.load();
    }
  }

  async forget(project: string, also: (transaction: Transaction) => Promise<AuditEntry>): Promise<void> {
    await this.#audit.change(
      async (transaction) => {
        await transaction.deleteFrom('keys').where('project', '=', project).execute();
        return also(transaction);
      },
      (entry) => entry,
    );
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
    this.#byId = new Map([...this.#entries.values()].map((entry) => [entry.info.id, entry]));
    for (const [hash, entry] of this.#entries) {
      const lastUsedAtMs = before.get(hash)?.lastUsedAtMs ?? null;
      if (lastUsedAtMs !== null) entry.lastUsedAtMs = lastUsedAtMs;
    }
    this.#onChange();
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
