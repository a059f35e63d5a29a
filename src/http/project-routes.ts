import { isOperator } from '../access/principal.ts';
import type { ProjectRemovals } from '../access/removals.ts';
import type { Project, Projects } from '../access/projects.ts';
import {
  type ChangedProjectAnswer,
  type CreatedProjectAnswer,
  newProjectSchema,
  type ProjectAnswer,
  projectChangeSchema,
  type ProjectsAnswer,
  type RemovedProjectAnswer,
} from '../contract/projects.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError } from '../event/errors.ts';
import { type App, parsedBody } from './app.ts';
import { requirePermission } from './auth.ts';
import { orConflict } from './conflict.ts';
import { pathOf } from './route-path.ts';

/** What the routes need. */
export interface ProjectRoutesOptions {
  readonly projects: Projects;
  readonly removals: ProjectRemovals;
}

/** Registers the routes that list, make and remove projects. */
export const registerProjectRoutes = (app: App, { projects, removals }: ProjectRoutesOptions): void => {
  app.get(ROUTES.listProjects.path, requirePermission('project:admin'), async (c) => {
    const { principal } = c.var;
    const listed = await projects.list(isOperator(principal) ? null : principal.project);
    return c.json({ projects: listed.map(projectAnswer) } satisfies ProjectsAnswer);
  });
  app.post(ROUTES.createProject.path, requirePermission('platform:admin'), async (c) => {
    const { name, organisation } = await parsedBody(c, newProjectSchema);
    const { project, writeKey } = await orConflict(() =>
      projects.create(name, c.var.principal.actor, organisation),
    );
    const answer = { project: projectAnswer(project), write_key: writeKey };
    return c.json(answer satisfies CreatedProjectAnswer, 201);
  });
  app.patch(pathOf('changeProject'), requirePermission('project:admin'), async (c) => {
    const name = c.req.param('name') ?? '';
    const { timezone } = await parsedBody(c, projectChangeSchema);
    const { principal } = c.var;
    const found = await projects.find(name);
    const mayBe = isOperator(principal) || found?.id === principal.project ? found : undefined;
    const changed =
      mayBe === undefined ? undefined : await projects.changeZone(mayBe.id, timezone, principal.actor);
    if (changed === undefined) throw noSuchProject(name);
    return c.json({ project: projectAnswer(changed) } satisfies ChangedProjectAnswer);
  });
  app.delete(pathOf('removeProject'), requirePermission('platform:admin'), async (c) => {
    const name = c.req.param('name') ?? '';
    const removal = await orConflict(() => removals.begin(name, c.var.principal.actor));
    if (removal === undefined) throw noSuchProject(name);
    return c.json({ project: projectAnswer(removal.project) } satisfies RemovedProjectAnswer, 202);
  });
};

const noSuchProject = (name: string): ApiError =>
  new ApiError('not_found', `There is no project "${name.slice(0, 100)}". GET /api/projects lists them.`);

const projectAnswer = (project: Project): ProjectAnswer => ({
  name: project.name,
  organisation: project.organisation,
  created_at: new Date(project.createdAtMs).toISOString(),
  timezone: project.timezone,
  removing: project.isBeingRemoved,
});
