/**
 * Completes package-lock.json for the platforms that are not this one.
 *
 * npm writes an entry for every optional dependency of every package, so that one lockfile serves all platforms, but leaves out what the registry at hand does
 * not carry. `npm ci` on a complete registry then refuses the lockfile ("Missing: ... from lock file"). The missing entries are made here from what the depending
 * package pins (exact version) and from the package's name (os, cpu, libc). They have no integrity: that is only known where the package can be fetched.
 *
 *   node scripts/complete-lockfile.mjs           writes the missing entries
 *   node scripts/complete-lockfile.mjs --check   exit code 1 if some are missing, or if the lockfile carries download addresses
 */

import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOCKFILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const OPERATING_SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const EXACT_VERSION = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/** The platform that a package is for, read off its name: `lib-linux-arm64-gnu` is for os linux, cpu arm64, libc glibc. Undefined if the name tells none. */
export const platformOf = (name) => {
  const words = (name.split('/').at(-1) ?? '').split('-');
  const os = words.find((word) => OPERATING_SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  if (os === undefined || cpu === undefined) return undefined;
  const libc =
    os !== 'linux'
      ? undefined
      : words.some((word) => word.startsWith('musl'))
        ? 'musl'
        : words.some((word) => word.startsWith('gnu'))
          ? 'glibc'
          : undefined;
  return { os: [os], cpu: [cpu], libc: libc === undefined ? undefined : [libc] };
};

/** Entries that `lockfile` lacks, by their path: for each optional dependency that no entry provides. */
export const missingEntries = (lockfile) => {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (provided(lockfile.packages, path, name)) continue;
      const platform = platformOf(name);
      if (platform === undefined || !EXACT_VERSION.test(version)) continue;
      const { os, cpu, libc } = platform;
      const dev = entry.dev === true ? { dev: true } : {};
      missing.set(`node_modules/${name}`, {
        version,
        cpu,
        ...dev,
        ...(libc === undefined ? {} : { libc }),
        optional: true,
        os,
      });
    }
  }
  return missing;
};

/** Whether a package at `path` finds `name` in its own or an outer node_modules folder. */
const provided = (packages, path, name) => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
};

/** Whether an entry carries a download address. (A link's is a folder of this repository.) With addresses, an install asks the host of whoever made the lockfile. */
const hasAddress = (entry) => entry.resolved !== undefined && entry.link !== true;

/** Paths of entries that carry a download address. */
export const addressedEntries = (lockfile) =>
  Object.entries(lockfile.packages)
    .filter(([, entry]) => hasAddress(entry))
    .map(([path]) => path);

/** What is wrong with a lockfile, in words; empty when nothing is. */
export const lockfileProblems = (lockfile) => [
  ...[...missingEntries(lockfile).keys()].map(
    (path) => `${path}: missing. Run: node scripts/complete-lockfile.mjs`,
  ),
  ...addressedEntries(lockfile).map(
    (path) => `${path}: has a download address. Run: node scripts/complete-lockfile.mjs`,
  ),
  ...Object.entries(lockfile.packages)
    .filter(([, entry]) => entry.link === true && entry.resolved === undefined)
    .map(([path]) => `${path}: does not say which folder it links to. Run: npm install`),
];

/** The same lockfile, whole, in npm's order and without download addresses. */
export const completed = (lockfile) => {
  const packages = { ...lockfile.packages, ...Object.fromEntries(missingEntries(lockfile)) };
  const sorted = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  const withoutAddress = ({ resolved, ...entry }) => (entry.link === true ? { resolved, ...entry } : entry);
  return {
    ...lockfile,
    packages: Object.fromEntries(sorted.map((path) => [path, withoutAddress(packages[path])])),
  };
};

const main = () => {
  const lockfile = JSON.parse(readFileSync(LOCKFILE, 'utf8'));
  const problems = lockfileProblems(lockfile);
  if (process.argv.includes('--check')) {
    for (const problem of problems) console.error(problem);
    process.exitCode = problems.length === 0 ? 0 : 1;
    return;
  }
  writeFileSync(LOCKFILE, `${JSON.stringify(completed(lockfile), null, 2)}\n`);
  console.log(
    problems.length === 0
      ? 'package-lock.json is complete.'
      : `package-lock.json: ${problems.length} entries mended.`,
  );
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
