import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { writeFileAtomic } from '../lib/atomic-file.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { AuditLog } from './audit.ts';
import { type AuditRow, canonicalText, hashOfText, lineOf, PLATFORM } from './audit-entry.ts';

/**
 * Keeps the audit log to its size: the oldest entries go from the catalogue to files, through which the chain goes on, and beyond a number of bytes the oldest file is deleted, which is itself
 * an entry. Every step may be cut off: the next run goes on.
 */

/** The catalogue keeps so many of the newest entries, and up to one archive more. */
export const TABLE_ENTRIES_MAX = 100_000;
/** Entries of one archive: moving more at a time would hold up the server for longer. */
const ARCHIVE_ENTRIES = 1_000;
const NAME = /^(\d{12,})-(\d{12,})\.audit$/;
const NAME_DIGITS = 12;
const LINE_END = 10;
const HASH_DIGITS = 64;

const ARCHIVED = defineEvent<{ readonly first: number; readonly last: number }>({
  name: 'audit_archived',
  level: 'info',
  message: ({ first, last }) => `Entries ${first} to ${last} of the audit log were moved to a file.`,
});

const TRIMMED = defineEvent<{ readonly through: number }>({
  name: 'audit_trimmed',
  level: 'warn',
  message: ({ through }) =>
    `Entries of the audit log up to ${through} were deleted, as the log is larger than the option audit-bytes-max allows.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_audit_archives_deleted_total',
      help: 'Files of old audit entries that were deleted.',
    },
  ],
});

/** The log does not fit itself, so nothing of it is moved. */
export class AuditChainError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AuditChainError';
  }
}

/** A file of old entries. */
export interface Archive {
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

/** The files of old entries in a folder, oldest first. None if there is no folder. */
export const listArchives = async (dir: string): Promise<Archive[]> => {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name): Archive[] => {
      const [, first, last] = NAME.exec(name) ?? [];
      return first === undefined ? [] : [{ path: join(dir, name), first: Number(first), last: Number(last) }];
    })
    .sort((a, b) => a.first - b.first);
};

/** What keeping needs. */
export interface AuditKeeperOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly telemetry: Telemetry;
  /** Where the files go. */
  readonly dir: string;
  /** What they may take together, bytes. The newest is kept in any case. */
  readonly bytesMax: number;
  readonly entriesMax?: number;
  readonly archiveEntries?: number;
}

/** Brings the log to its size. To be called again and again, by the server only, and never twice at a time. Rejects with AuditChainError, or with the error of disk or catalogue. */
export const keepAuditSmall = async (options: AuditKeeperOptions): Promise<void> => {
  const { entriesMax = TABLE_ENTRIES_MAX, archiveEntries = ARCHIVE_ENTRIES } = options;
  await requireHead(options.catalog);
  await finishArchive(options);
  while ((await countOf(options.catalog)) >= entriesMax + archiveEntries)
    await archiveOldest(options, archiveEntries);
  await trim(options);
};

/** The last entry must be the one that the head names: one statement, as others may write meanwhile. Throws AuditChainError. */
const requireHead = async (catalog: Catalog): Promise<void> => {
  const { sequence, hash, found } = await catalog.db
    .selectFrom('audit_head')
    .leftJoin('audit', 'audit.sequence', 'audit_head.sequence')
    .select(['audit_head.sequence', 'audit_head.hash', 'audit.hash as found'])
    .executeTakeFirstOrThrow();
  if (sequence > 0 && hash !== found)
    throw new AuditChainError(
      `The audit log does not end with entry ${sequence}, as it should. "aevum verify" says more.`,
    );
};

/** The table has no gaps, so its ends tell how many there are. */
const countOf = async (catalog: Catalog): Promise<number> => {
  const { first, last } = await catalog.db
    .selectFrom('audit')
    .select((eb) => [eb.fn.min('sequence').as('first'), eb.fn.max('sequence').as('last')])
    .executeTakeFirstOrThrow();
  return first === null ? 0 : last - first + 1;
};

/** Takes out of the table what an archive holds already: the run before was cut off in between. */
const finishArchive = async ({ catalog, dir }: AuditKeeperOptions): Promise<void> => {
  const newest = (await listArchives(dir)).at(-1);
  if (newest === undefined) return;
  const row = await catalog.db
    .selectFrom('audit')
    .select('hash')
    .where('sequence', '=', newest.last)
    .executeTakeFirst();
  if (row === undefined) return;
  if (row.hash !== lastHashOf(await readFile(newest.path)))
    throw new AuditChainError(`Entry ${newest.last} is another one in ${newest.path} than in the catalogue.`);
  await removeThrough(catalog, newest.last);
};

const removeThrough = async (catalog: Catalog, sequence: number): Promise<void> => {
  await catalog.db.deleteFrom('audit').where('sequence', '<=', sequence).execute();
};

const archiveOldest = async (
  { catalog, dir, telemetry }: AuditKeeperOptions,
  entries: number,
): Promise<void> => {
  const rows = await catalog.db.selectFrom('audit').selectAll().orderBy('sequence').limit(entries).execute();
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return;
  requireChain(rows);
  await makeFolder(dir);
  const name = [first, last].map(({ sequence }) => String(sequence).padStart(NAME_DIGITS, '0')).join('-');
  await writeFileAtomic(join(dir, `${name}.audit`), rows.map(lineOf).join(''));
  await removeThrough(catalog, last.sequence);
  telemetry.emit(ARCHIVED, { first: first.sequence, last: last.sequence });
};

/** What does not fit must stay where it is seen first. Throws AuditChainError. */
const requireChain = (rows: readonly AuditRow[]): void => {
  let before: AuditRow | undefined;
  for (const row of rows) {
    const isLinked =
      before === undefined || (row.sequence === before.sequence + 1 && row.previous === before.hash);
    if (!isLinked || hashOfText(canonicalText(row)) !== row.hash)
      throw new AuditChainError(
        `Entry ${row.sequence} of the audit log does not fit. "aevum verify" says more.`,
      );
    before = row;
  }
};

/** Made so that it is there after a power loss too. */
const makeFolder = async (dir: string): Promise<void> => {
  if ((await mkdir(dir, { recursive: true, mode: 0o700 })) === undefined) return;
  const parent = await open(dirname(dir), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
};

/** Deletes the oldest files beyond the bytes allowed; first comes an entry that says so, from which `aevum verify` knows that the log may begin behind them. */
const trim = async ({ audit, dir, bytesMax, telemetry }: AuditKeeperOptions): Promise<void> => {
  const archives = await listArchives(dir);
  const sizes = await Promise.all(archives.map(async ({ path }) => (await stat(path)).size));
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, archive] of archives.slice(0, -1).entries()) {
    if (bytes <= bytesMax) return;
    const hash = lastHashOf(await readFile(archive.path));
    await audit.record({
      actor: PLATFORM,
      action: 'audit.trimmed',
      object: 'audit',
      detail: { through: archive.last, hash },
    });
    await rm(archive.path);
    bytes -= sizes[index] ?? 0;
    telemetry.emit(TRIMMED, { through: archive.last });
  }
};

/** The hash of the last entry in the bytes of an archive. */
const lastHashOf = (bytes: Buffer): string => {
  const start = bytes.lastIndexOf(LINE_END, bytes.length - 2) + 1;
  return bytes.toString('latin1', start, start + HASH_DIGITS);
};
