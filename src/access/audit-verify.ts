import { readFile } from 'node:fs/promises';
import type { CatalogToRead } from '../catalog/catalog.ts';
import type { AuditHead, Transaction } from './audit.ts';
import { type Archive, listArchives } from './audit-archive.ts';
import { type AuditRow, canonicalText, FIRST_PREVIOUS, hashOfText } from './audit-entry.ts';

/** Walks the chain of the audit log, archives first, and finds the first entry that does not fit. */

/** Rows read at a time. */
const PAGE_ROWS = 1_000;
/** While it is being read, the server may move entries on: then it is read anew, so often. */
const TRIES_MAX = 5;
const LINE_END = 10;
const HASH_DIGITS = 64;
const SQLITE_CORRUPT = 11;

/** What does not fit. */
export const AUDIT_FAULTS = {
  changed: 'An entry, or its hash, is not what it was.',
  missing: 'Entries are not there any more.',
  unexpected: 'An entry stands where none of its number may stand.',
  unreadable: 'An entry cannot be read: the file is damaged.',
  unlinked: 'An entry does not hold the hash of the one before: one of the two was replaced.',
  truncated: 'The newest entries are not there any more.',
  forgotten: 'The head that was remembered is not in the log.',
} as const;
export type AuditFaultKind = keyof typeof AUDIT_FAULTS;

/** The first thing that does not fit. */
export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Number of the entry. */
  readonly sequence: number;
  /** What is the matter, in words. */
  readonly message: string;
}

/** What was found. */
export interface AuditVerdict {
  /** Entries walked through; up to the fault, if there is one. */
  readonly entries: number;
  /** Number of the oldest entry that is still kept; null: there are none. */
  readonly first: number | null;
  /** As recorded beside the log; the last entry found, where that record is missing. */
  readonly head: AuditHead;
  readonly fault: AuditFault | null;
}

/** What is to be walked through. */
export interface VerifyOptions {
  readonly catalog: CatalogToRead;
  /** Folder of the archives. */
  readonly dir: string;
  /** A head remembered from an earlier time: the log must still hold it. */
  readonly remembered?: AuditHead | undefined;
}

/** An entry on its way through the walk. */
interface Link {
  readonly sequence: number;
  readonly previous: string;
  readonly action: string;
  readonly detail: string;
  readonly hash: string;
  /** The hash that its text has. */
  readonly computed: string;
}

class Fault extends Error {
  readonly fault: AuditFault;
  constructor(kind: AuditFaultKind, sequence: number, message: string) {
    super(message);
    this.fault = { kind, sequence, message };
  }
}

class MovedOn extends Error {}

/** Verifies the log, whether a server writes to it meanwhile or not. Rejects with the error of disk or catalogue. */
export const verifyAudit = async (options: VerifyOptions): Promise<AuditVerdict> => {
  for (let tries = 1; ; tries++) {
    try {
      // One transaction: all of the table as of one moment.
      return await options.catalog.db.transaction().execute((snapshot) => walkAll(snapshot, options));
    } catch (error) {
      if (!(error instanceof MovedOn) || tries >= TRIES_MAX) throw error;
    }
  }
};

const walkAll = async (snapshot: Transaction, { dir, remembered }: VerifyOptions): Promise<AuditVerdict> => {
  const head = await snapshot.selectFrom('audit_head').select(['sequence', 'hash']).executeTakeFirst();
  const walk = new Walk(head, remembered);
  let fault: AuditFault | null = null;
  try {
    // Listed after the snapshot was taken: what it does not hold any more is in files.
    for (const archive of await listArchives(dir)) await walkArchive(walk, archive);
    await walkTable(walk, snapshot);
    walk.end();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error.fault;
  }
  return { entries: walk.entries, first: walk.first, head: head ?? walk.last, fault };
};

const walkTable = async (walk: Walk, snapshot: Transaction): Promise<void> => {
  walk.beginTable();
  for (let after: number | undefined; ; ) {
    const rows = await pageOf(snapshot, after).catch((error: unknown) => {
      throw isDamage(error) ? walk.unreadable(error) : error;
    });
    for (const row of rows) walk.pass({ ...row, computed: hashOfText(canonicalText(row)) });
    if (rows.length < PAGE_ROWS) return;
    after = rows.at(-1)?.sequence;
  }
};

const pageOf = (snapshot: Transaction, after: number | undefined): Promise<AuditRow[]> => {
  const page = snapshot.selectFrom('audit').selectAll().orderBy('sequence').limit(PAGE_ROWS);
  return (after === undefined ? page : page.where('sequence', '>', after)).execute();
};

/** What SQLite says of a damaged file, and Node of a number that this program did not write. */
const isDamage = (error: unknown): error is Error =>
  error instanceof Error &&
  (('errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_CORRUPT) ||
    ('code' in error && error.code === 'ERR_OUT_OF_RANGE'));

const walkArchive = async (walk: Walk, archive: Archive): Promise<void> => {
  const bytes = await readFile(archive.path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new MovedOn() : error;
  });
  walk.beginArchive();
  for (let start = 0, sequence = archive.first; start < bytes.length; sequence++) {
    const end = bytes.indexOf(LINE_END, start);
    const link = end < 0 ? undefined : linkOf(bytes.subarray(start, end));
    if (link === undefined)
      throw new Fault('changed', sequence, `Entry ${sequence} in ${archive.path} was changed or cut off.`);
    walk.pass(link);
    start = end + 1;
  }
};

