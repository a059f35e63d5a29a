import { z } from '@hono/zod-openapi';

import { BOARD_LIMITS } from './board-limits.ts';
import { askedPositionSchema, instantSchema, positionSchema } from './common.ts';
import { displaySchema } from './insights.ts';
import { queryAnswerSchema, queryRequestSchema } from './query.ts';
import { fieldSchema, freshnessSchema, QUERY_LIMITS, rangeSchema } from './question.ts';
import {
  fromVersionSchema,
  SAVED_LIMITS,
  savedFields,
  savedStamps,
  versionParameterSchema,
  versionShape,
} from './saved.ts';

const NAME = /^[a-z][a-z0-9_]{0,39}$/u;
const nameSchema = z
  .string()
  .regex(NAME, 'is not a name: use lower-case letters, digits and "_", a letter first, 40 at most')
  .openapi({ example: 'period' });

/** Comparisons that a variable of the kind `filter` may offer. */
export const FILTER_OPS = [
  'eq',
  'neq',
  'in',
  'not_in',
  'contains',
  'gt',
  'gte',
  'lt',
  'lte',
  'exists',
  'not_exists',
] as const;
export type FilterOp = (typeof FILTER_OPS)[number];

const scalarSchema = z.union([z.string().max(QUERY_LIMITS.textMax), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof scalarSchema>;

const filterValueSchema = z
  .strictObject({
    op: z.enum(FILTER_OPS),
    value: scalarSchema.optional(),
    values: z.array(scalarSchema).min(1).max(QUERY_LIMITS.listValuesMax).optional(),
  })
  .openapi('FilterValue', {
    description: 'A condition on the field of the variable: as in a filter, without the field.',
    example: { op: 'in', values: ['DE', 'FR'] },
  });
export type FilterValue = z.infer<typeof filterValueSchema>;

const variableBase = {
  name: nameSchema.openapi({ description: 'Once on a board.' }),
  label: z.string().max(BOARD_LIMITS.titleMax).default('').openapi({ example: 'Period' }),
} as const;

/** Something that whoever looks at a board may choose. */
export const variableSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        ...variableBase,
        kind: z.literal('range'),
        default: rangeSchema.nullable().default(null),
      })
      .openapi('RangeVariable', {
        description: 'The range of the questions. Null: each keeps its own.',
      }),
    z
      .strictObject({
        ...variableBase,
        kind: z.literal('timezone'),
        default: z.string().max(64).nullable().default(null).openapi({ example: 'Europe/Berlin' }),
      })
      .openapi('TimezoneVariable', {
        description: 'The time zone of the questions. Null: each keeps its own.',
      }),
    z
      .strictObject({
        ...variableBase,
        kind: z.literal('filter'),
        field: fieldSchema,
        ops: z.array(z.enum(FILTER_OPS)).min(1).max(FILTER_OPS.length).default(['eq', 'in']),
        default: filterValueSchema.nullable().default(null),
      })
      .openapi('FilterVariable', {
        description:
          'A condition on a field, which must hold beside the filters of the questions. Null: none.',
      }),
    z
      .strictObject({
        ...variableBase,
        kind: z.literal('choice'),
        field: fieldSchema,
        choices: z
          .array(
            z.strictObject({ value: scalarSchema, label: z.string().max(BOARD_LIMITS.titleMax).optional() }),
          )
          .min(1)
          .max(BOARD_LIMITS.choicesMax),
        multiple: z.boolean().default(false),
        default: z
          .union([scalarSchema, z.array(scalarSchema).min(1).max(BOARD_LIMITS.choicesMax)])
          .nullable()
          .default(null),
      })
      .openapi('ChoiceVariable', {
        description: 'One of these values of a field (`multiple`: several). Null: any.',
      }),
  ])
  .openapi('Variable', {
    example: { name: 'period', label: 'Period', kind: 'range', default: 'last 30 days' },
  });
export type Variable = z.infer<typeof variableSchema>;

const place = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/u, 'is not an id: use letters, digits, "_" and "-", 40 at most')
    .openapi({ description: 'Once on a board.', example: 'visitors' }),
  x: z
    .number()
    .int()
    .min(0)
    .max(BOARD_LIMITS.columns - 1)
    .openapi({ description: 'First column, from 0.' }),
  y: z
    .number()
    .int()
    .min(0)
    .max(BOARD_LIMITS.rowsMax - 1)
    .openapi({ description: 'First row, from 0.' }),
  w: z.number().int().min(1).max(BOARD_LIMITS.columns).openapi({ description: 'Columns.', example: 6 }),
  h: z.number().int().min(1).max(BOARD_LIMITS.tileRowsMax).openapi({ description: 'Rows.', example: 4 }),
  title: z.string().max(BOARD_LIMITS.titleMax).default(''),
} as const;

const asked = {
  ignores: z.array(nameSchema).max(BOARD_LIMITS.variablesMax).default([]).openapi({
    description: 'Variables of the board that do not change this tile.',
    example: [],
  }),
} as const;

