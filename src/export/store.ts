import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { AuditAction, AuditActor } from '../access/audit-entry.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ExportRunsTable, ExportsTable } from '../catalog/tables.ts';
import {
  EXPORT_LIMITS,
  type ExportChange,
  type ExportFormat,
  type NewExport,
  type RunState,
} from '../contract/exports.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import { invalidAt } from '../http/request-problem.ts';
import { slugOf } from './file-names.ts';
import { lastDue, nextDue } from './schedule.ts';

/** What is saved of an export beside its name and folder. */
export type ExportFields = Pick<
  NewExport,
  'description' | 'what' | 'format' | 'schedule' | 'range' | 'file' | 'keep' | 'paused'
>;

/** A saved export. */
export interface SavedExport {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly folder: string;
  readonly content: ExportFields;
  readonly version: number;
  readonly owner: AuditActor;
  readonly dueAtMs: number | null;
  readonly stopped: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A run of an export. */
export interface SavedRun {
  readonly id: string;
  readonly project: string;
  readonly export: string;
  readonly isByHand: boolean;
  readonly dueAtMs: number;
  readonly state: RunState;
  readonly attempts: number;
  readonly nextAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly file: string | null;
  readonly format: ExportFormat;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly asOf: string | null;
  readonly error: string | null;
  readonly isPersonal: boolean;
}

/** What the store needs. */
export interface ExportStoreOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: nothing is saved without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
}

const savedOf = (row: Selectable<ExportsTable>): SavedExport => ({
  ...{ id: row.id, project: row.project, name: row.name, folder: row.folder, version: row.version },
  content: JSON.parse(row.content) as ExportFields,
  owner: { kind: row.owner_kind as AuditActor['kind'], id: row.owner_id, name: row.owner_name },
  ...{ dueAtMs: row.due_at, stopped: row.stopped },
  ...{ createdAtMs: row.created_at, updatedAtMs: row.updated_at },
});

const runOf = (row: Selectable<ExportRunsTable>): SavedRun => ({
  ...{ id: row.id, project: row.project, export: row.export, isByHand: row.by_hand === 1 },
  ...{ dueAtMs: row.due_at, state: row.state as RunState, attempts: row.attempts, nextAtMs: row.next_at },
  ...{ startedAtMs: row.started_at, endedAtMs: row.ended_at, file: row.file },
  format: row.format as ExportFormat,
  ...{ rows: row.rows, bytes: row.bytes, asOf: row.as_of, error: row.error },
  isPersonal: row.is_personal === 1,
});

const UNDER_WAY: readonly RunState[] = ['waiting', 'running'];

/** How many exports are planned in one go. */
const PLANNED_MAX = 100;

/** The saved exports of all projects and their runs, in the catalogue. */
export class ExportStore {
  readonly #options: ExportStoreOptions;

  constructor(options: ExportStoreOptions) {
    this.#options = options;
  }

