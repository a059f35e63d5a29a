import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** Limits of what is saved by name: insights and boards. */
export const SAVED_LIMITS = {
  /** Insights of one project. */
  insightsMax: 1_000,
  /** Boards of one project. */
  boardsMax: 200,
  /** Characters of a name. */
  nameMax: 100,
  /** Characters of a description. */
  descriptionMax: 2_000,
  /** Tags of one thing. */
  tagsMax: 20,
  /** Characters of a tag. */
  tagMax: 50,
  /** Characters of everything in an insight, as JSON. */
  insightMax: 20_000,
  /** Characters of everything in a board, as JSON. */
  boardMax: 100_000,
  /** Versions of one thing that are kept, the current one included. */
  versionsMax: 30,
} as const;

/** What everything that is saved by name has: spread into its object. */
export const savedFields = {
  name: z.string().trim().min(1).max(SAVED_LIMITS.nameMax).openapi({
    description: 'Once in a project, for insights and boards each.',
    example: 'Buyers by country',
  }),
  description: z.string().max(SAVED_LIMITS.descriptionMax).default(''),
  tags: z
    .array(z.string().trim().min(1).max(SAVED_LIMITS.tagMax))
    .max(SAVED_LIMITS.tagsMax)
    .default([])
    .openapi({ example: ['weekly'] }),
} as const;

/** The version that a change is made from. */
export const fromVersionSchema = z.number().int().min(1).openapi({
  description:
    'The version that this change was made from: if there is a later one, 409, which says who saved it.',
  example: 1,
});

const whoSchema = z.string().openapi({ example: 'ada' });

/** Whose and how old something is: spread into its object. */
export const savedStamps = {
  version: z.number().int().openapi({ description: 'One more with each change.', example: 1 }),
  created_at: instantSchema,
  created_by: whoSchema,
  updated_at: instantSchema,
  updated_by: whoSchema,
} as const;

/** The stamps of something saved, as answers tell them. */
export interface SavedStamps {
  readonly version: number;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

/** What the list of versions says of each: spread into its object. */
export const versionShape = {
  version: z.number().int().openapi({ example: 3 }),
  name: z.string().openapi({ description: 'As it was called then.' }),
  changed: z.array(z.string()).openapi({
    description: 'What differs from the version before. Empty for the first.',
    example: ['question', 'name'],
  }),
  restored: z.number().int().nullable().openapi({
    description: 'The version that it brought back. Null: it was written anew.',
    example: null,
  }),
  saved_at: instantSchema,
  saved_by: whoSchema,
} as const;

/** The versions of something. */
export const savedVersionsSchema = z
  .object({
    id: z.string(),
    versions: z
      .array(z.object(versionShape).openapi('SavedVersion'))
      .openapi({ description: 'Newest first; the newest 30 are kept.' }),
  })
  .openapi('SavedVersions');
export type SavedVersionsAnswer = z.infer<typeof savedVersionsSchema>;

/** Brings a version back. */
export const restoreSchema = z
  .strictObject({ version: fromVersionSchema })
  .openapi('Restore', { example: { version: 4 } });

/** Something that is no more. */
export const removedSavedSchema = z
  .object({ id: z.string(), removed: z.literal(true) })
  .openapi('RemovedSaved');
export type RemovedSaved = z.infer<typeof removedSavedSchema>;

/** A version in an address. */
export const versionParameterSchema = z
  .string()
  .regex(/^\d{1,9}$/u, 'is not the number of a version')
  .openapi({ param: { name: 'version', in: 'path' }, example: '3' });

/** The version of an address. */
export const versionPathSchema = z.object({ version: versionParameterSchema });
