import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { AuditAction, AuditDetail } from '../access/audit-entry.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CohortsTable } from '../catalog/tables.ts';
import {
  COHORT_LIMITS,
  type CohortChange,
  type CohortDefinition,
  type NewCohort,
} from '../contract/cohorts.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import type { CohortSource, CohortTree } from '../query/ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { unknownCohort } from '../query/cohort-membership.ts';

/** A saved cohort. */
export interface SavedCohort {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly mode: 'live' | 'static';
  readonly definition: CohortDefinition;
  /** Static ones: with those that it refers to, as they were. */
  readonly frozen: CohortTree | null;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** What a static cohort is as of: now, and everything that is loaded. */
export type Moment = NonNullable<CohortTree['frozen']>;

/** Who saves, where, and when. */
export interface CohortSaving extends Saving {
  readonly moment: Moment;
}

/** What the store needs. */
export interface CohortStoreOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: nothing is saved without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
}

type Row = Selectable<CohortsTable>;
type Fields = Omit<NewCohort, 'version'>;

const savedOf = (row: Row): SavedCohort => ({
  id: row.id,
  name: row.name,
  description: row.description,
  mode: row.mode === 'static' ? 'static' : 'live',
  definition: JSON.parse(row.definition) as CohortDefinition,
  frozen: row.frozen === null ? null : (JSON.parse(row.frozen) as CohortTree),
  version: row.version,
  createdAtMs: row.created_at,
  updatedAtMs: row.updated_at,
  updatedBy: row.updated_by,
});

const referencesOf = ({ criteria }: CohortDefinition): string[] =>
  criteria.flatMap((criterion) => (criterion.kind === 'cohort' ? [criterion.cohort] : []));

/** What a cohort must be looked up with: a static one has all it needs. */
const liveReferencesOf = ({ definition, frozen }: SavedCohort): string[] =>
  frozen === null ? referencesOf(definition) : [];

/**
 * The saved cohorts of all projects, in the catalogue. Whoever saves checks the definition before; what it refers to is checked here, in the transaction that saves: no cohort refers to one that is not there, or in a
 * circle.
 */
export class CohortStore implements CohortSource {
  readonly #options: CohortStoreOptions;

  constructor(options: CohortStoreOptions) {
    this.#options = options;
  }

  /** The cohorts of a project, by name. */
  async list(project: string): Promise<SavedCohort[]> {
    return [...(await cohortsOf(this.#options.catalog.db, project)).values()];
  }

  /** A cohort of a project; undefined if there is none of the id. */
  async find(project: string, id: string): Promise<SavedCohort | undefined> {
    return (await cohortsOf(this.#options.catalog.db, project, [id])).get(id);
  }

  async treeOf(project: string, id: string): Promise<CohortTree | undefined> {
    const all = new Map<string, SavedCohort>();
    // Level by level: a project may have many more.
    for (let ids = [id]; ids.length > 0; ) {
      const found = await cohortsOf(this.#options.catalog.db, project, ids);
      for (const [key, cohort] of found) all.set(key, cohort);
      ids = [...found.values()].flatMap(liveReferencesOf).filter((other) => !all.has(other));
    }
    return all.has(id) ? treeIn(all, id) : undefined;
  }

  /** Saves a new cohort. Throws ApiError: `conflict` for a name that is taken, `invalid_request` for a definition that refers to what is not there. */
  create(wanted: NewCohort, saving: CohortSaving): Promise<SavedCohort> {
    const nowMs = this.#options.clock.nowMs();
    const id = newId('coh');
    return this.#save('cohort.created', saving, async (transaction, all) => {
      if (all.size >= COHORT_LIMITS.cohortsMax)
        throw new ApiError(
          'conflict',
          `The project has ${all.size} cohorts; at most ${COHORT_LIMITS.cohortsMax} are kept. Remove one that is not needed.`,
        );
      const row = rowOf(wanted, { id, version: 1, createdAtMs: nowMs, nowMs }, saving, all);
      await transaction.insertInto('cohorts').values(row).execute();
      return savedOf(row);
    });
  }

  /** Saves a cohort anew; undefined if there is none of the id. A static one is frozen anew. Throws ApiError: `conflict` for another version or a name that is taken, `invalid_request` as `create` does. */
  change(id: string, wanted: CohortChange, saving: CohortSaving): Promise<SavedCohort | undefined> {
    const nowMs = this.#options.clock.nowMs();
    return this.#save('cohort.changed', saving, async (transaction, all) => {
      const known = all.get(id);
      if (known === undefined) return undefined;
      checkVersion(known, wanted.version);
      const { version, createdAtMs } = known;
      const row = rowOf(wanted, { id, version: version + 1, createdAtMs, nowMs }, saving, all);
      await transaction.updateTable('cohorts').set(row).where('id', '=', id).execute();
      return savedOf(row);
    });
  }

  /** Removes a cohort; undefined if there is none of the id. Throws ApiError `conflict` while live ones refer to it. */
  remove(id: string, saving: Saving): Promise<SavedCohort | undefined> {
    return this.#save('cohort.removed', saving, async (transaction, all) => {
      const known = all.get(id);
      if (known === undefined) return undefined;
      const user = [...all.values()].find(({ definition }) => referencesOf(definition).includes(id));
      if (user !== undefined)
        throw new ApiError(
          'conflict',
          `The cohort "${user.name}" refers to this one. Change or remove it first.`,
        );
      await transaction.deleteFrom('cohorts').where('id', '=', id).execute();
      return known;
    });
  }