  get #db(): Catalog['db'] {
    return this.#options.catalog.db;
  }

  /** The exports of a project, by name. */
  async list(project: string): Promise<SavedExport[]> {
    const rows = await this.#db
      .selectFrom('exports')
      .selectAll()
      .where('project', '=', project)
      .orderBy('name')
      .execute();
    return rows.map(savedOf);
  }

  /** An export of a project; undefined if there is none of the id. */
  async find(project: string, id: string): Promise<SavedExport | undefined> {
    return findExport(this.#db, project, id);
  }

  /** Saves a new export. Throws ApiError `conflict` for a name or folder that is taken, `invalid_request` where it is too long. */
  async create(wanted: NewExport, { project, by }: Saving): Promise<SavedExport> {
    const nowMs = this.#options.clock.nowMs();
    return this.#save('export.created', { project, by }, async (transaction) => {
      const all = await listed(transaction, project);
      if (all.length >= EXPORT_LIMITS.exportsMax)
        throw new ApiError(
          'conflict',
          `The project has ${all.length} exports; at most ${EXPORT_LIMITS.exportsMax} are kept. Remove one that is not needed.`,
        );
      const id = newId('exp');
      const row = { ...rowOf(wanted, by, nowMs), id, project, version: 1, created_at: nowMs };
      checkFree(all, row);
      await transaction.insertInto('exports').values(row).execute();
      return savedOf(row);
    });
  }

  /** Saves an export anew; undefined if there is none of the id. Whoever does is its owner from then on, and one that was stopped goes on. Throws ApiError as `create` does, and `conflict` for another version. */
  async change(id: string, wanted: ExportChange, { project, by }: Saving): Promise<SavedExport | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const { version: from, ...fields } = wanted;
    return this.#save('export.changed', { project, by }, async (transaction) => {
      const known = await findExport(transaction, project, id);
      if (known === undefined) return undefined;
      if (known.version !== from)
        throw versionConflict(
          { called: `"${known.name}"`, version: known.version, savedBy: known.owner.name },
          from,
        );
      const row = {
        ...rowOf({ folder: known.folder, ...fields }, by, nowMs),
        ...{ id, project, version: from + 1, created_at: known.createdAtMs },
      };
      checkFree(await listed(transaction, project), row);
      if (row.folder !== known.folder) await leaveFiles(transaction, known);
      await transaction.updateTable('exports').set(row).where('id', '=', id).execute();
      return savedOf(row);
    });
  }

  /** Removes an export and what is known of its runs; undefined if there is none of the id. */
  async remove(id: string, { project, by }: Saving): Promise<SavedExport | undefined> {
    return this.#save('export.removed', { project, by }, async (transaction) => {
      const known = await findExport(transaction, project, id);
      await transaction
        .deleteFrom('exports')
        .where('id', '=', known?.id ?? '')
        .execute();
      await transaction
        .deleteFrom('export_runs')
        .where('export', '=', known?.id ?? '')
        .execute();
      return known;
    });
  }

  /** Says that an export, as it was saved then, does not run any more, and why. */
  async stop({ id, version }: Pick<SavedExport, 'id' | 'version'>, reason: string): Promise<void> {
    await this.#db
      .updateTable('exports')
      .set({ stopped: reason, due_at: null })
      .where('id', '=', id)
      .where('version', '=', version)
      .execute();
  }

  /** Runs of an export, newest first. */
  async runs(id: string, limit: number = EXPORT_LIMITS.runsMax): Promise<SavedRun[]> {
    const rows = await this.#db
      .selectFrom('export_runs')
      .selectAll()
      .where('export', '=', id)
      .orderBy('due_at', 'desc')
      .orderBy('started_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(runOf);
  }

  /** Runs whose files there are, newest first. */
  async files(id: string): Promise<SavedRun[]> {
    const rows = await this.#db
      .selectFrom('export_runs')
      .selectAll()
      .where('export', '=', id)
      .where('state', '=', 'done')
      .where('file', 'is not', null)
      .orderBy('ended_at', 'desc')
      .orderBy('due_at', 'desc')
      .execute();
    return rows.map(runOf);
  }

  /** The run of an export that wrote the file of a name. */
  async fileOf(id: string, name: string): Promise<SavedRun | undefined> {
    return (await this.files(id)).find(({ file }) => file === name);
  }

  /** Whether the export ever wrote, or began to write, what has this name. */
  async isOwn(id: string, name: string): Promise<boolean> {
    const rows = this.#db
      .selectFrom('export_runs')
      .select('id')
      .where('export', '=', id)
      .where('file', '=', name);
    return (await rows.limit(1).executeTakeFirst()) !== undefined;
  }

  /** Asks for a run now. Throws ApiError `conflict` while one is under way. */
  async runNow({ id, project, content, stopped }: SavedExport): Promise<SavedRun> {
    if (stopped !== null)
      throw new ApiError('conflict', `The export is stopped: ${stopped} Save it anew to take it over.`);
    const nowMs = this.#options.clock.nowMs();
    return this.#db.transaction().execute(async (transaction) => {
      if ((await findExport(transaction, project, id)) === undefined)
        throw new ApiError('not_found', 'The export was removed at this very moment.');
      if (await isUnderWay(transaction, id))
        throw new ApiError('conflict', 'A run of this export is under way. Wait until it has ended.');
      const row = newRun({ id, project, content }, { by_hand: 1, due_at: nowMs, next_at: nowMs });
      await transaction.insertInto('export_runs').values(row).execute();
      return runOf(row);
    });
  }

  /** Puts down runs of what is due: of each export one, however many were missed, unless one is under way. */
  async plan(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const due = await this.#db
      .selectFrom('exports')
      .selectAll()
      .where('due_at', '<=', nowMs)
      .orderBy('due_at')
      .limit(PLANNED_MAX)
      .execute();
    for (const each of due.map(savedOf)) {
      const { schedule } = each.content;
      if (schedule === null) continue;
      await this.#db.transaction().execute(async (transaction) => {
        if (await isUnderWay(transaction, each.id)) return;
        const changed = await transaction
          .updateTable('exports')
          .set({ due_at: nextDue(schedule, nowMs) })
          .where('id', '=', each.id)
          .where('version', '=', each.version)
          .returning('id')
          .executeTakeFirst();
        if (changed === undefined) return;
        const run = newRun(each, { by_hand: 0, due_at: lastDue(schedule, nowMs), next_at: nowMs });
        await transaction.insertInto('export_runs').values(run).execute();
      });
    }
  }

  /** Takes up to so many runs that wait, and marks them as running. One whose export is gone is forgotten. */
  async take(count: number): Promise<{ readonly of: SavedExport; readonly run: SavedRun }[]> {
    const nowMs = this.#options.clock.nowMs();
    return this.#db.transaction().execute(async (transaction) => {
      const waiting = await transaction
        .selectFrom('export_runs')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('next_at', '<=', nowMs)
        .orderBy('next_at')
        .limit(count)
        .execute();
      const taken = [];
      for (const row of waiting) {
        const of = await findExport(transaction, row.project, row.export);
        if (of === undefined) {
          await transaction.deleteFrom('export_runs').where('id', '=', row.id).execute();
          continue;
        }
        const started = { state: 'running', attempts: row.attempts + 1, started_at: nowMs, next_at: null };
        await transaction.updateTable('export_runs').set(started).where('id', '=', row.id).execute();
        taken.push({ of, run: runOf({ ...row, ...started }) });
      }
      return taken;
    });
  }

  /** Says more of a run. */
  async note(id: string, more: Partial<Omit<Selectable<ExportRunsTable>, 'id'>>): Promise<void> {
    await this.#db.updateTable('export_runs').set(more).where('id', '=', id).execute();
  }

  /** Says which file a run is about to write. What another run wrote under the name is from then on as personal as that. */
  async claim(run: string, file: string): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const own = await transaction
        .updateTable('export_runs')
        .set({ file })
        .where('id', '=', run)
        .returning(['export', 'is_personal'])
        .executeTakeFirst();
      if (own?.is_personal !== 1) return;
      const same = transaction.updateTable('export_runs').set({ is_personal: 1 }).where('file', '=', file);
      await same.where('export', '=', own.export).execute();
    });
  }

  /** Says that a run is done: other runs whose file it replaced have none any more. */
  async done(
    run: SavedRun,
    made: {
      readonly file: string;
      readonly rows: number;
      readonly bytes: number;
      readonly asOf: string | null;
    },
  ): Promise<void> {
    const ended_at = this.#options.clock.nowMs();
    const { asOf, ...rest } = made;
    await this.#db.transaction().execute(async (transaction) => {
      const same = transaction
        .updateTable('export_runs')
        .set({ file: null })
        .where('export', '=', run.export);
      await same.where('file', '=', made.file).where('id', '!=', run.id).execute();
      await transaction
        .updateTable('export_runs')
        .set({ ...rest, as_of: asOf, state: 'done', ended_at, error: null })
        .where('id', '=', run.id)
        .execute();
    });
  }

  /** Runs that an earlier process left under way wait again, unless they ended it too often. Resolves to their exports. */
  async recover(): Promise<SavedExport[]> {
    const nowMs = this.#options.clock.nowMs();
    await this.#db
      .updateTable('export_runs')
      .set({ state: 'failed', ended_at: nowMs, error: 'The server ended in the middle of the last try.' })
      .where('state', '=', 'running')
      .where('attempts', '>=', EXPORT_LIMITS.attemptsMax)
      .execute();
    const rows = await this.#db
      .updateTable('export_runs')
      .set({ state: 'waiting', next_at: nowMs })
      .where('state', '=', 'running')
      .returning(['project', 'export'])
      .execute();
    const found = await Promise.all(rows.map((row) => this.find(row.project, row.export)));
    return found.filter((each) => each !== undefined);
  }

  /** Forgets runs that are too old and have no file. */
  async forget(id: string): Promise<void> {
    const kept = this.#db
      .selectFrom('export_runs')
      .select('id')
      .where('export', '=', id)
      .orderBy('due_at', 'desc')
      .limit(EXPORT_LIMITS.runsMax);
    await this.#db
      .deleteFrom('export_runs')
      .where('export', '=', id)
      .where((eb) => eb.or([eb('file', 'is', null), eb('state', '!=', 'done')]))
      .where('state', 'not in', UNDER_WAY)
      .where('id', 'not in', kept)
      .execute();
  }

  /** How many exports are stopped, or failed the last time that they ran. */
  async troubled(): Promise<number> {
    const rows = await this.#db
      .selectFrom('exports')
      .select((eb) => [
        'stopped',
        eb
          .selectFrom('export_runs')
          .select('state')
          .whereRef('export_runs.export', '=', 'exports.id')
          .where('state', 'not in', UNDER_WAY)
          .orderBy('due_at', 'desc')
          .limit(1)
          .as('last'),
      ])
      .execute();
    return rows.filter(({ stopped, last }) => stopped !== null || last === 'failed').length;
  }

  async #save<Result extends SavedExport | undefined>(
    action: AuditAction,
    saving: Saving,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    return changeInProject(this.#options.audit, saving, work, (saved) => ({
      ...{ action, object: saved.id },
      detail: {
        name: saved.name,
        folder: saved.folder,
        what: saved.content.what.kind,
        version: String(saved.version),
      },
    }));
  }
}

