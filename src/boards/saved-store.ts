import { isDeepStrictEqual } from 'node:util';
import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { AuditDetail } from '../access/audit-entry.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SavedObjectsTable, SavedVersionsTable } from '../catalog/tables.ts';
import { SAVED_LIMITS } from '../contract/saved.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import { invalidAt } from '../http/request-problem.ts';

/** What everything that is saved by name holds, beside what is its own. */
export interface SavedContent {
  readonly description: string;
  readonly tags: readonly string[];
}

/** Something saved, as it is now. */
export interface Saved<Content extends SavedContent> {
  readonly id: string;
  readonly name: string;
  readonly content: Content;
  readonly version: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** A version of something saved, without what it held. */
export interface SavedVersion {
  readonly version: number;
  readonly name: string;
  /** Names of what differs from the version before. */
  readonly changed: readonly string[];
  /** The version that it brought back; null: it was written anew. */
  readonly restored: number | null;
  readonly savedAtMs: number;
  readonly savedBy: string;
}

/** What is to be saved. */
export interface Draft<Content extends SavedContent> {
  readonly name: string;
  readonly content: Content;
}

/** One kind of things that are saved by name. */
export interface SavedKind<Content extends SavedContent> {
  readonly kind: 'insight' | 'board';
  /** What its ids begin with. */
  readonly prefix: string;
  /** Of one project. */
  readonly countMax: number;
  /** Characters of the content as JSON. */
  readonly lengthMax: number;
  /** What must hold in the project for it to be saved. Throws ApiError. */
  readonly checkSaved?: (transaction: Transaction, project: string, content: Content) => Promise<void>;
  /** What must hold for it to be removed. Throws ApiError. */
  readonly checkRemoved?: (transaction: Transaction, project: string, id: string) => Promise<void>;
}

/** What the store needs. */
export interface SavedStoreOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: nothing is saved without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
}

type Row = Selectable<SavedObjectsTable>;
type Reader = Pick<Transaction, 'selectFrom'>;

/**
 * Insights or boards of all projects, in the catalogue, with their versions. A change names the version that it was made from: of two who change the same, the second one is told of the first. What is saved was
 * checked before by whoever saves; what depends on other things of the project is checked here, in the transaction that saves.
 */
export class SavedStore<Content extends SavedContent> {
  readonly #kind: SavedKind<Content>;
  readonly #options: SavedStoreOptions;

  constructor(kind: SavedKind<Content>, options: SavedStoreOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  /** All of a project, by name. */
  async list(project: string): Promise<Saved<Content>[]> {
    const rows = await this.#rows(this.#options.catalog.db, project).orderBy('name').execute();
    return rows.map((row) => savedOf<Content>(row));
  }

  /** One of a project; undefined if there is none of the id. */
  async find(project: string, id: string): Promise<Saved<Content> | undefined> {
    return (await this.findMany(project, [id])).get(id);
  }

  /** Those of some ids that there are. */
  async findMany(project: string, ids: readonly string[]): Promise<ReadonlyMap<string, Saved<Content>>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#rows(this.#options.catalog.db, project).where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, savedOf<Content>(row)]));
  }

