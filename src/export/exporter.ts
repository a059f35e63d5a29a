import type { ActorRights } from '../access/actor-rights.ts';
import { type AuditLog, AuditError } from '../access/audit.ts';
import { type AuditActor, PLATFORM } from '../access/audit-entry.ts';
import type { Permission } from '../access/permissions.ts';
import { EXPORT_LIMITS } from '../contract/exports.ts';
import { ApiError, ERRORS } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { errorCode } from '../lib/file-port.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { type BodyOptions, isPersonal, makeBody, questionOf, zoneOf } from './body.ts';
import { fileNameOf } from './file-names.ts';
import { ProjectFileError, type ProjectFiles } from '../lib/project-files.ts';
import type { ExportStore, SavedExport, SavedRun } from './store.ts';
import { exportFailed, exportNotPruned, exportStopped, exportWritten } from './telemetry.ts';

/** What running exports takes. */
export interface ExporterOptions extends BodyOptions {
  readonly store: ExportStore;
  readonly files: ProjectFiles;
  readonly rights: ActorRights;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Waits, not for long, until what was received is loaded: so that a day that has just ended is whole. */
  readonly settle: (signal: AbortSignal) => Promise<unknown>;
  /** Told how many exports are stopped or failed last. */
  readonly onTrouble?: (count: number) => void;
}

interface Running {
  readonly of: SavedExport;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

const SECOND_MS = 1_000;
/** Pauses before the second try and those after it. */
const RETRY_MS = [60 * SECOND_MS, 300 * SECOND_MS] as const;

/**
 * Runs exports when they are due, a few at a time, and writes their files. What is due, what runs and what failed stands in the catalogue: after a restart it goes on from there, and what was missed meanwhile is run once.
 */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #running = new Map<string, Running>();
  /** What is free is counted and taken by one at a time. */
  #ticking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left. Call it once, before the first `tick`. */
  async recover(): Promise<void> {
    const { store, files, telemetry } = this.#options;
    for (const each of await store.recover())
      await files
        .tidy(each)
        .catch((error: unknown) => telemetry.emit(exportNotPruned, { id: each.id, error }));
  }

  /** Begins what is due. Resolves when it has begun. */
  tick(): Promise<void> {
    const ticking = this.#ticking.then(() => this.#tick());
    this.#ticking = ticking.catch(() => undefined);
    return ticking;
  }

  async #tick(): Promise<void> {
    if (this.#isClosed) return;
    const { store, onTrouble } = this.#options;
    await store.plan();
    const free = EXPORT_LIMITS.runningMax - this.#running.size;
    if (free > 0) for (const { of, run } of await store.take(free)) this.#start(of, run);
    onTrouble?.(await store.troubled());
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /** Ends the run of an export, if there is one. Its row is the caller's. */
  async abort(id: string): Promise<void> {
    await this.#end(({ of }) => of.id === id);
  }

  /** Ends what runs: the next process begins it anew. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#ticking;
    await this.#end(() => true);
  }

  async #end(which: (running: Running) => boolean): Promise<void> {
    const ending = [...this.#running.values()].filter(which);
    for (const { stop } of ending) stop.abort();
    await Promise.all(ending.map(({ done }) => done));
  }

  #start(of: SavedExport, run: SavedRun): void {
    const stop = new AbortController();
    const done = this.#run(of, run, stop.signal).finally(() => this.#running.delete(run.id));
    this.#running.set(run.id, { of, stop, done });
  }

  async #run(of: SavedExport, run: SavedRun, signal: AbortSignal): Promise<void> {
    const { store, telemetry } = this.#options;
    try {
      await this.#write(of, run, signal);
      await this.#prune(of);
    } catch (error) {
      if (signal.aborted) {
        await this.#putBack(run);
        return;
      }
      const retryMs = retryOf(error, run);
      telemetry.emit(exportFailed, { id: of.id, error, retryMs });
      const nowMs = this.#options.clock.nowMs();
      const state = retryMs === null ? 'failed' : 'waiting';
      const next_at = retryMs === null ? null : nowMs + retryMs;
      // What cannot be written down is found under way by the next process.
      await store
        .note(run.id, { state, next_at, ended_at: nowMs, error: toldOf(error) })
        .catch(() => undefined);
    }
  }

  /** A run that the end of the program ends was no try. Any other that is ended is removed. */
  async #putBack({ id, attempts }: SavedRun): Promise<void> {
    if (!this.#isClosed) return;
    const { store, clock } = this.#options;
    const waiting = { state: 'waiting', next_at: clock.nowMs(), attempts: attempts - 1 };
    await store.note(id, waiting).catch(() => undefined);
  }

  async #write(of: SavedExport, run: SavedRun, signal: AbortSignal): Promise<void> {
    const { store, files, clock, telemetry, audit, settle } = this.#options;
    const startedMs = clock.monotonicMs();
    const { id, project, content: fields, owner } = of;
    const question = await questionOf(project, fields, this.#options.questions);
    const personal = isPersonal(question);
    await this.#checkOwner(of, neededFor(fields.what.kind, personal));
    await audit.record({
      ...{ actor: PLATFORM, action: 'export.run', object: id, project },
      detail: { run: run.id, owner: owner.name, by_hand: run.isByHand, personal },
    });
    // As it is now, not as it was when the run was put down.
    await store.note(run.id, { is_personal: personal ? 1 : 0, format: fields.format });
    await settle(signal);
    const { body, rows, asOf, fromMs } = await makeBody(
      { project, fields, question, dueMs: run.dueAtMs, signal, owner },
      this.#options,
    );
    signal.throwIfAborted();
    const words = { name: of.name, dueMs: run.dueAtMs, fromMs, timeZone: zoneOf(fields) };
    const file = fileNameOf(fields.file, words, fields.format);
    if ((await files.has(of, file)) && !(await store.isOwn(id, file)))
      throw new ProjectFileError(
        `There is a file "${file}" in "${of.folder}" already, which this export did not write. Move it, or change "file".`,
      );
    // First the name: what is written then is ours whatever happens.
    await store.claim(run.id, file);
    const bytes = await files.write(of, file, body);
    await store.done(run, { file, rows, bytes, asOf });
    telemetry.emit(exportWritten, {
      id,
      format: fields.format,
      bytes,
      elapsedMs: clock.monotonicMs() - startedMs,
    });
  }

  /** Stops an export whose owner may not see any more what it writes. */
  async #checkOwner(of: SavedExport, needed: readonly Permission[]): Promise<void> {
    const { rights, store, telemetry } = this.#options;
    const { id, project, owner } = of;
    const has = await rights(owner, project);
    const missing = needed.find((permission) => !has.has(permission));
    if (missing === undefined) return;
    const reason = stopReason(owner, missing, has.size === 0);
    await store.stop(of, reason);
    telemetry.emit(exportStopped, { id, reason });
    throw new ApiError('missing_scope', reason);
  }

