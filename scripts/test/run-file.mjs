/**
 * Runs one test file in a process of its own, and ends it whatever it does. Node's own runner waits for everybody who holds the file's output, so that one process left behind by
 * a failed test holds up the whole run, past every time limit.
 */

import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const REPORTER = fileURLToPath(new URL('events.mjs', import.meta.url));
const LOOK_EVERY_MS = 100;
/** Output that is still in the pipe when the process has ended gets so long to arrive. */
const OUTPUT_GRACE_MS = 300;
const REPORT_WAIT_MS = 3_000;
const OUTPUT_CHARS_MAX = 200_000;
const READ_BYTES = 1 << 20;

/**
 * @param limits `fileMs`: a file that takes longer hangs; `exitMs`: a process that lives so long without a test under way is held up by something.
 * @returns `{ms, problem, output}`; `problem` (text) if the file did not end as a test file does. Every event goes to `onEvent` as it happens.
 */
export const runFile = async (file, { root, args = [], limits, signal, onEvent }) => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-test-file-'));
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...args, ...reporting(dir), file], {
    cwd: root,
    // A process group of its own: ending it ends what it started, too.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collectOutput(child);
  const watch = new Watch(join(dir, 'events.ndjson'), onEvent);
  try {
    const outcome = await watchOver(child, { dir, watch, limits, signal, startedMs });
    await Promise.race([output.ended, sleep(OUTPUT_GRACE_MS)]);
    watch.look();
    return {
      ms: performance.now() - startedMs,
      problem: outcome.problem ?? problemOf(outcome, watch),
      output: output.text(),
    };
  } finally {
    output.close();
    watch.close();
    rmSync(dir, { recursive: true, force: true });
  }
};

const reporting = (dir) => [
  '--report-on-signal',
  '--report-signal=SIGUSR2',
  `--report-directory=${dir}`,
  '--report-filename=report.json',
  `--test-reporter=${REPORTER}`,
  `--test-reporter-destination=${join(dir, 'events.ndjson')}`,
];

const collectOutput = ({ stdout, stderr }) => {
  let text = '';
  const ends = [stdout, stderr].map((stream) => {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text = `${text}${chunk}`.slice(-OUTPUT_CHARS_MAX);
    });
    return new Promise((resolve) => stream.once('close', resolve));
  });
  const close = () => [stdout, stderr].forEach((stream) => stream.destroy());
  return { ended: Promise.all(ends), text: () => text, close };
};

/** Follows the file of events as it grows. */
class Watch {
  #path;
  #onEvent;
  #fd;
  #rest = Buffer.alloc(0);
  #underWay = new Map();
  #isEnded = false;
  #idleSinceMs;
  #failed = 0;

  constructor(path, onEvent) {
    this.#path = path;
    this.#onEvent = onEvent;
  }

  /** Whether all tests are over. Node tells that only when nothing is left open. */
  get isEnded() {
    return this.#isEnded;
  }

  /** Since when no test is under way, in monotonic milliseconds; undefined while one is, and before the first. */
  get idleSinceMs() {
    return this.#underWay.size === 0 ? this.#idleSinceMs : undefined;
  }

  get failed() {
    return this.#failed;
  }