/** A part of a board. */
export const tileSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        ...place,
        kind: z.literal('insight'),
        insight: z.string().min(1).max(64).openapi({ example: 'ins_00112233445566ff' }),
        display: displaySchema.optional().openapi({ description: 'As the insight says if absent.' }),
        ...asked,
      })
      .openapi('InsightTile', { description: 'A saved insight, as it is at any time.' }),
    z
      .strictObject({
        ...place,
        kind: z.literal('question'),
        question: queryRequestSchema,
        display: displaySchema.optional(),
        ...asked,
      })
      .openapi('QuestionTile', { description: 'A question of its own, saved with the board.' }),
    z
      .strictObject({ ...place, kind: z.literal('text'), text: z.string().max(BOARD_LIMITS.textMax) })
      .openapi('TextTile', { description: 'Markdown, kept as it was written.' }),
  ])
  .openapi('Tile', {
    example: {
      id: 'visitors',
      kind: 'question',
      ...{ x: 0, y: 0, w: 6, h: 4, title: 'Visitors' },
      question: { kind: 'trend', measure: 'unique_users', interval: '1d', range: 'last 30 days' },
    },
  });
export type Tile = z.infer<typeof tileSchema>;
export type AskedTile = Exclude<Tile, { kind: 'text' }>;

const boardFields = {
  ...savedFields,
  variables: z.array(variableSchema).max(BOARD_LIMITS.variablesMax).default([]).openapi({
    description: 'At most one range and one time zone.',
  }),
  tiles: z.array(tileSchema).max(BOARD_LIMITS.tilesMax).default([]).openapi({
    description: 'On a grid of 12 columns. They do not overlap.',
  }),
} as const;

/** A board to be saved. */
export const newBoardSchema = z.strictObject(boardFields).openapi('NewBoard');
export type NewBoard = z.infer<typeof newBoardSchema>;

/** Names of the boards that come with the program. */
export const TEMPLATES = ['web', 'product', 'commerce', 'operations'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

/** A board to be made of a template. */
export const boardOfTemplateSchema = z
  .strictObject({
    template: z.enum(TEMPLATES),
    name: savedFields.name.optional().openapi({ description: 'That of the template if absent.' }),
    description: z
      .string()
      .max(SAVED_LIMITS.descriptionMax)
      .optional()
      .openapi({ description: 'That of the template if absent.' }),
    tags: savedFields.tags,
    parameters: z
      .record(z.string().max(40), z.string().min(1).max(QUERY_LIMITS.textMax))
      .default({})
      .openapi({
        description: 'What the template takes, by name. Each has a default.',
        example: { purchase: 'order_completed' },
      }),
  })
  .openapi('BoardOfTemplate', {
    example: { template: 'commerce', parameters: { purchase: 'order_completed' } },
  });
export type BoardOfTemplate = z.infer<typeof boardOfTemplateSchema>;

/** What making a board takes: itself, or a template. */
export const makeBoardSchema = z.union([newBoardSchema, boardOfTemplateSchema]).openapi('MakeBoard', {
  example: { template: 'commerce', parameters: { purchase: 'order_completed' } },
});

/** What a board shall be from now on. */
export const boardChangeSchema = z
  .strictObject({ ...boardFields, version: fromVersionSchema })
  .openapi('BoardChange');
export type BoardChange = z.infer<typeof boardChangeSchema>;

const idSchema = z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'brd_00112233445566ff' });

/** The address of a board. */
export const boardPathSchema = z.object({ id: idSchema });

/** The address of a version of a board. */
export const boardVersionPathSchema = z.object({ id: idSchema, version: versionParameterSchema });

const boardIdSchema = z.string().openapi({ example: 'brd_00112233445566ff' });

/** A saved board. */
export const boardSchema = z.object({ id: boardIdSchema, ...boardFields, ...savedStamps }).openapi('Board');
export type BoardAnswer = z.infer<typeof boardSchema>;

/** All boards of a project. */
export const boardsAnswerSchema = z
  .object({
    boards: z
      .array(
        z
          .object({
            id: boardIdSchema,
            ...savedFields,
            tiles: z.number().int().openapi({ description: 'How many it has.', example: 6 }),
            ...savedStamps,
          })
          .openapi('BoardInList'),
      )
      .openapi({ description: 'By name.' }),
  })
  .openapi('BoardsAnswer');
export type BoardsAnswer = z.infer<typeof boardsAnswerSchema>;

/** A board as it was. */
export const boardVersionSchema = z
  .object({ id: boardIdSchema, ...boardFields, ...versionShape })
  .openapi('BoardVersion');
export type BoardVersion = z.infer<typeof boardVersionSchema>;