  #save<Saved extends SavedCohort | undefined>(
    action: AuditAction,
    saving: Saving,
    work: (transaction: Transaction, all: ReadonlyMap<string, SavedCohort>) => Promise<Saved>,
  ): Promise<Saved> {
    return changeInProject(
      this.#options.audit,
      saving,
      async (transaction) => work(transaction, await cohortsOf(transaction, saving.project)),
      (saved) => ({ action, object: saved.id, detail: detailOf(saved) }),
    );
  }
}

const detailOf = ({ name, mode, version }: SavedCohort): AuditDetail => ({
  name,
  mode,
  version: String(version),
});

/** Cohorts of a project by id, in the order of their names: all, or those of some ids. */
const cohortsOf = async (
  db: Pick<Transaction, 'selectFrom'>,
  project: string,
  ids?: readonly string[],
): Promise<ReadonlyMap<string, SavedCohort>> => {
  const ofProject = db.selectFrom('cohorts').selectAll().where('project', '=', project).orderBy('name');
  const rows = await (ids === undefined ? ofProject : ofProject.where('id', 'in', ids)).execute();
  return new Map(rows.map((row) => [row.id, savedOf(row)]));
};

const checkVersion = ({ name, version, updatedBy }: SavedCohort, asked: number): void => {
  if (version !== asked) throw versionConflict({ called: `"${name}"`, version, savedBy: updatedBy }, asked);
};

interface Identity {
  readonly id: string;
  readonly version: number;
  readonly createdAtMs: number;
  readonly nowMs: number;
}

/** The row of a cohort that may be saved among the others of its project. */
const rowOf = (
  { name, description, mode, definition }: Fields,
  { id, version, createdAtMs, nowMs }: Identity,
  { project, by, moment }: CohortSaving,
  all: ReadonlyMap<string, SavedCohort>,
): Row => {
  if ([...all.values()].some((other) => other.id !== id && other.name === name))
    throw new ApiError('conflict', `There is a cohort "${name}" already. Choose another name.`);
  const text = JSON.stringify(definition);
  if (text.length > COHORT_LIMITS.definitionMax)
    throw invalidAt(
      'definition',
      `has ${text.length.toLocaleString('en')} characters; at most ${COHORT_LIMITS.definitionMax.toLocaleString('en')} are taken. Put lists of values into a property of the events, or save several cohorts that one refers to.`,
    );
  const saved: SavedCohort = {
    ...{ id, name, description, mode, definition, version, frozen: null },
    ...{ createdAtMs, updatedAtMs: nowMs, updatedBy: by.name },
  };
  const among = new Map(all).set(id, saved);
  checkReferences(among, id);
  // What refers to it grows and deepens with it.
  for (const other of among.keys()) checkReferences(among, other);
  const frozen = mode === 'static' ? { ...treeIn(among, id), frozen: moment } : null;
  return {
    ...{ id, project, name, description, mode, version, created_at: createdAtMs, updated_at: nowMs },
    definition: text,
    frozen: frozen === null ? null : JSON.stringify(frozen),
    updated_by: by.name,
  };
};

/** Whether what a cohort refers to is there, not the cohort itself, not too deep and not too much. */
const checkReferences = (all: ReadonlyMap<string, SavedCohort>, root: string): void => {
  let parts = 0;
  const walk = (id: string, trail: readonly string[]): void => {
    const way = [...trail, id];
    const cohort = all.get(id);
    if (cohort === undefined) throw invalidAt('definition.criteria', unknownCohort(id));
    if (trail.includes(id))
      throw invalidAt('definition.criteria', `"${cohort.name}" would refer to itself: ${namesOf(all, way)}.`);
    if (trail.length >= COHORT_LIMITS.depthMax)
      throw invalidAt(
        'definition.criteria',
        `Cohorts refer to each other at most ${COHORT_LIMITS.depthMax} levels deep: ${namesOf(all, way)}.`,
      );
    parts++;
    if (parts > COHORT_LIMITS.partsMax)
      throw invalidAt(
        'definition.criteria',
        `${namesOf(all, [root])} would be made up of more than ${COHORT_LIMITS.partsMax} cohorts, each counted as often as it is referred to. Refer to fewer.`,
      );
    for (const other of referencesOf(cohort.definition)) walk(other, way);
  };
  walk(root, []);
};

const namesOf = (all: ReadonlyMap<string, SavedCohort>, ids: readonly string[]): string =>
  ids.map((id) => `"${all.get(id)?.name ?? id}"`).join(' -> ');

/** A cohort with those that it refers to: a static one as it was, a live one as they are. There is an end to it: that was checked when they were saved. */
const treeIn = (all: ReadonlyMap<string, SavedCohort>, id: string): CohortTree => {
  const cohort = all.get(id);
  if (cohort === undefined) throw invalidAt('cohort', unknownCohort(id));
  if (cohort.frozen !== null) return cohort.frozen;
  const references = referencesOf(cohort.definition);
  const nested = Object.fromEntries(references.map((other) => [other, treeIn(all, other)]));
  return { definition: cohort.definition, frozen: null, nested };
};
