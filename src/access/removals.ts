import { setTimeout as pause } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import { type AuditActor, PLATFORM } from './audit-entry.ts';
import type { KeyRing } from './keys.ts';
import { DEFAULT_PROJECT, projectNameOf } from './principal.ts';
import { ProjectError } from './project-error.ts';
import { findProject, type Project, projectOf } from './projects.ts';

/**
 * Removing projects. A project that is being removed takes nothing in and is shown to nobody; its name is free at once, for a project of another id. Its rows go when the last of them are in the
 * warehouse, so that none comes after; what it is in the catalogue goes last. Every step may be repeated: a removal that was interrupted goes on at the next start.
 */

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;

/** Tables of the catalogue whose rows of a project go as soon as its removal begins. */
export const OF_PROJECTS = [
  'sessions',
  'memberships',
  'invitations',
  'cohorts',
  'metrics',
  'saved_objects',
  'saved_versions',
  'shares',
  'annotations',
  'exports',
  'export_runs',
  'event_descriptions',
  'imports',
  'query_jobs',
] as const;

const REMOVAL_BEGUN = defineEvent<{ readonly project: string }>({
  name: 'project_removal_begun',
  level: 'info',
  message: ({ project }) => `The project ${project} is being removed: it takes nothing in any more.`,
});

const REMOVED = defineEvent<{ readonly project: string; readonly ms: number }>({
  name: 'project_removed',
  level: 'info',
  message: ({ project, ms }) => `The project ${project} is removed, after ${Math.round(ms)} ms.`,
  metrics: [
    { kind: 'counter', name: 'aevum_projects_removed_total', help: 'Projects removed with all they held.' },
  ],
});

const REMOVAL_FAILED = defineEvent<{
  readonly project: string;
  readonly error: unknown;
  readonly retryMs: number;
}>({
  name: 'project_removal_failed',
  level: 'warn',
  message: ({ project, error, retryMs }) =>
    `The project ${project} could not be removed yet; the next try is in ${retryMs} ms. ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_project_removal_failures_total',
      help: 'Tries to remove a project that failed.',
    },
  ],
});

/** What removals need. */
export interface RemovalsOptions {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Resolves when everything that was taken in before the call is in the warehouse, or rejects; waits as long as that takes. */
  readonly settled: (signal: AbortSignal) => Promise<void>;
  /** Deletes the rows of a project from the warehouse and resolves when none is left. May be called again at any time. */
  readonly deleteRows: (projectId: string, signal: AbortSignal) => Promise<void>;
}

/** A removal under way. */
export interface Removal {
  readonly project: Project;
  /** Resolves when nothing is left of the project, or the platform ends. */
  readonly done: Promise<void>;
}

/** The removals of a platform: one at a time, the others wait. */
export class ProjectRemovals {
  readonly #options: RemovalsOptions;
  readonly #underWay = new Map<string, Removal>();
  readonly #ending = new AbortController();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RemovalsOptions) {
    this.#options = options;
  }

  /** Ids of the projects that are being removed. Their books need not balance: they go table by table. */
  get ids(): ReadonlySet<string> {
    return new Set(this.#underWay.keys());
  }

  /** The removals that are under way. */
  get underWay(): readonly Removal[] {
    return [...this.#underWay.values()];
  }

  /**
   * Begins to remove the project of a name, or answers with the removal that is under way; undefined if there is neither. When it resolves, keys and sessions of the project are good for
   * nothing any more. Throws ProjectError for the project that cannot be removed.
   */
  async begin(name: string, by: AuditActor): Promise<Removal | undefined> {
    const { catalog, keys, clock, telemetry } = this.#options;
    if (name === DEFAULT_PROJECT)
      throw new ProjectError(
        `The project "${DEFAULT_PROJECT}" cannot be removed: those who administer the platform sign in by its keys.`,
      );
    const found = await findProject(catalog.db, name);
    if (found === undefined) return this.underWay.findLast(({ project }) => project.name === name);
    const nowMs = clock.nowMs();
    await keys.retire(found.id, async (transaction) => {
      await transaction
        .updateTable('projects')
        .set({ removing_at: nowMs })
        .where('id', '=', found.id)
        .execute();
      for (const table of OF_PROJECTS)
        await transaction.deleteFrom(table).where('project', '=', found.id).execute();
      await transaction
        .insertInto('removed_projects')
        .values({ name, times: 1 })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet((eb) => ({ times: eb('removed_projects.times', '+', 1) })),
        )
        .execute();
      return {
        ...{ actor: by, action: 'project.removed', object: found.id },
        ...{ project: found.id, organisation: found.organisation },
      };
    });
    telemetry.emit(REMOVAL_BEGUN, { project: found.id });
    return this.#follow({ ...found, isBeingRemoved: true });
  }

  /** Goes on with what an earlier process left. */
  async resume(): Promise<void> {
    const rows = await this.#options.catalog.db
      .selectFrom('projects')
      .selectAll()
      .where('removing_at', 'is not', null)
      .orderBy('removing_at')
      .execute();
    for (const row of rows) this.#follow(projectOf(row));
  }

  /** Ends what is under way, to be gone on with by the next process. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#turn;
  }

  #follow(project: Project): Removal {
    const known = this.#underWay.get(project.id);
    if (known !== undefined) return known;
    const done = this.#turn.then(() => this.#remove(project.id));
    this.#turn = done;
    const removal = { project, done };
    this.#underWay.set(project.id, removal);
    return removal;
  }

  async #remove(id: string): Promise<void> {
    const { clock, telemetry } = this.#options;
    const { signal } = this.#ending;
    const startedMs = clock.monotonicMs();
    for (let retryMs = RETRY_MS_MIN; !signal.aborted; retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)) {
      try {
        await this.#step(id, signal);
        this.#underWay.delete(id);
        telemetry.emit(REMOVED, { project: id, ms: clock.monotonicMs() - startedMs });
        return;
      } catch (error) {
        if (signal.aborted) return;
        telemetry.emit(REMOVAL_FAILED, { project: projectNameOf(id), error, retryMs });
        await pause(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #step(id: string, signal: AbortSignal): Promise<void> {
    const { keys, settled, deleteRows } = this.#options;
    await settled(signal);
    await deleteRows(id, signal);
    signal.throwIfAborted();
    await keys.forget(id, async (transaction) => {
      await transaction.deleteFrom('projects').where('id', '=', id).execute();
      return { actor: PLATFORM, action: 'project.emptied', object: id, project: id };
    });
  }
}
