/** Whether node_modules is what package-lock.json says. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARKER = 'node_modules/.aevum-installed';

/** This machine, as package entries name it. `libc` is undefined where that is no question. */
export const thisPlatform = () => {
  if (process.platform !== 'linux') return { os: process.platform, cpu: process.arch, libc: undefined };
  process.report.excludeNetwork = true;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  return { os: 'linux', cpu: process.arch, libc: glibc === undefined ? 'musl' : 'glibc', glibc };
};

/** Whether an entry of a lockfile is for `platform`. `os`, `cpu` and `libc` may be absent, a string or a list. */
export const isFor = (entry, platform) =>
  ['os', 'cpu', 'libc'].every((key) => {
    const wanted = entry[key] === undefined ? [] : [entry[key]].flat();
    return wanted.length === 0 || platform[key] === undefined || wanted.includes(platform[key]);
  });

/**
 * The paths whose installed package is not the locked one. Compared by version and integrity, so that neither file times nor the order of entries matter.
 * An optional package may be absent when it is for another platform, or (no platform named) belongs to one that is, or when `settled` says that a
 * finished install left it out. Development packages may be absent unless `tools`.
 */
export const differences = (locked, installed, platform, { tools, settled }) =>
  Object.entries(locked.packages)
    .filter(([path, entry]) => {
      if (path === '') return false;
      const found = installed.packages[path];
      if (found !== undefined) return !same(entry, found);
      if (!tools && (entry.dev === true || entry.devOptional === true)) return false;
      if (entry.optional !== true) return true;
      return entry.os !== undefined && isFor(entry, platform) && !settled;
    })
    .map(([path]) => path);

const same = (entry, found) =>
  entry.version === found.version &&
  (entry.integrity === undefined || found.integrity === undefined || entry.integrity === found.integrity);

/** Whether the packages under `root` are those of its lockfile. */
export const isInstalled = (root, { tools }) => {
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8'));
  } catch {
    return false;
  }
  const settled =
    existsSync(join(root, MARKER)) && readFileSync(join(root, MARKER), 'utf8') === lockfileDigest(root);
  return differences(locked, installed, thisPlatform(), { tools, settled }).length === 0;
};

/** Notes that an install of the present lockfile came to its end. */
export const markInstalled = (root) => writeFileSync(join(root, MARKER), lockfileDigest(root));

const lockfileDigest = (root) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
