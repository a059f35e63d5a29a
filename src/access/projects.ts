import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import type { KeyRing } from './keys.ts';

/** Everything read or written belongs to exactly one project. Their names are their ids: what rows, keys and `?project=` hold. */

/** Lower-case letters, digits and hyphens, none at either end. */
export const PROJECT_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
export const PROJECT_NAME_LENGTH_MAX = 64;
/** Lists of projects are neither paged nor cut off. */
export const PROJECTS_MAX = 1_000;

/** A project as lists show it. */
export interface Project {
  readonly name: string;
  readonly createdAtMs: number;
}

/** A project just made, with its first key, which sends events: it is told here and never again. */
export interface CreatedProject {
  readonly project: Project;
  readonly writeKey: string;
}

/** A project cannot be made. The message says why, and what to do. */
export class ProjectError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProjectError';
  }
}

/** The projects of a catalog. */
export interface Projects {
  /** Oldest first. `only` confines the list to one of them; null: all. */
  list(only: string | null): Promise<Project[]>;
  /** Makes a project and its first write key, both or neither. The name must be one that `PROJECT_NAME` takes. Throws ProjectError. */
  create(name: string): Promise<CreatedProject>;
}

/** What projects need. */
export interface ProjectsOptions {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly clock: Clock;
}

/** Makes the projects of a catalog. */
export const createProjects = ({ catalog, keys, clock }: ProjectsOptions): Projects => ({
  list: (only) => listProjects(catalog.db, only),
  async create(name) {
    const createdAtMs = clock.nowMs();
    const { key } = await keys.create(
      { project: name, kind: 'write', name: 'first write key' },
      (transaction) => insertProject(transaction, name, createdAtMs),
    );
    return { project: { name, createdAtMs }, writeKey: key };
  },
});

/** The projects in a catalog, oldest first; `only` confines the list to one of them. */
export const listProjects = async (db: Catalog['db'], only: string | null): Promise<Project[]> => {
  const all = db.selectFrom('projects').select(['id', 'created_at']);
  const wanted = only === null ? all : all.where('id', '=', only);
  const rows = await wanted.orderBy('created_at').orderBy('id').execute();
  return rows.map(({ id, created_at }) => ({ name: id, createdAtMs: created_at }));
};

const insertProject = async (db: Catalog['db'], name: string, createdAtMs: number): Promise<void> => {
  const known = await listProjects(db, null);
  if (known.some((project) => project.name === name))
    throw new ProjectError(`There is a project "${name}" already. Choose another name, or use that one.`);
  if (known.length >= PROJECTS_MAX)
    throw new ProjectError(`There are ${PROJECTS_MAX.toLocaleString('en')} projects, which is the most.`);
  await db.insertInto('projects').values({ id: name, name, created_at: createdAtMs }).execute();
};
