import { z } from '@hono/zod-openapi';

import {
  ANSWER_EXAMPLE,
  boardAnswersSchema,
  boardMomentSchema,
  momentShape,
  variableValuesSchema,
} from './boards.ts';
import { askedPositionSchema, instantSchema, positionSchema } from './common.ts';
import { displaySchema } from './insights.ts';
import { queryAnswerSchema } from './query.ts';

/** Limits of share links. */
export const SHARE_LIMITS = {
  /** Links to one board or insight. */
  sharesMax: 50,
  /** Links of one project. */
  projectMax: 1_000,
  /** Characters of a name. */
  nameMax: 100,
  /** Requests for answers by one link that are under way at a time. */
  atOncePerLink: 20,
  /** Requests by one link, in `withinMs`. */
  readsPerLink: 300,
  /** Requests from one network address, by whatever link, known or not. */
  readsPerAddress: 600,
  /** Requests with a token that is not good, from one network address. */
  missesPerAddress: 60,
  withinMs: 60_000,
} as const;

/** A link to be made. */
export const newShareSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(SHARE_LIMITS.nameMax).openapi({
      description: 'What it is for; lists and the audit log show it.',
      example: 'Board meeting',
    }),
    expires_at: z.string().max(64).optional().openapi({
      description: 'When it ends, ISO 8601. Never if absent: until it is revoked.',
      example: '2027-01-01T00:00:00Z',
    }),
    pinned: z.union([z.boolean(), askedPositionSchema, boardMomentSchema]).default(false).openapi({
      description:
        '`true`: answers stay as of now, for good; a position: as of it; a moment: as of its position and its "now". What "now" is in relative ranges stays too. `false`: answers are as of when they are asked for.',
    }),
    variables: variableValuesSchema.default({}).openapi({
      description:
        'Boards: values of variables. They stand for whoever comes by the link; of the others they may set those of the kind `choice`.',
    }),
  })
  .openapi('NewShare', {
    example: { name: 'Board meeting', pinned: true, expires_at: '2027-01-01T00:00:00Z' },
  });
export type NewShare = z.infer<typeof newShareSchema>;

const shareFields = {
  id: z.string().openapi({ example: 'shr_00112233445566ff' }),
  object: z
    .string()
    .openapi({ description: 'The board or insight that it shows.', example: 'brd_00112233445566ff' }),
  name: z.string(),
  pinned: z
    .object({ as_of: positionSchema, at: instantSchema })
    .nullable()
    .openapi({ description: 'What answers are as of. Null: of when they are asked for.' }),
  variables: variableValuesSchema,
  expires_at: instantSchema.nullable(),
  expired: z.boolean(),
  created_at: instantSchema,
  created_by: z.string().openapi({ example: 'ada' }),
  last_used_at: instantSchema.nullable(),
  uses: z.number().int().openapi({ description: 'Times that answers were asked for by it.', example: 12 }),
} as const;

/** A link as lists show it: without its token. */
export const shareSchema = z.object(shareFields).openapi('Share');
export type ShareAnswer = z.infer<typeof shareSchema>;

/** The links to one thing, or of a project. */
export const sharesAnswerSchema = z
  .object({ shares: z.array(shareSchema).openapi({ description: 'Newest first.' }) })
  .openapi('SharesAnswer');
export type SharesAnswer = z.infer<typeof sharesAnswerSchema>;

/** A link that was just made. */
export const createdShareSchema = z
  .object({
    ...shareFields,
    token: z.string().openapi({
      description:
        'Shown here and never again. It reads this one thing, at `/api/share`, and does nothing else.',
      example: 'aev_s_...',
    }),
  })
  .openapi('CreatedShare');
export type CreatedShare = z.infer<typeof createdShareSchema>;

const parameters = (example: string) => ({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example }),
});
const shareId = z.string().openapi({ param: { name: 'share', in: 'path' }, example: 'shr_00112233445566ff' });

/** The address of a link to a board. */
export const boardSharePathSchema = z.object({ ...parameters('brd_00112233445566ff'), share: shareId });

/** The address of a link to an insight. */
export const insightSharePathSchema = z.object({ ...parameters('ins_00112233445566ff'), share: shareId });

/** A link that is no more. */
export const revokedShareSchema = z
  .object({ id: z.string(), revoked: z.literal(true) })
  .openapi('RevokedShare');
export type RevokedShare = z.infer<typeof revokedShareSchema>;

const sharedFields = {
  name: z.string(),
  description: z.string(),
  updated_at: instantSchema,
  pinned: z.object({ as_of: positionSchema, at: instantSchema }).nullable(),
  expires_at: instantSchema.nullable(),
} as const;

const sharedTileSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['answer', 'text']),
    x: z.number().int(),
    y: z.number().int(),
    w: z.number().int(),
    h: z.number().int(),
    title: z.string(),
    display: displaySchema.optional(),
    text: z.string().optional(),
  })
  .openapi('SharedTile', { description: 'A part of a board, without its question.' });

const sharedVariableSchema = z
  .object({
    name: z.string(),
    label: z.string(),
    choices: z.array(z.object({ value: z.unknown(), label: z.string().optional() })),
    multiple: z.boolean(),
    default: z.unknown(),
  })
  .openapi('SharedVariable', { description: 'What whoever has the link may choose.' });

/** What a link shows. */
export const sharedSchema = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('board'),
        ...sharedFields,
        tiles: z.array(sharedTileSchema),
        variables: z.array(sharedVariableSchema),
      })
      .openapi('SharedBoard'),
    z
      .object({ kind: z.literal('insight'), ...sharedFields, display: displaySchema })
      .openapi('SharedInsight'),
  ])
  .openapi('Shared');
export type Shared = z.infer<typeof sharedSchema>;

/** Asks for the answers of what a link shows. */
export const askSharedSchema = z
  .strictObject({
    variables: variableValuesSchema.default({}).openapi({
      description: 'Boards: of the kind `choice`, and not fixed by the link.',
    }),
    tiles: z.array(z.string().max(40)).min(1).max(100).optional(),
  })
  .openapi('AskShared', { example: {} });
export type AskShared = z.infer<typeof askSharedSchema>;

/** The answers of what a link shows. */
export const sharedAnswersSchema = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('board'),
        ...momentShape,
        variables: variableValuesSchema,
        tiles: boardAnswersSchema.shape.tiles,
      })
      .openapi('SharedBoardAnswers'),
    z
      .object({
        kind: z.literal('insight'),
        ...momentShape,
        answer: queryAnswerSchema.openapi({ example: ANSWER_EXAMPLE }),
      })
      .openapi('SharedInsightAnswer'),
  ])
  .openapi('SharedAnswers');
export type SharedAnswers = z.infer<typeof sharedAnswersSchema>;