/** An entry as its line says it; undefined if the line says none. */
const linkOf = (line: Buffer): Link | undefined => {
  if (line[HASH_DIGITS] !== ' '.charCodeAt(0)) return undefined;
  const text = line.subarray(HASH_DIGITS + 1);
  try {
    const columns: unknown = JSON.parse(text.toString('utf8'));
    if (!Array.isArray(columns)) return undefined;
    const [, sequence, , , , , , , action, , , detail, previous] = columns as unknown[];
    if (typeof sequence !== 'number' || typeof previous !== 'string') return undefined;
    const hash = line.toString('latin1', 0, HASH_DIGITS);
    return {
      sequence,
      previous,
      hash,
      action: String(action),
      detail: String(detail),
      computed: hashOfText(text),
    };
  } catch {
    return undefined;
  }
};

/** The way through the chain: takes one entry behind the other and throws the first fault. */
class Walk {
  readonly #head: AuditHead | undefined;
  readonly #remembered: AuditHead | undefined;
  #last: AuditHead | undefined;
  /** Hashes of the archive walked last: the catalogue may still hold the same entries, if moving them was cut off. */
  #archived = new Map<number, string>();
  #isInArchive = false;
  /** The entry before the first, if the log does not begin with entry 1: to be found as trimmed. */
  #before: AuditHead | undefined;
  entries = 0;
  first: number | null = null;

  constructor(head: AuditHead | undefined, remembered: AuditHead | undefined) {
    this.#head = head;
    this.#remembered = remembered;
  }

  /** The entry that was walked last; 0: none was. */
  get last(): AuditHead {
    return this.#last ?? { sequence: 0, hash: FIRST_PREVIOUS };
  }

  beginArchive(): void {
    this.#archived = new Map();
    this.#isInArchive = true;
  }

  beginTable(): void {
    this.#isInArchive = false;
  }

  unreadable({ message }: Error): Fault {
    const sequence = (this.#last?.sequence ?? 0) + 1;
    return new Fault(
      'unreadable',
      sequence,
      `Entry ${sequence} or one behind it cannot be read: ${message}.`,
    );
  }

  pass(link: Link): void {
    const { sequence, hash } = link;
    if (link.computed !== hash) throw new Fault('changed', sequence, `Entry ${sequence} was changed.`);
    if (!this.#isInArchive && this.#archived.get(sequence) === hash) return;
    this.#link(link);
    this.#last = { sequence, hash };
    this.entries++;
    if (this.#isInArchive) this.#archived.set(sequence, hash);
    if (link.action === 'audit.trimmed') this.#findTrimmed(link.detail);
    this.#compare(link);
  }

  #link({ sequence, previous }: Link): void {
    const last = this.#last;
    if (last === undefined) {
      this.#begin(sequence, previous);
      return;
    }
    if (sequence <= last.sequence)
      throw new Fault('unexpected', sequence, `An entry ${sequence} stands behind entry ${last.sequence}.`);
    if (sequence > last.sequence + 1) throw missing(last.sequence + 1, sequence - 1);
    if (previous !== last.hash)
      throw new Fault(
        'unlinked',
        sequence,
        `Entry ${sequence} does not follow entry ${last.sequence}: one of the two was replaced.`,
      );
  }

  #begin(sequence: number, previous: string): void {
    this.first = sequence;
    if (sequence > 1) this.#before = { sequence: sequence - 1, hash: previous };
    else if (sequence < 1 || previous !== FIRST_PREVIOUS)
      throw new Fault('unexpected', sequence, `Entry ${sequence} cannot be the first.`);
  }

  #findTrimmed(detail: string): void {
    const before = this.#before;
    // Compared as text: an entry that somebody forged may hold anything.
    if (before !== undefined && detail === JSON.stringify({ through: before.sequence, hash: before.hash }))
      this.#before = undefined;
  }

  #compare({ sequence, hash }: Link): void {
    if (sequence === this.#remembered?.sequence && hash !== this.#remembered.hash)
      throw new Fault(
        'forgotten',
        sequence,
        `Entry ${sequence} is another one than the head that was remembered: the log was made anew from there or before.`,
      );
  }

  end(): void {
    if (this.#before !== undefined) throw missing(1, this.#before.sequence);
    const { last } = this;
    const head = this.#head;
    if (head === undefined)
      throw new Fault(
        'truncated',
        last.sequence,
        `The recorded head of the log is missing: whether entries followed on ${last.sequence} cannot be told.`,
      );
    if (last.sequence < head.sequence)
      throw new Fault(
        'truncated',
        last.sequence + 1,
        `The newest entries are missing, from ${last.sequence + 1} to ${head.sequence}.`,
      );
    if (last.sequence !== head.sequence || last.hash !== head.hash)
      throw new Fault(
        'unexpected',
        last.sequence,
        `The log ends with entry ${last.sequence}, but its recorded head is another one (${head.sequence}).`,
      );
    this.#requireRemembered(last);
  }

  #requireRemembered(last: AuditHead): void {
    const { sequence } = this.#remembered ?? last;
    if (sequence > last.sequence)
      throw new Fault(
        'forgotten',
        sequence,
        `Entry ${sequence}, which was remembered, is missing: the log ends with entry ${last.sequence}.`,
      );
    if (this.first !== null && sequence < this.first)
      throw new Fault(
        'forgotten',
        sequence,
        `Entry ${sequence}, which was remembered, was deleted to keep the log small. Remember a newer head.`,
      );
  }
}

const missing = (from: number, to: number): Fault =>
  new Fault(
    'missing',
    from,
    from === to ? `Entry ${from} is missing.` : `Entries ${from} to ${to} are missing.`,
  );
