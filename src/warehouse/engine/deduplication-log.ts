import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../lib/file-port.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';

/**
 * The engine's lists of tokens that were used, put right before it opens its tables.
 *
 * For a part that is inserted it writes a line into the table's deduplication log and only then gives the part its name. Killed in between, it has the token and not the rows: the same load repeated is taken for a
 * duplicate, acknowledged and dropped. (Seen by tracing system calls, and by killing it at that rename.) So lines of parts that are not there are removed. That is possible only here: once the engine runs, numbers of
 * parts that never came to be are given to others.
 *
 * Lines are `<1: added, 2: dropped>\t<part>\t<block>`. A part is `<partition>_<first block>_<last block>_<level>[_<mutation>]`; one that was inserted has one block, and lives on in the part that it was merged into.
 * A line that was cut off, as a loss of power leaves it, goes as well: the engine would not open the table.
 */

const LOG_FOLDER = 'deduplication_logs';
const LOG_FILE = /^deduplication_log_\d+\.txt$/;
const PART = /^(.+?)_(\d+)_(\d+)_(\d+)(?:_(\d+))?$/;
const LINE = /^([12])\t([^\t]+)\t[^\t]+$/;
const ADDED = '1';

interface Part {
  readonly partition: string;
  readonly first: number;
  readonly last: number;
}

const partOf = (name: string): Part | undefined => {
  const [, partition, first, last] = PART.exec(name) ?? [];
  return partition === undefined ? undefined : { partition, first: Number(first), last: Number(last) };
};

/** Lines of a log that hold: of parts among `parts`, and of parts that were dropped. */
const keptLines = (lines: readonly string[], parts: readonly Part[]): string[] => {
  const byPartition = Map.groupBy(parts, ({ partition }) => partition);
  const isThere = (name: string): boolean => {
    const part = partOf(name);
    // Of a name that is none of ours nothing is known.
    if (part === undefined) return true;
    const there = byPartition.get(part.partition) ?? [];
    return there.some(({ first, last }) => first <= part.first && part.last <= last);
  };
  return lines.filter((line) => {
    const [, kind, name] = LINE.exec(line) ?? [];
    return name !== undefined && (kind !== ADDED || isThere(name));
  });
};

/** Names in a folder; none if it is not there. */
const list = async (dir: string): Promise<string[]> => {
  try {
    return await readdir(dir);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return [];
    throw error;
  }
};

const mendTable = async (tableDir: string): Promise<number> => {
  const logDir = join(tableDir, LOG_FOLDER);
  const files = await list(logDir);
  if (files.length === 0) return 0;
  const parts = (await list(tableDir)).flatMap((name) => partOf(name) ?? []);
  let removed = 0;
  for (const file of files) {
    const path = join(logDir, file);
    if (!LOG_FILE.test(file)) {
      // What an interrupted mending left: the engine does not know such names.
      if (file.endsWith('.tmp')) await rm(path, { force: true });
      continue;
    }
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    const kept = keptLines(lines, parts);
    if (kept.length === lines.length) continue;
    await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(''));
    removed += lines.length - kept.length;
  }
  return removed;
};

/**
 * Makes the engine forget tokens of parts that never came to be, in all tables below `storeDir`. To be called while no engine has them open. Resolves to how many lines were removed. Rejects with Node's error.
 */
export const forgetLostParts = async (storeDir: string): Promise<number> => {
  let removed = 0;
  const tables = join(storeDir, 'store');
  for (const prefix of await list(tables))
    for (const table of await list(join(tables, prefix)))
      removed += await mendTable(join(tables, prefix, table));
  return removed;
};
