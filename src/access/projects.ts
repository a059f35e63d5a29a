import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { ProjectsTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import type { AuditLog } from './audit.ts';
import type { AuditActor } from './audit-entry.ts';
import { KEY_KINDS } from './key-format.ts';
import type { KeyRing } from './keys.ts';
import { DEFAULT_ORGANISATION, findOrganisation } from './organisations.ts';
import { projectIdOf, projectNameOf } from './principal.ts';
import { ProjectError } from './project-error.ts';

/** Everything read or written belongs to exactly one project. What `?project=` takes is its name; rows and keys hold its id (`projectIdOf`). */

/** Lower-case letters, digits and hyphens, none at either end. */
export const PROJECT_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
export const PROJECT_NAME_LENGTH_MAX = 64;
/** Lists of projects are neither paged nor cut off. */
export const PROJECTS_MAX = 1_000;

/** A project as lists show it. */
export interface Project {
  readonly id: string;
  readonly name: string;
  /** Id of the organisation that it belongs to. */
  readonly organisation: string;
  readonly createdAtMs: number;
  /** IANA name of the time zone that its pages go by; null: none was chosen. */
  readonly timezone: string | null;
  /** It takes nothing in and shows nothing any more. There may be another one of its name. */
  readonly isBeingRemoved: boolean;
}

/** A project just made, with its first key, which sends events: it is told here and never again. */
export interface CreatedProject {
  readonly project: Project;
  readonly writeKey: string;
}

/** The projects of a catalog. */
export interface Projects {
  /** Oldest first, those that are being removed included. `only` confines the list to one id; null: all. */
  list(only: string | null): Promise<Project[]>;
  /** The project of a name that is not being removed. */
  find(name: string): Promise<Project | undefined>;
  /** Makes a project and its first write key, both or neither; in the organisation `default` unless told otherwise. The name must be one that `PROJECT_NAME` takes. Throws ProjectError. */
  create(name: string, by: AuditActor, organisation?: string): Promise<CreatedProject>;
  /** Changes the time zone (IANA name; null: none) that the pages of a project go by. Undefined: there is none of this id, or it is being removed. */
  changeZone(id: string, timezone: string | null, by: AuditActor): Promise<Project | undefined>;
}

/** What projects need. */
export interface ProjectsOptions {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** Makes the projects of a catalog. */
export const createProjects = ({ catalog, keys, audit, clock }: ProjectsOptions): Projects => ({
  list: (only) => listProjects(catalog.db, only),
  find: (name) => findProject(catalog.db, name),
  async create(name, by, organisation = DEFAULT_ORGANISATION) {
    const createdAtMs = clock.nowMs();
    const id = projectIdOf(name, await timesRemoved(catalog.db, name));
    const { key } = await keys.create(
      { project: id, scopes: KEY_KINDS.write.scopes, name: 'first write key', by },
      async (transaction) => {
        await insertProject(transaction, { id, name, organisation, createdAtMs });
        await audit.recordIn(transaction, {
          ...{ actor: by, action: 'project.created', object: id },
          ...{ project: id, organisation },
        });
      },
    );
    const project = { id, name, organisation, createdAtMs, timezone: null, isBeingRemoved: false };
    return { project, writeKey: key };
  },
  changeZone: (id, timezone, by) =>
    catalog.db.transaction().execute(async (transaction) => {
      const [before] = await listProjects(transaction, id);
      if (before === undefined || before.isBeingRemoved) return undefined;
      await transaction.updateTable('projects').set({ timezone }).where('id', '=', id).execute();
      await audit.recordIn(transaction, {
        ...{ actor: by, action: 'project.changed', object: id, detail: { timezone } },
        ...{ project: id, organisation: before.organisation },
      });
      return { ...before, timezone };
    }),
});

/** The projects in a catalog, oldest first, those that are being removed included; `only` confines the list to one id. */
export const listProjects = async (db: Catalog['db'], only: string | null): Promise<Project[]> => {
  const all = db.selectFrom('projects').selectAll();
  const wanted = only === null ? all : all.where('id', '=', only);
  const rows = await wanted.orderBy('created_at').orderBy('id').execute();
  return rows.map(projectOf);
};

/** The project of a name that is not being removed. */
export const findProject = async (db: Catalog['db'], name: string): Promise<Project | undefined> =>
  (await listProjects(db, null)).find((project) => project.name === name && !project.isBeingRemoved);

/** Whether a project is being removed: what is saved in it now would outlive it. */
export const isBeingRemoved = async (
  db: Pick<Catalog['db'], 'selectFrom'>,
  project: string,
): Promise<boolean> => {
  const row = await db
    .selectFrom('projects')
    .select('removing_at')
    .where('id', '=', project)
    .executeTakeFirst();
  return row !== undefined && row.removing_at !== null;
};

/** A project as it stands in its row. */
export const projectOf = (row: Selectable<ProjectsTable>): Project => ({
  id: row.id,
  name: projectNameOf(row.id),
  organisation: row.organisation,
  createdAtMs: row.created_at,
  timezone: row.timezone,
  isBeingRemoved: row.removing_at !== null,
});

/** How many projects of a name were removed, or are being removed. */
const timesRemoved = async (db: Catalog['db'], name: string): Promise<number> => {
  const row = await db
    .selectFrom('removed_projects')
    .select('times')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.times ?? 0;
};

const insertProject = async (
  db: Catalog['db'],
  { id, name, organisation, createdAtMs }: Omit<Project, 'isBeingRemoved' | 'timezone'>,
): Promise<void> => {
  if ((await findProject(db, name)) !== undefined)
    throw new ProjectError(`There is a project "${name}" already. Choose another name, or use that one.`);
  if (projectIdOf(name, await timesRemoved(db, name)) !== id)
    throw new ProjectError(`The project "${name}" was removed at this very moment. Try again.`);
  if ((await listProjects(db, null)).length >= PROJECTS_MAX)
    throw new ProjectError(`There are ${PROJECTS_MAX.toLocaleString('en')} projects, which is the most.`);
  if (organisation !== DEFAULT_ORGANISATION && (await findOrganisation(db, organisation)) === undefined)
    throw new ProjectError(`There is no organisation "${organisation}". GET /api/organisations lists them.`);
  await db.insertInto('projects').values({ id, name, organisation, created_at: createdAtMs }).execute();
};
