import type { Catalog } from '../catalog/catalog.ts';
import type { AuditHeadTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import { type AuditEntry, rowOf } from './audit-entry.ts';
import { type AuditPage, type AuditQuestion, findAudit } from './audit-page.ts';

/**
 * The audit log: who did what, one entry behind the other, each holding the hash of the one before. It stands in the catalogue, so that a change there and its entry are one
 * transaction: there is no change without an entry, and no entry without a change. Why there: docs/decisions/017.
 */

/** Where changes are written. */
export type Transaction = Catalog['db'];

/** The entry could not be written, so what was to be entered was not done. */
export class AuditError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuditError';
  }
}

/** The end of the log. Whoever remembers it can tell later whether entries up to it were removed. */
export type AuditHead = Pick<AuditHeadTable, 'sequence' | 'hash'>;

/** Writes entries. */
export interface AuditLog {
  /** Enters something that is not a change of the catalogue: call it before it is done. On disk when it resolves. Rejects with AuditError. */
  record(entry: AuditEntry): Promise<void>;
  /** As `record`, for several: all or none. */
  recordAll(entries: readonly AuditEntry[]): Promise<void>;
  /** Enters something within a transaction of the catalogue: both are on disk, or neither. Rejects with AuditError; let the transaction fail then. */
  recordIn(transaction: Transaction, entry: AuditEntry): Promise<void>;
  /**
   * Makes a change of the catalogue and enters it, in one transaction. `entry` is made of what `work` resolved to; undefined: there was nothing to change. Rejects with what `work` rejects
   * with, or with AuditError when nothing can be written; nothing is changed then.
   *
   * @example
   * await audit.change(
   *   (transaction) => transaction.deleteFrom('invitations').where('id', '=', id).execute(),
   *   () => ({ actor, action: 'invitation.revoked', object: id, organisation }),
   * );
   */
  change<T>(
    work: (transaction: Transaction) => Promise<T>,
    entry: (result: T) => AuditEntry | undefined,
  ): Promise<T>;
  /** While nothing can be written: tries whether that has passed, and tells `onTrouble` so. */
  probe(): Promise<void>;
  /** Looks for entries in the catalogue. */
  find(question: AuditQuestion): Promise<AuditPage>;
  /** The end of the log. */
  head(): Promise<AuditHead>;
}

/** What the log needs. */
export interface AuditLogOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told when entries can no longer be written, with why, and null when they can again. */
  readonly onTrouble?: (trouble: string | null) => void;
}

const WRITTEN = defineEvent<{ readonly action: string }>({
  name: 'audit_written',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_audit_entries_total',
      help: 'Entries written to the audit log, by action.',
      labels: ({ action }) => ({ action }),
    },
  ],
});

const FAILED = defineEvent<{ readonly error: unknown }>({
  name: 'audit_failed',
  level: 'error',
  message: ({ error }) =>
    `The audit log takes no entries, so changes are refused. ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_audit_failures_total',
      help: 'Entries that could not be written to the audit log. What was to be entered was not done.',
    },
  ],
});

/** SQLite's codes for: busy, locked, read-only, input or output failed, damaged, disk full, cannot be opened. */
const STORAGE_CODES: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14]);

/** Whether the catalogue itself failed, rather than what was asked of it. */
const isStorageError = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && STORAGE_CODES.has(Number(error.errcode) & 0xff);

/** Opens the audit log of a catalogue. */
export const createAuditLog = (options: AuditLogOptions): AuditLog => new CatalogAuditLog(options);

class CatalogAuditLog implements AuditLog {
  readonly #options: AuditLogOptions;
  #isInTrouble = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  record(entry: AuditEntry): Promise<void> {
    return this.recordAll([entry]);
  }

  async recordAll(entries: readonly AuditEntry[]): Promise<void> {
    await this.#transaction(async (transaction) => {
      for (const entry of entries) await this.#append(transaction, entry);
    });
    for (const { action } of entries) this.#options.telemetry.emit(WRITTEN, { action });
  }

  async recordIn(transaction: Transaction, entry: AuditEntry): Promise<void> {
    try {
      await this.#append(transaction, entry);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async change<T>(
    work: (transaction: Transaction) => Promise<T>,
    entry: (result: T) => AuditEntry | undefined,
  ): Promise<T> {
    let entered: AuditEntry | undefined;
    const result = await this.#transaction(async (transaction) => {
      const made = await work(transaction);
      entered = entry(made);
      if (entered !== undefined) await this.#append(transaction, entered);
      return made;
    });
    if (entered !== undefined) this.#options.telemetry.emit(WRITTEN, { action: entered.action });
    return result;
  }

  async probe(): Promise<void> {
    if (!this.#isInTrouble) return;
    try {
      await this.#options.catalog.db
        .updateTable('audit_head')
        .set((eb) => ({ sequence: eb.ref('sequence') }))
        .execute();
    } catch (error) {
      if (isStorageError(error)) return;
      throw error;
    }
    this.#tell(null);
  }

  find(question: AuditQuestion): Promise<AuditPage> {
    return findAudit(this.#options.catalog.db, question);
  }

  async head(): Promise<AuditHead> {
    return this.#options.catalog.db
      .selectFrom('audit_head')
      .select(['sequence', 'hash'])
      .executeTakeFirstOrThrow();
  }

  async #transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await this.#options.catalog.db.transaction().execute(work);
      this.#tell(null);
      return result;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async #append(transaction: Transaction, entry: AuditEntry): Promise<void> {
    // First the number, by an update: that is what makes writers wait for each other, here and in Postgres.
    const head = await transaction
      .updateTable('audit_head')
      .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
      .returning(['sequence', 'hash'])
      .executeTakeFirstOrThrow();
    const atMs = this.#options.clock.nowMs();
    const row = rowOf(entry, { sequence: head.sequence, atMs, previous: head.hash });
    await transaction.insertInto('audit').values(row).execute();
    await transaction.updateTable('audit_head').set({ hash: row.hash }).execute();
  }

  /** What failed, as it is told: what the catalogue itself does not take is counted, and makes health red. */
  #failure(error: unknown): unknown {
    if (!isStorageError(error)) return error;
    this.#options.telemetry.emit(FAILED, { error });
    const why = error instanceof Error ? error.message : String(error);
    this.#tell(why);
    return new AuditError(`The audit log cannot be written (${why}), so this was not done.`, {
      cause: error,
    });
  }

  #tell(trouble: string | null): void {
    if (trouble === null && !this.#isInTrouble) return;
    this.#isInTrouble = trouble !== null;
    this.#options.onTrouble?.(trouble);
  }
}
