import { z } from '@hono/zod-openapi';

import { instantParameterSchema, instantSchema } from './common.ts';
import { instantInputSchema } from './question.ts';
import { fromVersionSchema, savedStamps } from './saved.ts';

/** Limits of annotations. */
export const ANNOTATION_LIMITS = {
  /** Annotations of one project. */
  annotationsMax: 5_000,
  /** Annotations in one answer: the newest. */
  listMax: 1_000,
  /** Characters of a text. */
  textMax: 1_000,
} as const;

const objectSchema = (kind: string, example: string) =>
  z
    .string()
    .min(1)
    .max(64)
    .optional()
    .openapi({
      description: `Only the charts of this ${kind} show it. Name a board, an insight or neither.`,
      example,
    });

const fields = {
  text: z.string().trim().min(1).max(ANNOTATION_LIMITS.textMax).openapi({ example: 'Version 3.9 is out' }),
  from: instantInputSchema.openapi({
    description: 'When. ISO 8601 or milliseconds since 1970; without a zone it is UTC.',
    example: '2026-11-20T12:00:00Z',
  }),
  to: instantInputSchema
    .optional()
    .openapi({ description: 'End, not included. An instant if absent.', example: '2026-11-20T14:00:00Z' }),
  board: objectSchema('board', 'brd_00112233445566ff'),
  insight: objectSchema('insight', 'ins_00112233445566ff'),
} as const;

/** A note to be put on the time axis. */
export const newAnnotationSchema = z.strictObject(fields).openapi('NewAnnotation', {
  example: { text: 'Version 3.9 is out', from: '2026-11-20T12:00:00Z' },
});
export type NewAnnotation = z.infer<typeof newAnnotationSchema>;

/** What an annotation shall be from now on. */
export const annotationChangeSchema = z
  .strictObject({ ...fields, version: fromVersionSchema })
  .openapi('AnnotationChange');
export type AnnotationChange = z.infer<typeof annotationChangeSchema>;

/** The address of an annotation. */
export const annotationPathSchema = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'ann_00112233445566ff' }),
});

/** A note on the time axis. */
export const annotationSchema = z
  .object({
    id: z.string().openapi({ example: 'ann_00112233445566ff' }),
    text: z.string(),
    from: instantSchema,
    to: instantSchema.nullable().openapi({ description: 'End, not included. Null: an instant.' }),
    board: z.string().nullable(),
    insight: z.string().nullable(),
    ...savedStamps,
  })
  .openapi('Annotation');
export type AnnotationAnswer = z.infer<typeof annotationSchema>;

/** Which annotations. */
export const annotationsQuerySchema = z.strictObject({
  from: instantParameterSchema.optional().openapi({ example: 'now-30d' }),
  to: instantParameterSchema.optional().openapi({ description: 'End, not included.', example: 'now' }),
  board: z.string().min(1).max(64).optional().openapi({ description: 'With those of this board.' }),
  insight: z.string().min(1).max(64).optional().openapi({ description: 'With those of this insight.' }),
});
export type AnnotationsQuery = z.infer<typeof annotationsQuerySchema>;

/** Annotations that lie in a stretch of time, or reach into it. */
export const annotationsAnswerSchema = z
  .object({
    annotations: z.array(annotationSchema).openapi({ description: 'In the order of time.' }),
    truncated: z.boolean().openapi({ description: 'There are more than 1,000: these are the newest.' }),
  })
  .openapi('AnnotationsAnswer');
export type AnnotationsAnswer = z.infer<typeof annotationsAnswerSchema>;