  /** Saves something new. Throws ApiError `conflict` for a name that is taken, or where there are too many. */
  create(draft: Draft<Content>, saving: Saving): Promise<Saved<Content>> {
    const { kind, prefix, countMax } = this.#kind;
    const nowMs = this.#options.clock.nowMs();
    return this.#change('created', saving, async (transaction) => {
      const { count } = await transaction
        .selectFrom('saved_objects')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('project', '=', saving.project)
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow();
      if (count >= countMax)
        throw new ApiError(
          'conflict',
          `The project has ${count} ${kind}s; at most ${countMax} are kept. Remove one that is not needed.`,
        );
      const row = {
        ...{ id: newId(prefix), project: saving.project, kind, version: 1 },
        ...(await this.#columnsOf(transaction, draft, saving, undefined)),
        ...{ created_at: nowMs, created_by: saving.by.name, updated_at: nowMs, updated_by: saving.by.name },
      };
      await transaction.insertInto('saved_objects').values(row).execute();
      await this.#keepVersion(transaction, row, [], null);
      return { saved: savedOf<Content>(row), detail: {} };
    });
  }

  /** Saves something anew; undefined if there is none of the id. Throws ApiError `conflict` for another version or a name that is taken. `restored`: the version that is brought back by it. */
  change(
    id: string,
    fromVersion: number,
    draft: Draft<Content>,
    saving: Saving,
    restored: number | null = null,
  ): Promise<Saved<Content> | undefined> {
    const nowMs = this.#options.clock.nowMs();
    return this.#change('changed', saving, async (transaction) => {
      const known = await this.#rows(transaction, saving.project).where('id', '=', id).executeTakeFirst();
      if (known === undefined) return undefined;
      await this.#checkVersion(transaction, known, fromVersion);
      const columns = await this.#columnsOf(transaction, draft, saving, id);
      const row = {
        ...{ ...known, ...columns, version: known.version + 1 },
        ...{ updated_at: nowMs, updated_by: saving.by.name },
      };
      const changed = changedFields(savedOf<Content>(known), draft);
      await transaction.updateTable('saved_objects').set(row).where('id', '=', id).execute();
      await this.#keepVersion(transaction, row, changed, restored);
      return {
        saved: savedOf<Content>(row),
        detail: { changed: changed.join(' '), ...(restored === null ? {} : { restored }) },
      };
    });
  }

  /** Removes something with its versions, share links and annotations; undefined if there is none of the id. */
  remove(id: string, saving: Saving): Promise<Saved<Content> | undefined> {
    const { project } = saving;
    return this.#change('removed', saving, async (transaction) => {
      const known = await this.#rows(transaction, project).where('id', '=', id).executeTakeFirst();
      if (known === undefined) return undefined;
      await this.#kind.checkRemoved?.(transaction, project, id);
      await transaction.deleteFrom('saved_versions').where('id', '=', id).execute();
      const removed = { shares: 0, annotations: 0 };
      for (const table of ['shares', 'annotations'] as const) {
        const { numDeletedRows } = await transaction
          .deleteFrom(table)
          .where('project', '=', project)
          .where('object', '=', id)
          .executeTakeFirst();
        removed[table] = Number(numDeletedRows);
      }
      await transaction.deleteFrom('saved_objects').where('id', '=', id).execute();
      return { saved: savedOf<Content>(known), detail: removed };
    });
  }

  /** The versions that are kept, newest first; undefined if there is nothing of the id. */
  async versions(project: string, id: string): Promise<SavedVersion[] | undefined> {
    if ((await this.find(project, id)) === undefined) return undefined;
    const rows = await versionRows(this.#options.catalog.db, project, id)
      .orderBy('version', 'desc')
      .execute();
    return rows.map(versionOf);
  }

  /** A version with what it held; undefined if it is not kept. */
  async version(
    project: string,
    id: string,
    version: number,
  ): Promise<(SavedVersion & Draft<Content>) | undefined> {
    if ((await this.find(project, id)) === undefined) return undefined;
    const row = await versionRows(this.#options.catalog.db, project, id)
      .where('version', '=', version)
      .executeTakeFirst();
    return row === undefined ? undefined : { ...versionOf(row), content: JSON.parse(row.content) as Content };
  }

  #rows(db: Reader, project: string) {
    return db
      .selectFrom('saved_objects')
      .selectAll()
      .where('project', '=', project)
      .where('kind', '=', this.#kind.kind);
  }

  async #columnsOf(
    transaction: Transaction,
    { name, content }: Draft<Content>,
    { project }: Saving,
    id: string | undefined,
  ): Promise<Pick<Row, 'name' | 'content'>> {
    const { kind, lengthMax, checkSaved } = this.#kind;
    const same = await this.#rows(transaction, project).where('name', '=', name).executeTakeFirst();
    if (same !== undefined && same.id !== id)
      throw new ApiError('conflict', `There is a saved ${kind} "${name}" already. Choose another name.`);
    const text = JSON.stringify(content);
    if (text.length > lengthMax)
      throw invalidAt(
        '',
        `The ${kind} has ${text.length.toLocaleString('en')} characters; at most ${lengthMax.toLocaleString('en')} are taken. Put long lists of values into cohorts or properties.`,
      );
    await checkSaved?.(transaction, project, content);
    return { name, content: text };
  }

  async #checkVersion(transaction: Transaction, known: Row, fromVersion: number): Promise<void> {
    const { id, project, name, version, updated_at: updatedAtMs, updated_by: updatedBy } = known;
    if (version === fromVersion) return;
    const last = await versionRows(transaction, project, id)
      .where('version', '=', version)
      .executeTakeFirst();
    const changed = last === undefined ? [] : versionOf(last).changed;
    const at = new Date(updatedAtMs).toISOString();
    const what = changed.length === 0 ? '' : ` (${changed.join(', ')})`;
    throw versionConflict(
      { called: `"${name}"`, version, savedBy: `${updatedBy} at ${at}${what}` },
      fromVersion,
      { version, updated_by: updatedBy, updated_at: at, changed },
    );
  }

  async #keepVersion(
    transaction: Transaction,
    { id, project, version, name, content, updated_at: savedAtMs, updated_by: savedBy }: Row,
    changed: readonly string[],
    restored: number | null,
  ): Promise<void> {
    await transaction
      .insertInto('saved_versions')
      .values({
        ...{ id, project, version, name, content, changed: changed.join(','), restored },
        ...{ saved_at: savedAtMs, saved_by: savedBy },
      })
      .execute();
    await transaction
      .deleteFrom('saved_versions')
      .where('id', '=', id)
      .where('version', '<=', version - SAVED_LIMITS.versionsMax)
      .execute();
  }

  async #change<Result extends Changed<Content> | undefined>(
    deed: 'created' | 'changed' | 'removed',
    saving: Saving,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result extends undefined ? Saved<Content> | undefined : Saved<Content>> {
    const { kind } = this.#kind;
    const result = await changeInProject<Changed<Content> | undefined>(
      this.#options.audit,
      saving,
      work,
      ({ saved: { id: object, name, version }, detail }) => ({
        ...{ action: `${kind}.${deed}`, object, detail: { name, version, ...detail } },
      }),
    );
    return result?.saved as Result extends undefined ? Saved<Content> | undefined : Saved<Content>;
  }
}

