import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AnnotationsTable } from '../catalog/tables.ts';
import { ANNOTATION_LIMITS } from '../contract/annotations.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import { invalidAt } from '../http/request-problem.ts';

/** What an annotation says, of when and where. */
export interface AnnotationDraft {
  readonly text: string;
  readonly startsAtMs: number;
  /** End, not included; null: an instant. */
  readonly endsAtMs: number | null;
  /** The board or insight whose charts show it; null: those of the whole project. */
  readonly object: { readonly kind: 'board' | 'insight'; readonly id: string } | null;
}

/** A note on the time axis. */
export type Annotation = Selectable<AnnotationsTable>;

/** Which annotations. */
export interface AnnotationQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  /** With those of these boards and insights. */
  readonly objects: readonly string[];
}

/** What the store needs. */
export interface AnnotationStoreOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** The annotations of all projects, in the catalogue. */
export class AnnotationStore {
  readonly #options: AnnotationStoreOptions;

  constructor(options: AnnotationStoreOptions) {
    this.#options = options;
  }

  /** Those that lie in a stretch of time or reach into it, newest first; one more than are listed, if there are. */
  async list(project: string, { fromMs, toMs, objects }: AnnotationQuestion): Promise<Annotation[]> {
    return this.#options.catalog.db
      .selectFrom('annotations')
      .selectAll()
      .where('project', '=', project)
      .where('starts_at', '<', toMs)
      .where((eb) => eb.or([eb('starts_at', '>=', fromMs), eb('ends_at', '>', fromMs)]))
      .where((eb) => eb.or([eb('object', 'is', null), ...objects.map((id) => eb('object', '=', id))]))
      .orderBy('starts_at', 'desc')
      .orderBy('id', 'desc')
      .limit(ANNOTATION_LIMITS.listMax + 1)
      .execute();
  }

  /** Makes an annotation. Throws ApiError: `conflict` where there are too many, `invalid_request` for a board or insight that is not there. */
  create(draft: AnnotationDraft, saving: Saving): Promise<Annotation> {
    const nowMs = this.#options.clock.nowMs();
    const { project, by } = saving;
    return this.#change('created', saving, async (transaction) => {
      const { count } = await transaction
        .selectFrom('annotations')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('project', '=', project)
        .executeTakeFirstOrThrow();
      if (count >= ANNOTATION_LIMITS.annotationsMax)
        throw new ApiError(
          'conflict',
          `The project has ${count} annotations; at most ${ANNOTATION_LIMITS.annotationsMax} are kept. Remove those that are not needed.`,
        );
      const row = {
        ...{ id: newId('ann'), project, version: 1 },
        ...(await columnsOf(transaction, project, draft)),
        ...{ created_at: nowMs, created_by: by.name, updated_at: nowMs, updated_by: by.name },
      };
      await transaction.insertInto('annotations').values(row).execute();
      return row;
    });
  }

  /** Changes an annotation; undefined if there is none of the id. Throws ApiError as `create`, and `conflict` for another version. */
  change(
    id: string,
    fromVersion: number,
    draft: AnnotationDraft,
    saving: Saving,
  ): Promise<Annotation | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const { project, by } = saving;
    return this.#change('changed', saving, async (transaction) => {
      const known = await annotationOf(transaction, project, id);
      if (known === undefined) return undefined;
      if (known.version !== fromVersion) {
        const savedBy = `${known.updated_by} at ${new Date(known.updated_at).toISOString()}`;
        throw versionConflict({ called: 'The annotation', version: known.version, savedBy }, fromVersion);
      }
      const row = {
        ...{ ...known, ...(await columnsOf(transaction, project, draft)), version: known.version + 1 },
        ...{ updated_at: nowMs, updated_by: by.name },
      };
      await transaction.updateTable('annotations').set(row).where('id', '=', id).execute();
      return row;
    });
  }

  /** Removes an annotation; undefined if there is none of the id. */
  remove(id: string, saving: Saving): Promise<Annotation | undefined> {
    return this.#change('removed', saving, async (transaction) => {
      const known = await annotationOf(transaction, saving.project, id);
      if (known !== undefined) await transaction.deleteFrom('annotations').where('id', '=', id).execute();
      return known;
    });
  }

  #change<Result extends Annotation | undefined>(
    deed: 'created' | 'changed' | 'removed',
    saving: Saving,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    return changeInProject(this.#options.audit, saving, work, ({ id, object, version }) => ({
      ...{ action: `annotation.${deed}`, object: id, detail: { of: object, version } },
    }));
  }
}

const annotationOf = (
  transaction: Transaction,
  project: string,
  id: string,
): Promise<Annotation | undefined> =>
  transaction
    .selectFrom('annotations')
    .selectAll()
    .where('project', '=', project)
    .where('id', '=', id)
    .executeTakeFirst();

const columnsOf = async (
  transaction: Transaction,
  project: string,
  { text, startsAtMs, endsAtMs, object }: AnnotationDraft,
): Promise<Pick<Annotation, 'text' | 'starts_at' | 'ends_at' | 'object'>> => {
  if (object !== null) {
    const known = await transaction
      .selectFrom('saved_objects')
      .select('id')
      .where('project', '=', project)
      .where('kind', '=', object.kind)
      .where('id', '=', object.id)
      .executeTakeFirst();
    if (known === undefined)
      throw invalidAt(
        object.kind,
        `There is no ${object.kind} "${object.id}" in this project. GET /api/${object.kind}s lists them.`,
      );
  }
  return { text, starts_at: startsAtMs, ends_at: endsAtMs, object: object?.id ?? null };
};
