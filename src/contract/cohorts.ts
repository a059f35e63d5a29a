import { z } from '@hono/zod-openapi';

import { instantSchema, positionSchema } from './common.ts';
import { conditionSchema, durationSchema, freshnessSchema, selectorSchema } from './question.ts';

/** Limits of cohorts. */
export const COHORT_LIMITS = {
  /** Cohorts of one project. */
  cohortsMax: 500,
  /** Criteria of one definition. */
  criteriaMax: 20,
  /** Cohorts within cohorts. */
  depthMax: 5,
  /** Cohorts that one is made up of, itself and those that it refers to, directly or not. */
  partsMax: 30,
  /** Characters of a definition, as JSON. */
  definitionMax: 20_000,
  /** Characters of a name. */
  nameMax: 100,
  /** Characters of a description. */
  descriptionMax: 1_000,
  /** Times that an event may be asked for. */
  timesMax: 1_000_000,
} as const;

const eventSchema = selectorSchema.default({}).openapi({
  description: 'Which events. Every event if absent.',
  example: 'purchase',
});

const withinSchema = durationSchema.optional().openapi({
  description: 'Less long ago than that; at any time if absent.',
  example: '30d',
});

const criterionSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('did'),
        event: eventSchema,
        at_least: z.number().int().min(1).max(COHORT_LIMITS.timesMax).default(1),
        within: withinSchema,
      })
      .openapi('DidCriterion', { description: 'Has so many of these events, or more.' }),
    z
      .strictObject({ kind: z.literal('did_not'), event: eventSchema, within: withinSchema })
      .openapi('DidNotCriterion', { description: 'Has none of these events, but others.' }),
    z.strictObject({ kind: z.literal('property'), is: conditionSchema }).openapi('PropertyCriterion', {
      description:
        'The condition holds for the latest event of the user that has the field; where none has it, as for an event without it.',
    }),
    z
      .strictObject({
        kind: z.literal('first_seen'),
        within: durationSchema.optional().openapi({ description: 'Less long ago than that.' }),
        before: durationSchema.optional().openapi({ description: 'So long ago, or longer.' }),
      })
      .openapi('FirstSeenCriterion', { description: 'When the first event of the user was, of any type.' }),
    z
      .strictObject({
        kind: z.literal('cohort'),
        cohort: z.string().max(64),
        member: z.boolean().default(true),
      })
      .openapi('CohortCriterion', { description: 'Is in another cohort, or (`member` false) is not.' }),
  ])
  .openapi('Criterion', { example: { kind: 'did', event: 'purchase', at_least: 3, within: '30d' } });

/** Who belongs to a cohort. */
export const cohortDefinitionSchema = z
  .strictObject({
    match: z
      .enum(['all', 'any'])
      .default('all')
      .openapi({ description: 'Whether all criteria must be met, or one.' }),
    criteria: z.array(criterionSchema).min(1).max(COHORT_LIMITS.criteriaMax),
  })
  .openapi('CohortDefinition');
export type CohortDefinition = z.infer<typeof cohortDefinitionSchema>;
export type Criterion = CohortDefinition['criteria'][number];

const cohortFields = {
  name: z.string().trim().min(1).max(COHORT_LIMITS.nameMax).openapi({ example: 'Regular buyers' }),
  description: z.string().max(COHORT_LIMITS.descriptionMax).default(''),
  mode: z.enum(['live', 'static']).default('live').openapi({
    description:
      '`live`: who belongs to it is looked up with each question. `static`: it is who belonged to it when it was saved, for good.',
  }),
  definition: cohortDefinitionSchema,
} as const;

/** A cohort to be made. */
export const newCohortSchema = z.strictObject(cohortFields).openapi('NewCohort', {
  example: {
    name: 'Regular buyers',
    description: '',
    mode: 'live',
    definition: {
      match: 'all',
      criteria: [{ kind: 'did', event: 'purchase', at_least: 3, within: '30d' }],
    },
  },
});
export type NewCohort = z.infer<typeof newCohortSchema>;

/** What a cohort shall be from now on. */
export const cohortChangeSchema = z
  .strictObject({
    ...cohortFields,
    version: z.number().int().min(1).openapi({
      description: 'The version that this change was made from: if there is a later one, 409.',
    }),
  })
  .openapi('CohortChange');
export type CohortChange = z.infer<typeof cohortChangeSchema>;

/** The address of a cohort. */
export const cohortPathSchema = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'coh_00112233445566ff' }),
});

/** A saved cohort. */
export const cohortSchema = z
  .object({
    id: z.string().openapi({ example: 'coh_00112233445566ff' }),
    ...cohortFields,
    version: z.number().int().openapi({ description: 'One more with each change.', example: 1 }),
    frozen: z
      .object({ at: instantSchema, as_of: positionSchema.nullable() })
      .nullable()
      .openapi({ description: 'Static ones: the instant and the position that it is as of.' }),
    created_at: instantSchema,
    updated_at: instantSchema,
    updated_by: z.string().openapi({ description: 'Who saved it last.', example: 'ada' }),
  })
  .openapi('Cohort');
export type CohortAnswer = z.infer<typeof cohortSchema>;

/** All cohorts of a project. */
export const cohortsAnswerSchema = z
  .object({ cohorts: z.array(cohortSchema).openapi({ description: 'By name.' }) })
  .openapi('CohortsAnswer');
export type CohortsAnswer = z.infer<typeof cohortsAnswerSchema>;

/** A cohort that is no more. */
export const removedCohortSchema = z
  .object({ id: z.string(), removed: z.literal(true) })
  .openapi('RemovedCohort');
export type RemovedCohort = z.infer<typeof removedCohortSchema>;

/** How many belong to a cohort. */
export const cohortSizeSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    size: z.number().int().openapi({ description: 'Users that belong to it.', example: 420 }),
    as_of: positionSchema.nullable(),
    freshness: freshnessSchema,
  })
  .openapi('CohortSize');
export type CohortSize = z.infer<typeof cohortSizeSchema>;