interface Changed<Content extends SavedContent> {
  readonly saved: Saved<Content>;
  readonly detail: AuditDetail;
}

const savedOf = <Content extends SavedContent>(row: Row): Saved<Content> => ({
  id: row.id,
  name: row.name,
  content: JSON.parse(row.content) as Content,
  version: row.version,
  createdAtMs: row.created_at,
  createdBy: row.created_by,
  updatedAtMs: row.updated_at,
  updatedBy: row.updated_by,
});

const versionRows = (db: Reader, project: string, id: string) =>
  db.selectFrom('saved_versions').selectAll().where('project', '=', project).where('id', '=', id);

const versionOf = (row: Selectable<SavedVersionsTable>): SavedVersion => ({
  version: row.version,
  name: row.name,
  changed: row.changed === '' ? [] : row.changed.split(','),
  restored: row.restored,
  savedAtMs: row.saved_at,
  savedBy: row.saved_by,
});

/** Without what JSON leaves out. */
const asStored = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** Names of what differs, as requests call it. The order of names within an object makes no difference. */
const changedFields = <Content extends SavedContent>(
  before: Draft<Content>,
  after: Draft<Content>,
): string[] => {
  const [old, fresh] = [before, after].map(
    ({ name, content }) => new Map(Object.entries({ name, ...content })),
  );
  const names = new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])]);
  return [...names].filter(
    (each) => !isDeepStrictEqual(asStored(old?.get(each)), asStored(fresh?.get(each))),
  );
};
