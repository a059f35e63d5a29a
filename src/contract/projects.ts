import { z } from '@hono/zod-openapi';

import { PROJECT_NAME, PROJECT_NAME_LENGTH_MAX } from '../access/projects.ts';
import { instantSchema } from './common.ts';

/** Names that nobody may give to a project: the platform makes projects of these names itself. */
export const RESERVED_PROJECT_NAMES: readonly string[] = ['demo'];

const projectSchema = z
  .object({
    name: z.string().openapi({
      description: 'What `?project=` takes, and what keys belong to.',
      example: 'shop',
    }),
    organisation: z
      .string()
      .openapi({ description: 'Id of the organisation that it belongs to.', example: 'default' }),
    created_at: instantSchema,
    timezone: z.string().nullable().openapi({
      description:
        'The time zone that its pages go by, IANA name. Null: none was chosen, pages go by that of the browser. Questions are asked in the time zone that they name.',
      example: 'Europe/Berlin',
    }),
    removing: z.boolean().openapi({
      description:
        'It is being removed: it takes nothing in and shows nothing any more. There may be another one of its name.',
    }),
  })
  .openapi('Project');
export type ProjectAnswer = z.infer<typeof projectSchema>;

/** Answer to `GET /api/projects`. */
export const projectsAnswerSchema = z.object({ projects: z.array(projectSchema) }).openapi('ProjectsAnswer');
export type ProjectsAnswer = z.infer<typeof projectsAnswerSchema>;

/** Answer to `DELETE /api/projects/{name}`. */
export const removedProjectSchema = z.object({ project: projectSchema }).openapi('RemovedProject');
export type RemovedProjectAnswer = z.infer<typeof removedProjectSchema>;

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** Body of `PATCH /api/projects/{name}`. */
export const projectChangeSchema = z
  .strictObject({
    timezone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'is not a time zone: use an IANA name, as "Europe/Berlin" or "UTC"')
      .nullable()
      .openapi({
        description: 'The time zone that its pages go by, IANA name; null: none.',
        example: 'Europe/Berlin',
      }),
  })
  .openapi('ProjectChange');

/** Answer to it. */
export const changedProjectSchema = z.object({ project: projectSchema }).openapi('ChangedProject');
export type ChangedProjectAnswer = z.infer<typeof changedProjectSchema>;

/** Body of `POST /api/projects`. */
export const newProjectSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(PROJECT_NAME_LENGTH_MAX)
      .regex(PROJECT_NAME, 'Use lower-case letters, digits and hyphens, with a letter or digit at each end.')
      .refine((name) => !RESERVED_PROJECT_NAMES.includes(name), {
        message: 'The platform keeps this name for a project of its own. Choose another.',
      })
      .openapi({
        description:
          'Lower-case letters, digits and hyphens, with a letter or digit at each end. Not `demo`, which the platform keeps for itself. It cannot be changed.',
        example: 'shop',
      }),
    organisation: z
      .string()
      .max(100)
      .default('default')
      .openapi({ description: 'Id of the organisation that it shall belong to.' }),
  })
  .openapi('NewProject');

/** Answer to `POST /api/projects`. */
export const createdProjectSchema = z
  .object({
    project: projectSchema,
    write_key: z.string().openapi({
      description: 'Sends events to it. It is shown this once and stored nowhere.',
      example: 'aev_w_...',
    }),
  })
  .openapi('CreatedProject');
export type CreatedProjectAnswer = z.infer<typeof createdProjectSchema>;
