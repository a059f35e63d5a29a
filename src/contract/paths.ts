import { z } from '@hono/zod-openapi';

import {
  actorSchema,
  answerShape,
  asOfInputSchema,
  durationSchema,
  explainSchema,
  fieldSchema,
  filterSchema,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';

/** The limits of paths beyond those of every question. */
export const PATHS_LIMITS = {
  /** Levels behind the one that paths begin with. */
  depthMax: 10,
  /** Named labels of a level. */
  topMax: 50,
  windowMax: '366d',
} as const;

/** What becomes of a label that comes again on a path. */
export const PATH_COLLAPSES = ['none', 'repeats', 'loops'] as const;

/** Paths: what actors do next after an event, or did before one. */
export const pathsRequestSchema = z
  .strictObject({
    kind: z.literal('paths'),
    from: selectorSchema.optional().openapi({
      description:
        "Paths begin with the first such event of each actor in the range and go on from there. Give this or `to`; with neither they begin with the actor's first event in the range.",
    }),
    to: selectorSchema.optional().openapi({
      description:
        'Paths lead to the last such event of each actor in the range: levels count backwards from it.',
      example: 'purchase',
    }),
    label: fieldSchema.default('type').openapi({
      description: 'What a step is called: `type`, `page`, or any field. Events without it are not on paths.',
      example: 'page',
    }),
    depth: z
      .number()
      .int()
      .min(1)
      .max(PATHS_LIMITS.depthMax)
      .default(5)
      .openapi({ description: 'Levels behind the first.' }),
    window: durationSchema.default('1d').openapi({
      description: `How far from the event that paths begin with (or lead to) the others may lie, both ends included: at most ${PATHS_LIMITS.windowMax}.`,
    }),
    collapse: z.enum(PATH_COLLAPSES).default('repeats').openapi({
      description:
        '`repeats`: the same label several times in a row is one step. `loops`: a label that is on the path already is not put on it again. `none`: every event is a step.',
    }),
    actor: actorSchema,
    filter: filterSchema
      .optional()
      .openapi({ description: 'Only events for which it holds are on paths, the first one too.' }),
    top: z.number().int().min(1).max(PATHS_LIMITS.topMax).default(8).openapi({
      description:
        'So many labels with the most actors are named at each level; all others are one node `other`.',
    }),
    min_share: z.number().min(0).max(1).default(0).openapi({
      description: 'Labels that fewer of all actors have at a level than this share are in `other` too.',
      example: 0.01,
    }),
    range: rangeSchema.default('last 7 days').openapi({
      description:
        'When paths begin (or end, with `to`). The other events may lie outside, within the window.',
    }),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('PathsRequest', {
    example: { kind: 'paths', from: 'session_start', label: 'page', depth: 4, range: 'last 7 days' },
  });
export type PathsRequest = z.infer<typeof pathsRequestSchema>;

const nodeId = z.string().openapi({
  description:
    'The same for the same node in every answer: level, `:` and label, or level and `#other`. Made for drawing; read `level` and `label`.',
  example: '1:/pricing',
});

const actors = z.number().int().openapi({ example: 120 });

const nodeSchema = z
  .object({
    id: nodeId,
    level: z.number().int().openapi({ description: '0: where paths begin (or end, with `to`).', example: 1 }),
    label: z.string().nullable().openapi({ description: 'Null for `other`.', example: '/pricing' }),
    other: z.boolean().openapi({ description: 'All labels of the level that are not named, together.' }),
    actors: actors.openapi({ description: 'Whose path has the node.' }),
    share: z.number().openapi({ description: 'Of all actors with a path.', example: 0.4 }),
    dropped: actors.nullable().openapi({
      description:
        'Whose path ends here: there was nothing more within the window (with `to`: nothing before). Null in the last level, behind which nobody looked.',
    }),
    drop_off: z
      .number()
      .nullable()
      .openapi({ description: '`dropped` as a share of `actors`.', example: 0.25 }),
  })
  .openapi('PathNode');
export type PathNode = z.infer<typeof nodeSchema>;

const linkSchema = z
  .object({
    source: nodeId.openapi({ description: 'A node of one level.', example: '0:session_start' }),
    target: nodeId.openapi({ description: 'A node of the next level.', example: '1:/pricing' }),
    actors,
  })
  .openapi('PathLink', { description: 'With `to`, `source` is what came later.' });
export type PathLink = z.infer<typeof linkSchema>;

/** Answer to paths. */
export const pathsAnswerSchema = z
  .object({
    kind: z.literal('paths'),
    ...answerShape,
    direction: z.enum(['forward', 'backward']).openapi({ description: '`backward` with `to`.' }),
    actor: actorSchema,
    label: z.string().openapi({ example: 'page' }),
    window_ms: z.number().int().openapi({ example: 86_400_000 }),
    actors: actors.openapi({ description: 'With a path: one each.' }),
    nodes: z.array(nodeSchema).openapi({
      description: 'By level; in a level most actors first, `other` last.',
    }),
    links: z.array(linkSchema).openapi({
      description: 'By level; most actors first, ties by the order of the nodes.',
    }),
  })
  .openapi('PathsAnswer');
export type PathsAnswer = z.infer<typeof pathsAnswerSchema>;