/** The boards that come with the program. */
export const templatesAnswerSchema = z
  .object({
    templates: z.array(
      z
        .object({
          template: z.enum(TEMPLATES),
          name: z.string(),
          description: z.string(),
          parameters: z.array(
            z.object({
              name: z.string().openapi({ example: 'purchase' }),
              label: z.string().openapi({ example: 'Event of a purchase' }),
              takes: z.enum(['event', 'field']),
              default: z.string().openapi({ example: 'purchase' }),
            }),
          ),
          tiles: z.array(z.object({ title: z.string(), kind: z.string() })),
        })
        .openapi('Template'),
    ),
  })
  .openapi('TemplatesAnswer');
export type TemplatesAnswer = z.infer<typeof templatesAnswerSchema>;

/** What whoever looks at a board chose: by the name of the variable, in the form that its kind takes. */
export const variableValuesSchema = z
  .record(
    z.string().max(40),
    z.union([
      scalarSchema,
      z.array(scalarSchema).min(1).max(BOARD_LIMITS.choicesMax),
      rangeSchema,
      filterValueSchema,
      z.null(),
    ]),
  )
  .openapi('VariableValues', {
    description:
      'By name: a range, a time zone, a condition `{"op": ..., "value": ...}`, a choice or several; null: as if the variable were not there. Defaults hold for those that are not named.',
    example: { period: 'last 7 days', country: { op: 'in', values: ['DE', 'FR'] } },
  });
export type VariableValues = z.infer<typeof variableValuesSchema>;

/** A moment that a board is read as of. */
export const boardMomentSchema = z
  .strictObject({ position: askedPositionSchema, at: z.string().max(64) })
  .openapi('BoardMoment', { description: 'With what "now" is, ISO 8601 with a zone.' });

/** Asks the questions of a board. */
export const askBoardSchema = z
  .strictObject({
    variables: variableValuesSchema.default({}),
    tiles: z
      .array(z.string().max(40))
      .min(1)
      .max(BOARD_LIMITS.tilesMax)
      .optional()
      .openapi({ description: 'Only these, by id. All if absent.', example: ['visitors'] }),
    as_of: z.union([askedPositionSchema, boardMomentSchema]).optional().openapi({
      description:
        'All tiles are read as of this position. That of now if absent: it is taken once, so that the tiles agree.',
    }),
  })
  .openapi('AskBoard', { example: { variables: { period: 'last 7 days' } } });
export type AskBoard = z.infer<typeof askBoardSchema>;

/** An answer, for examples of what holds one. */
export const ANSWER_EXAMPLE = {
  kind: 'trend',
  source: 'events',
  as_of: '48211',
  freshness: { answered_at: '2026-11-20T12:00:00.000Z', pending_events: 0, pending_since: null },
  range: { from: '2026-11-19T00:00:00.000Z', to: '2026-11-20T12:00:00.000Z', timezone: 'UTC' },
  statistics: { elapsed_ms: 12.4, rows_read: 5400, bytes_read: 86_400 },
  interval: '1d',
  buckets: ['2026-11-19T00:00:00+00:00', '2026-11-20T00:00:00+00:00'],
  incomplete: { first: false, last: true },
  series: [{ group: null, other: false, total: 61, values: [12, 49] }],
} as const;

const answeredTileSchema = z.discriminatedUnion('state', [
  z
    .object({ id: z.string(), state: z.literal('answered'), answer: queryAnswerSchema })
    .openapi('AnsweredTile', { example: { id: 'visitors', state: 'answered', answer: ANSWER_EXAMPLE } }),
  z
    .object({
      id: z.string(),
      state: z.literal('failed'),
      error: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
    })
    .openapi('FailedTile', { description: 'One tile that fails spoils no other.' }),
]);

/** What all tiles were read as of: spread into answers. */
export const momentShape = {
  as_of: positionSchema.nullable().openapi({
    description: 'What all tiles were read as of. Null: nothing was loaded yet.',
  }),
  at: instantSchema.openapi({ description: 'What "now" was in all of them.' }),
  freshness: freshnessSchema,
} as const;

/** The answers of a board. */
export const boardAnswersSchema = z
  .object({
    id: boardIdSchema,
    version: z.number().int().openapi({ description: 'Of the board that was read.' }),
    ...momentShape,
    variables: variableValuesSchema,
    tiles: z
      .array(answeredTileSchema)
      .openapi({ description: 'In the order of the board; texts are not among them.' }),
  })
  .openapi('BoardAnswers');
export type BoardAnswers = z.infer<typeof boardAnswersSchema>;
export type AnsweredTile = BoardAnswers['tiles'][number];

/** The last line of answers that are told line by line: without it something is missing. */
export const ANSWERS_END = { state: 'end' } as const;

/** A line of such answers behind the first, which is the answers without tiles. */
export type AnswersLine = AnsweredTile | typeof ANSWERS_END;

/** What is told of it in the document. */
export const answersLinesSchema = z.string().openapi({
  description:
    'For `Accept: application/x-ndjson`, of boards: the answers without tiles, a line; then each tile as soon as it is answered, a line, in the order in which they are; at the end `{"state":"end"}`. A connection that ends without it was cut.',
});
