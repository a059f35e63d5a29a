import { isOperator } from '../access/principal.ts';
import type { ProjectRemovals } from '../access/removals.ts';
import type { Project, Projects } from '../access/projects.ts';
import {
  type CreatedProjectAnswer,
  newProjectSchema,
  type ProjectAnswer,
  type ProjectsAnswer,
  type RemovedProjectAnswer,
} from '../contract/projects.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError } from '../event/errors.ts';
import { type App, parsedBody } from './app.ts';
import { requirePermission } from './auth.ts';
import { orConflict } from './conflict.ts';

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
  app.delete(`${ROUTES.listProjects.path}/:name`, requirePermission('platform:admin'), async (c) => {
    const name = c.req.param('name') ?? '';
    const removal = await orConflict(() => removals.begin(name, c.var.principal.actor));
    if (removal === undefined)
      throw new ApiError(
        'not_found',
        `There is no project "${name.slice(0, 100)}". GET /api/projects lists them.`,
      );
    return c.json({ project: projectAnswer(removal.project) } satisfies RemovedProjectAnswer, 202);
  });
};

const projectAnswer = ({ name, organisation, createdAtMs, isBeingRemoved }: Project): ProjectAnswer => ({
  name,
  organisation,
  created_at: new Date(createdAtMs).toISOString(),
  removing: isBeingRemoved,
});
