import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, type DoctorContext, failed, type Finding, ok, warning } from './check.ts';

const GB = 1e9;
/** Below this, the next hours may fill the disk. */
const FREE_BYTES_LOW = 5 * GB;
const FREE_BYTES_MIN = 1 * GB;
const FLUSH_ROUNDS = 64;
const FLUSH_BYTES = 4096;
/** Slower commits are felt by clients that send single events. */
const FLUSH_SLOW_MS = 20;
/** No disk known flushes this fast: the flush goes nowhere, or the "disk" is memory. */
const FLUSH_IMPLAUSIBLE_MS = 0.01;
/** `f_type` of statfs(2). */
const FILE_SYSTEMS = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
]);

const NO_FOLDER = failed('not checked', 'Mend the data folder first.');

/** What the check of the data folder is called, beside a platform and within. */
export const DATA_DIR = {
  name: 'Data folder',
  about: 'The folder that holds everything can be used, and the keys in it are for its owner alone.',
} as const;

/** The data folder of a platform that runs. */
export const dataDirCheck: Check = {
  ...DATA_DIR,
  run: async ({ layout }) => {
    await access(layout.root, constants.R_OK | constants.W_OK | constants.X_OK);
    return credentialsFinding(layout.credentials, layout.root);
  },
};

/** Whether others may read the file of the first keys. `detail`: what is said if all is well. */
export const credentialsFinding = async (path: string, detail: string): Promise<Finding> => {
  const mode = await stat(path).then(
    (found) => found.mode & 0o077,
    () => 0,
  );
  if (mode === 0) return ok(detail);
  return warning(`${path} can be read by other users`, `Take their rights away: chmod 600 ${path}`);
};

/** There is room, on a file system that keeps what it is given. */
export const spaceCheck: Check = {
  name: 'Disk space',
  about:
    'There is room, on a file system that keeps what it is given. When the disk is full, no event is taken in.',
  run: async ({ layout, config }) => {
    if (!existsSync(layout.root)) return NO_FOLDER;
    const { bavail, bsize, type } = await statfs(layout.root);
    const free = bavail * bsize;
    const kind = FILE_SYSTEMS.get(type);
    const detail = `${(free / GB).toFixed(1)} GB free`;
    if (free < FREE_BYTES_MIN)
      return failed(detail, 'Free some space: when the disk is full, collecting answers 503.');
    if (kind === 'tmpfs' || kind === 'ramfs')
      return warning(
        `${detail}, but in memory (${kind})`,
        'Nothing survives a restart of the machine there. Choose a folder on a disk: --data-dir',
      );
    if (kind !== undefined)
      return warning(
        `${detail}, over the network (${kind})`,
        'File locks and flushes are not dependable there. Choose a folder on a local disk: --data-dir',
      );
    const wanted = Math.max(FREE_BYTES_LOW, config.log === 'segments' ? config.logBytesMax / 2 : 0);
    return free < wanted ? warning(detail, 'Free some space, or lower --log-bytes-max.') : ok(detail);
  },
};

/** The disk flushes, and fast enough to acknowledge events. */
export const flushCheck: Check = {
  name: 'Disk flush',
  about: 'The disk flushes, and fast enough: an event is acknowledged when it is flushed, not before.',
  run: async (context) => {
    if (!existsSync(context.layout.root)) return NO_FOLDER;
    const times = await flushTimes(context);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    const worst = times.at(-1) ?? 0;
    const detail = `${median.toFixed(2)} ms for 4 KiB (median of ${times.length}, worst ${worst.toFixed(1)} ms)`;
    if (median > FLUSH_SLOW_MS)
      return warning(
        detail,
        'Every acknowledgement waits for a flush. Use a local SSD, or send events in batches.',
      );
    if (median < FLUSH_IMPLAUSIBLE_MS)
      return warning(
        `${detail}: too fast for any disk`,
        'The flush seems to be ignored (memory, or a virtual disk without write barriers): a power loss would lose acknowledged events.',
      );
    return ok(detail);
  },
};

/** Milliseconds of each write and fdatasync, in rising order. */
const flushTimes = async ({ layout, clock }: DoctorContext): Promise<number[]> => {
  const path = join(layout.root, `doctor-${process.pid}.tmp`);
  const file = await open(path, 'w');
  try {
    const page = randomBytes(FLUSH_BYTES);
    await file.write(Buffer.alloc(FLUSH_BYTES * FLUSH_ROUNDS));
    await file.sync();
    const times: number[] = [];
    for (let round = 0; round < FLUSH_ROUNDS; round++) {
      const startedMs = clock.monotonicMs();
      await file.write(page, 0, FLUSH_BYTES, round * FLUSH_BYTES);
      await file.datasync();
      times.push(clock.monotonicMs() - startedMs);
    }
    return times.sort((a, b) => a - b);
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
};