type Reading = Pick<Transaction, 'selectFrom'>;

const listed = async (db: Reading, project: string): Promise<SavedExport[]> =>
  (await db.selectFrom('exports').selectAll().where('project', '=', project).execute()).map(savedOf);

const findExport = async (db: Reading, project: string, id: string): Promise<SavedExport | undefined> => {
  const rows = db.selectFrom('exports').selectAll().where('project', '=', project);
  const row = await rows.where('id', '=', id).executeTakeFirst();
  return row && savedOf(row);
};

const isUnderWay = async (db: Reading, id: string): Promise<boolean> => {
  const rows = db.selectFrom('export_runs').select('id').where('export', '=', id);
  return (await rows.where('state', 'in', UNDER_WAY).limit(1).executeTakeFirst()) !== undefined;
};

/** What lies in a folder that an export leaves is not its own any more: in the new one there may be others of the same names. */
const leaveFiles = async (transaction: Transaction, { id, name, folder }: SavedExport): Promise<void> => {
  if (await isUnderWay(transaction, id))
    throw new ApiError(
      'conflict',
      `A run of "${name}" is under way, which writes into "${folder}". Change "folder" when it has ended.`,
    );
  await transaction.updateTable('export_runs').set({ file: null }).where('export', '=', id).execute();
};