  /** Deletes files that are not kept any more, and what is known of old runs. */
  async #prune({ id, project, folder, content }: SavedExport): Promise<void> {
    const { store, files, telemetry } = this.#options;
    try {
      for (const { id: run, file } of (await store.files(id)).slice(content.keep)) {
        if (file !== null) await files.remove({ project, folder }, file);
        await store.note(run, { file: null });
      }
      await store.forget(id);
    } catch (error) {
      telemetry.emit(exportNotPruned, { id, error });
    }
  }
}

/** What the owner of an export must be allowed. */
const neededFor = (kind: SavedExport['content']['what']['kind'], personal: boolean): Permission[] => [
  'data:read',
  ...(personal ? (['personal:read'] as const) : []),
  ...(kind === 'sql' ? (['sql:run'] as const) : []),
];

const stopReason = ({ kind, name }: AuditActor, missing: Permission, isGone: boolean): string => {
  const whose = kind === 'key' ? `the key "${name}"` : name;
  return isGone
    ? `It belongs to ${whose}, who may do nothing in this project any more.`
    : `It belongs to ${whose}, who does not have the permission "${missing}" any more.`;
};

/** How long to wait before the next try; null: it would be in vain, or was tried often enough. */
const retryOf = (error: unknown, { attempts }: SavedRun): number | null => {
  if (attempts >= EXPORT_LIMITS.attemptsMax) return null;
  if (error instanceof ProjectFileError || (error instanceof ApiError && !ERRORS[error.code].retryable))
    return null;
  return RETRY_MS[attempts - 1] ?? RETRY_MS[1];
};

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk of the folder of exports is full: make room.',
  EDQUOT: 'The quota of the folder of exports is used up: make room.',
  EACCES: 'The server may not write there: give it the right to.',
  EPERM: 'The server may not write there: give it the right to.',
  EROFS: 'The folder of exports is on a disk that cannot be written.',
  ENOTDIR: 'A file is where a folder should be: move it.',
  EISDIR: 'A folder is where the file should be: move it.',
};

/** What is told of a failure in the list of runs: for the disk what to do, without paths of the machine. */
const toldOf = (error: unknown): string => {
  if (error instanceof ApiError || error instanceof ProjectFileError || error instanceof AuditError)
    return error.message;
  const code = errorCode(error);
  if (code === '') return 'Something went wrong here. It was logged.';
  return `Writing failed (${code}). ${ADVICE[code] ?? 'See the log of the server.'}`;
};
