import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { AuditAction, AuditDetail } from '../access/audit-entry.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MetricsTable } from '../catalog/tables.ts';
import {
  METRIC_ID_PREFIX,
  METRIC_LIMITS,
  type MetricChange,
  type MetricDefinition,
  type NewMetric,
} from '../contract/metrics.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import { isKeyed } from '../query/metric-plan.ts';
import type { MetricSource, SavedMetric } from '../query/ports.ts';

/** What the store needs. */
export interface MetricStoreOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: nothing is saved without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
}

type Row = Selectable<MetricsTable>;

const savedOf = (row: Row): SavedMetric => ({
  id: row.id,
  project: row.project,
  version: row.version,
  definition: JSON.parse(row.definition) as MetricDefinition,
  createdAtMs: row.created_at,
  updatedAtMs: row.updated_at,
  updatedBy: row.updated_by,
});

/** Whether two names or ids ask for the same metric is decided by what they look like: names do not begin as ids do. */
const isId = (text: string): boolean => text.startsWith(METRIC_ID_PREFIX);

/** The saved metrics of all projects, in the catalogue. Whoever saves checks the definition before. */
export class MetricStore implements MetricSource {
  readonly #options: MetricStoreOptions;
  readonly #followers = new Set<() => void>();

  constructor(options: MetricStoreOptions) {
    this.#options = options;
  }

  /** Calls back after each change, until what it gives is called. */
  onChange(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The metrics of every project that is not being removed: for those who work on them in the background. */
  async all(): Promise<SavedMetric[]> {
    const rows = await this.#options.catalog.db
      .selectFrom('metrics')
      .selectAll('metrics')
      .where('metrics.project', 'not in', (projects) =>
        projects.selectFrom('projects').select('id').where('removing_at', 'is not', null),
      )
      .orderBy('metrics.id')
      .execute();
    return rows.map(savedOf);
  }

  /** The metrics of a project, by name. */
  list(project: string): Promise<SavedMetric[]> {
    return metricsOf(this.#options.catalog.db, project);
  }

  /** A metric of a project; undefined if there is none of the id. */
  async find(project: string, id: string): Promise<SavedMetric | undefined> {
    return this.#one(project, 'id', id);
  }

  metricOf(project: string, idOrName: string): Promise<SavedMetric | undefined> {
    return this.#one(project, isId(idOrName) ? 'id' : 'name', idOrName);
  }

  async #one(project: string, column: 'id' | 'name', value: string): Promise<SavedMetric | undefined> {
    const row = await this.#options.catalog.db
      .selectFrom('metrics')
      .selectAll()
      .where('project', '=', project)
      .where(column, '=', value)
      .executeTakeFirst();
    return row === undefined ? undefined : savedOf(row);
  }

  /** Saves a new metric. Throws ApiError `conflict` for a name that is taken, or where there are too many. */
  create(wanted: NewMetric, saving: Saving): Promise<SavedMetric> {
    const nowMs = this.#options.clock.nowMs();
    return this.#save('metric.created', saving, async (transaction, all) => {
      if (all.length >= METRIC_LIMITS.metricsMax)
        throw new ApiError(
          'conflict',
          `The project has ${all.length} metrics; at most ${METRIC_LIMITS.metricsMax} are kept. Remove one that is not needed.`,
        );
      checkAmong(wanted, all);
      const row = {
        ...{ id: newId(METRIC_ID_PREFIX.slice(0, -1)), project: saving.project, version: 1 },
        ...{ name: wanted.name, definition: JSON.stringify(wanted) },
        ...{ created_at: nowMs, updated_at: nowMs, updated_by: saving.by.name },
      };
      await transaction.insertInto('metrics').values(row).execute();
      return savedOf(row);
    });
  }

  /** Saves a metric anew; undefined if there is none of the id. Throws ApiError `conflict` for another version or a name that is taken. */
  change(id: string, change: MetricChange, saving: Saving): Promise<SavedMetric | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const { version, ...wanted } = change;
    return this.#save('metric.changed', saving, async (transaction, all) => {
      const known = all.find((metric) => metric.id === id);
      if (known === undefined) return undefined;
      checkVersion(known, version);
      checkAmong(
        wanted,
        all.filter((metric) => metric.id !== id),
      );
      const columns = {
        ...{ version: version + 1, name: wanted.name, definition: JSON.stringify(wanted) },
        ...{ updated_at: nowMs, updated_by: saving.by.name },
      };
      await transaction.updateTable('metrics').set(columns).where('id', '=', id).execute();
      return savedOf({ ...columns, id, project: saving.project, created_at: known.createdAtMs });
    });
  }

  /** Removes a metric; undefined if there is none of the id. */
  remove(id: string, saving: Saving): Promise<SavedMetric | undefined> {
    return this.#save('metric.removed', saving, async (transaction, all) => {
      const known = all.find((metric) => metric.id === id);
      if (known !== undefined) await transaction.deleteFrom('metrics').where('id', '=', id).execute();
      return known;
    });
  }

  async #save<Saved extends SavedMetric | undefined>(
    action: AuditAction,
    saving: Saving,
    work: (transaction: Transaction, all: readonly SavedMetric[]) => Promise<Saved>,
  ): Promise<Saved> {
    const saved = await changeInProject(
      this.#options.audit,
      saving,
      async (transaction) => work(transaction, await metricsOf(transaction, saving.project)),
      (metric) => ({ action, object: metric.id, detail: detailOf(metric) }),
    );
    if (saved !== undefined) for (const follower of this.#followers) follower();
    return saved;
  }
}

const detailOf = ({ definition: { name, window }, version }: SavedMetric): AuditDetail => ({
  name,
  window: window.kind,
  version: String(version),
});

const metricsOf = async (db: Pick<Transaction, 'selectFrom'>, project: string): Promise<SavedMetric[]> => {
  const rows = await db
    .selectFrom('metrics')
    .selectAll()
    .where('project', '=', project)
    .orderBy('name')
    .execute();
  return rows.map(savedOf);
};

const checkVersion = ({ definition: { name }, version, updatedBy }: SavedMetric, asked: number): void => {
  if (version !== asked) throw versionConflict({ called: `"${name}"`, version, savedBy: updatedBy }, asked);
};

/** Whether a metric may be saved beside the others of its project. */
const checkAmong = ({ name, window }: MetricDefinition, others: readonly SavedMetric[]): void => {
  if (others.some(({ definition }) => definition.name === name))
    throw new ApiError('conflict', `There is a metric "${name}" already. Choose another name.`);
  if (!isKeyed(window)) return;
  const keyed = others.filter(({ definition }) => isKeyed(definition.window)).length;
  if (keyed >= METRIC_LIMITS.keyedMax)
    throw new ApiError(
      'conflict',
      `The project has ${keyed} metrics with windows of sessions or counts; at most ${METRIC_LIMITS.keyedMax} are kept, since each is worked on with every event. Remove one that is not needed.`,
    );
};
