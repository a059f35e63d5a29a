import { setTimeout as pause } from 'node:timers/promises';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import { AuditError, type AuditLog } from './audit.ts';
import type { AuditDetail, AuditEntry } from './audit-entry.ts';

/**
 * Enters what is read, at a bounded cost. The first read of somebody, by one operation, is entered at once and before it is answered; further ones are counted, and the count is entered at the end
 * of the minute. So a kill loses counts of at most a minute, and never that somebody read at all.
 *
 * While nothing can be written, reads are answered, kept in memory, and entered when that is possible again: nobody is locked out by a full disk.
 */

/** Counts are entered this often. */
export const READS_ENTERED_EVERY_MS = 60_000;
/** So many who read by so many operations are counted in one minute; beyond, reading is refused until its end. */
const GROUPS_MAX = 10_000;
/** Entries of one transaction. */
const TOGETHER_MAX = 200;
/** While it is closed, a log that takes nothing is tried this often. */
const CLOSE_TRIES = 3;
const CLOSE_RETRY_MS = 100;

const LOST = defineEvent<{ readonly reads: number }>({
  name: 'audit_reads_lost',
  level: 'error',
  message: ({ reads }) =>
    `${reads} reads could not be entered in the audit log before the end of the program.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_audit_reads_lost_total',
      help: 'Reads that were never entered in the audit log, as it took nothing.',
      value: ({ reads }) => reads,
    },
  ],
});

/** A read, or something else that may come often: what is entered of it. */
export type AuditRead = Pick<AuditEntry, 'actor' | 'project' | 'organisation' | 'object' | 'outcome'> & {
  readonly action:
    | 'personal.read'
    | 'sql.run'
    | 'share.read'
    | 'audit.read'
    | 'import.declared'
    | 'session.refused';
  /** Where it came from. Of those that are counted together the first few are entered. */
  readonly from?: string | undefined;
};

/** So many different `from` are entered with a count. */
const FROM_MAX = 8;

/** What audits requests. */
export interface Auditing {
  readonly log: AuditLog;
  readonly reads: AuditReads;
}

interface Group {
  readonly read: AuditRead;
  /** Reads that are not entered yet. */
  count: number;
  /** Where these came from, the first few. */
  from: Set<string>;
  /** The first one is entered, or counted too. */
  begun: Promise<void>;
}

/** What entering reads needs. */
export interface AuditReadsOptions {
  readonly audit: AuditLog;
  readonly telemetry: Telemetry;
  /** `READS_ENTERED_EVERY_MS` unless told otherwise. */
  readonly everyMs?: number;
}

const count = (group: Group, from: string | undefined): void => {
  group.count++;
  if (from !== undefined && group.from.size < FROM_MAX) group.from.add(from);
};

const entryOf = ({ from: _told, ...entry }: AuditRead, detail: AuditDetail): AuditEntry => ({
  ...entry,
  detail,
});

const countEntry = ({ read, count: more, from }: Group): AuditEntry =>
  entryOf(read, from.size === 0 ? { more } : { more, from: [...from].join(' ') });

/** Enters reads, and whatever else may come often. */
export class AuditReads {
  readonly #audit: AuditLog;
  readonly #telemetry: Telemetry;
  readonly #timer: NodeJS.Timeout;
  #groups = new Map<string, Group>();
  #entering: Promise<void> = Promise.resolve();

  constructor({ audit, telemetry, everyMs = READS_ENTERED_EVERY_MS }: AuditReadsOptions) {
    this.#audit = audit;
    this.#telemetry = telemetry;
    this.#timer = setInterval(() => void this.enter(), everyMs);
    this.#timer.unref();
  }

  /** Call it before something is read. Resolves when the read is entered or counted. Rejects with AuditError if it can be neither. */
  note(read: AuditRead): Promise<void> {
    const { actor, project, organisation, object, action, from } = read;
    const name = JSON.stringify([actor.kind, actor.id, project, organisation, object, action]);
    const known = this.#groups.get(name);
    if (known !== undefined) {
      count(known, from);
      return known.begun;
    }
    if (this.#groups.size >= GROUPS_MAX)
      return Promise.reject(
        new AuditError('More is read by more people than the audit log takes in a minute.'),
      );
    const group: Group = { read, count: 0, from: new Set(), begun: Promise.resolve() };
    this.#groups.set(name, group);
    group.begun = this.#audit
      .record(entryOf(read, from === undefined ? {} : { from }))
      .catch((error: unknown) => {
        if (action === 'import.declared') {
          // Not a read, and no change is made without its entry.
          this.#groups.delete(name);
          throw error;
        }
        count(group, from);
      });
    return group.begun;
  }

  /** Enters what is counted. What cannot be entered stays counted. Runs by itself every minute. */
  enter(): Promise<void> {
    this.#entering = this.#entering.then(() => this.#enterAll());
    return this.#entering;
  }

  async #enterAll(): Promise<void> {
    const groups = [...this.#groups];
    await Promise.allSettled(groups.map(([, { begun }]) => begun));
    for (let start = 0; start < groups.length; start += TOGETHER_MAX) {
      const some = groups.slice(start, start + TOGETHER_MAX);
      if (!(await this.#enterSome(some))) return;
    }
  }

  /** Whether they are entered. The log itself says why not. */
  async #enterSome(groups: readonly (readonly [string, Group])[]): Promise<boolean> {
    const counts = groups.map(([, group]) => group.count);
    const entries = groups.flatMap(([, group]) => (group.count === 0 ? [] : [countEntry(group)]));
    try {
      if (entries.length > 0) await this.#audit.recordAll(entries);
    } catch {
      return false;
    }
    for (const [index, [name, group]] of groups.entries()) {
      group.count -= counts[index] ?? 0;
      group.from.clear();
      if (group.count === 0) this.#groups.delete(name);
    }
    return true;
  }

  /** Enters what is counted, for the last time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (let tries = 1; tries <= CLOSE_TRIES; tries++) {
      await this.enter();
      if (this.#groups.size === 0) return;
      await pause(CLOSE_RETRY_MS);
    }
    const reads = [...this.#groups.values()].reduce((sum, group) => sum + group.count, 0);
    this.#telemetry.emit(LOST, { reads });
  }
}