  /** Names of the tests that began and did not end. */
  get underWay() {
    return [...this.#underWay.values()];
  }

  look() {
    try {
      this.#fd ??= openSync(this.#path, 'r');
    } catch {
      return; // It did not get to its first test yet.
    }
    const buffer = Buffer.alloc(READ_BYTES);
    for (let bytes; (bytes = readSync(this.#fd, buffer)) > 0; )
      this.#rest = Buffer.concat([this.#rest, buffer.subarray(0, bytes)]);
    const end = this.#rest.lastIndexOf(10) + 1;
    const lines = this.#rest.toString('utf8', 0, end).split('\n');
    this.#rest = this.#rest.subarray(end);
    for (const line of lines) if (line !== '') this.#take(JSON.parse(line));
  }

  #take(event) {
    const key = `${event.file} ${event.line} ${event.nesting} ${event.name}`;
    if (event.type === 'test:dequeue') this.#underWay.set(key, event.name);
    if (event.type === 'test:complete') this.#underWay.delete(key);
    if (event.type === 'test:fail') this.#failed += 1;
    if (event.type === 'test:summary') this.#isEnded = true;
    this.#idleSinceMs = performance.now();
    this.#onEvent(event);
  }

  close() {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

const watchOver = async (child, { dir, watch, limits, signal, startedMs }) => {
  const ended = new Promise((resolve) => {
    child.once('exit', (code, name) => resolve({ code, signal: name }));
    child.once('error', (error) => resolve({ problem: error.message }));
  });
  for (;;) {
    const outcome = await Promise.race([ended, sleep(LOOK_EVERY_MS)]);
    if (outcome !== undefined) return outcome;
    watch.look();
    const nowMs = performance.now();
    const problem = hangs({ watch, limits, signal, nowMs, startedMs });
    if (problem === undefined) continue;
    const found = signal?.aborted ? '' : await examine(child.pid, dir, watch);
    await endTree(child.pid);
    return { problem: `${problem}${found}` };
  }
};

const hangs = ({ watch, limits, signal, nowMs, startedMs }) => {
  if (signal?.aborted) return 'It was ended because the time for the whole run is over.';
  if (nowMs - startedMs > limits.fileMs)
    return `It was ended: it had not finished after ${seconds(limits.fileMs)}.`;
  if (watch.idleSinceMs !== undefined && nowMs - watch.idleSinceMs > limits.exitMs)
    return `No test was under way any more, but ${seconds(limits.exitMs)} later the process still ran: something was left open. It was ended.`;
  return undefined;
};

const seconds = (ms) => `${ms / 1000} s`;

/** How a process that ended by itself ended wrongly; undefined if it did not. */
const problemOf = ({ code, signal }, watch) => {
  if (signal !== null) return `The process was ended by ${signal}.${underWay(watch)}`;
  if (!watch.isEnded)
    return `The process ended with exit code ${code} before its tests were done.${underWay(watch)}`;
  if (code !== 0 && watch.failed === 0)
    return `All its tests passed, but the process ended with exit code ${code}.`;
  return undefined;
};

const underWay = ({ underWay: names }) =>
  names.length === 0 ? '' : `\nUnder way: ${names.map((name) => `"${name}"`).join(', ')}.`;

/** What the process is waiting for, in words. */
const examine = async (pid, dir, watch) => {
  const parts = [underWay(watch)];
  const family = await descendants(pid);
  if (family.length > 0)
    parts.push(`\nProcesses it had started:\n${family.map(({ line }) => `  ${line}`).join('\n')}`);
  const report = await nodeReport(pid, join(dir, 'report.json'));
  if (report === undefined) parts.push('\nIts main thread did not answer: it was busy or blocked.');
  else {
    const { stack = [] } = report.javascriptStack ?? {};
    if (stack.length > 0) parts.push(`\nAt:\n  ${stack.slice(0, 10).join('\n  ')}`);
    const open = (report.libuv ?? []).filter((handle) => handle.is_active && handle.is_referenced);
    if (open.length > 0)
      parts.push(`\nOpen handles:\n${open.map((handle) => `  ${handleText(handle)}`).join('\n')}`);
  }
  return parts.join('');
};

const handleText = ({ type, pid, fd, localEndpoint, remoteEndpoint, firesInMsFromNow }) => {
  const told = {
    pid,
    fd,
    local: localEndpoint?.port,
    remote: remoteEndpoint?.port,
    firesInMs: firesInMsFromNow,
  };
  const facts = Object.entries(told).filter(([, value]) => value !== undefined);
  return [type, ...facts.map(([name, value]) => `${name} ${value}`)].join(' ');
};

const nodeReport = async (pid, path) => {
  sendQuietly(pid, 'SIGUSR2');
  for (let waitedMs = 0; waitedMs < REPORT_WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      // Not written, or not whole yet.
    }
  }
  return undefined;
};

/** Everybody that a process started, directly or not, as `{pid, line}`; nobody where there is no `ps`. */
const descendants = async (pid) => {
  const { stdout } = await promisify(execFile)('ps', ['-Ao', 'pid=,ppid=,etime=,args=']).catch(() => ({
    stdout: '',
  }));
  const all = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, own, parent, line]) => ({
      pid: Number(own),
      parent: Number(parent),
      line: `${own} ${line}`.slice(0, 200),
    }));
  const found = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
};

const endTree = async (pid) => {
  const family = await descendants(pid);
  sendQuietly(-pid, 'SIGKILL');
  for (const { pid: own } of family) sendQuietly(own, 'SIGKILL');
};

/** A process that is gone already needs no signal. */
const sendQuietly = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