const newRun = (
  { id, project, content }: Pick<SavedExport, 'id' | 'project' | 'content'>,
  when: Pick<ExportRunsTable, 'by_hand' | 'due_at' | 'next_at'>,
): ExportRunsTable => ({
  ...{
    id: newId('run'),
    project,
    export: id,
    ...when,
    state: 'waiting',
    attempts: 0,
    format: content.format,
  },
  ...{ started_at: null, ended_at: null, file: null, rows: null, bytes: null, as_of: null, error: null },
  is_personal: 0,
});

const rowOf = (wanted: NewExport, by: AuditActor, nowMs: number) => {
  const { name, folder = slugOf(name), ...fields } = wanted;
  const { schedule, paused } = fields;
  const content = JSON.stringify(fields satisfies ExportFields);
  if (content.length > EXPORT_LIMITS.contentMax)
    throw invalidAt(
      'what',
      `makes the export ${content.length.toLocaleString('en')} characters long; at most ${EXPORT_LIMITS.contentMax.toLocaleString('en')} are kept. Save lists of values as a cohort.`,
    );
  return {
    ...{ name, folder, content, owner_kind: by.kind, owner_id: by.id, owner_name: by.name },
    due_at: schedule === null || paused ? null : nextDue(schedule, nowMs),
    ...{ stopped: null, updated_at: nowMs },
  };
};

/** Folders on some disks are the same whatever the case of their letters. */
const checkFree = (
  all: readonly SavedExport[],
  wanted: Pick<ExportsTable, 'id' | 'name' | 'folder'>,
): void => {
  const others = all.filter(({ id }) => id !== wanted.id);
  if (others.some(({ name }) => name === wanted.name))
    throw new ApiError('conflict', `There is an export "${wanted.name}" already. Choose another name.`);
  const other = others.find(({ folder }) => folder.toLowerCase() === wanted.folder.toLowerCase());
  if (other !== undefined)
    throw new ApiError(
      'conflict',
      `The export "${other.name}" writes into the folder "${other.folder}" already. Choose another "folder".`,
    );
};
