import { type CreatedProject, type Project, ProjectError, type Projects } from '../access/projects.ts';
import {
  type CreatedProjectAnswer,
  newProjectSchema,
  type ProjectAnswer,
  type ProjectsAnswer,
} from '../contract/projects.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError } from '../event/errors.ts';
import { type App, parsedBody } from './app.ts';
import { requireOperator, requireScope } from './auth.ts';

/** Registers the routes that list and make projects. */
export const registerProjectRoutes = (app: App, { projects }: { readonly projects: Projects }): void => {
  app.get(ROUTES.listProjects.path, requireScope('admin'), async (c) => {
    const { principal } = c.var;
    const listed = await projects.list(principal.isOperator === true ? null : principal.project);
    return c.json({ projects: listed.map(projectAnswer) } satisfies ProjectsAnswer);
  });
  app.post(ROUTES.createProject.path, requireScope('admin'), async (c) => {
    requireOperator(c.var.principal, 'Projects are made');
    const { name } = await parsedBody(c, newProjectSchema);
    const { project, writeKey } = await created(projects, name);
    const answer = { project: projectAnswer(project), write_key: writeKey };
    return c.json(answer satisfies CreatedProjectAnswer, 201);
  });
};

const created = async (projects: Projects, name: string): Promise<CreatedProject> => {
  try {
    return await projects.create(name);
  } catch (error) {
    if (error instanceof ProjectError) throw new ApiError('conflict', error.message);
    throw error;
  }
};

const projectAnswer = ({ name, createdAtMs }: Project): ProjectAnswer => ({
  name,
  created_at: new Date(createdAtMs).toISOString(),
});
