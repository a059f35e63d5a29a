import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** Bounds of the import routes. */
export const IMPORT_LIMITS = {
  /** Ranges of rows in one answer. */
  rangesMax: 10_000,
  /** Ids in one look-up. */
  idsMax: 1_000,
  idLengthMax: 2_000,
  /** Longest wait for rows that are acknowledged but not yet queryable, milliseconds. */
  waitMsMax: 30_000,
} as const;

/** Path of the import routes. */
export const importPathSchema = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"')
    .openapi({
      param: { name: 'id', in: 'path' },
      description:
        "Name of the import: the first 16 hexadecimal digits of the file's SHA-256, and `-2`, `-3` … for the file imported again.",
      example: 'ba7816bf8f01cfea',
    }),
});

/** Query string of `GET /api/imports/{id}`. */
export const importQuerySchema = z.strictObject({
  wait_ms: z.coerce
    .number()
    .int()
    .min(0)
    .max(IMPORT_LIMITS.waitMsMax)
    .default(10_000)
    .openapi({ description: 'How long to wait until everything that was acknowledged before is queryable.' }),
  from_row: z.coerce
    .number()
    .int()
    .min(1)
    .default(1)
    .openapi({ description: 'Look only at rows from here on: for the next page of a long list of ranges.' }),
});
/** See `importQuerySchema`. */
export type ImportQuery = z.infer<typeof importQuerySchema>;

const rowRangeSchema = z.tuple([z.number().int(), z.number().int()]).openapi({
  description: 'First and last row, both inclusive, counted from 1.',
  example: [120_001, 125_000],
});

const rangesSchema = z
  .object({
    ranges: z.array(rowRangeSchema),
    complete: z
      .boolean()
      .openapi({ description: 'False: there are more; ask again with `from_row` behind the last range.' }),
  })
  .openapi('RowRanges');

/** Answer to `GET /api/imports/{id}`: what is there of an import. */
export const importAnswerSchema = z
  .object({
    id: z.string().openapi({ example: 'ba7816bf8f01cfea' }),
    settled: z.boolean().openapi({
      description:
        'Whether everything acknowledged before the request is counted. False: it was not all queryable in time; ask again.',
    }),
    stored: z.number().int().openapi({ description: 'Rows that are stored events.', example: 541_900 }),
    quarantined: z
      .number()
      .int()
      .openapi({ description: 'Rows that were refused, and not stored later either.', example: 9 }),
    next_row: z.number().int().openapi({
      description: 'The first row, counted from 1, that is neither stored nor quarantined.',
      example: 541_910,
    }),
    last_row: z
      .number()
      .int()
      .openapi({ description: 'The last row that is; 0 for an unknown import.', example: 541_909 }),
    missing: rangesSchema.openapi({
      description: 'Rows before `last_row` that are neither stored nor quarantined.',
    }),
    quarantined_rows: rangesSchema.openapi({ description: 'The quarantined rows.' }),
    first_timestamp: instantSchema.nullable(),
    last_timestamp: instantSchema.nullable(),
  })
  .openapi('ImportAnswer');
/** See `importAnswerSchema`. */
export type ImportAnswer = z.infer<typeof importAnswerSchema>;

/** Body of `POST /api/imports/{id}/known`. */
export const knownIdsRequestSchema = z
  .strictObject({
    ids: z.array(z.string().min(1).max(IMPORT_LIMITS.idLengthMax)).min(1).max(IMPORT_LIMITS.idsMax),
  })
  .openapi('KnownIdsRequest');

/** Answer to `POST /api/imports/{id}/known`. */
export const knownIdsAnswerSchema = z
  .object({
    settled: z.boolean(),
    known: z.array(z.number().int()).openapi({
      description: 'Places in `ids`, from 0, of those that are stored or quarantined already.',
      example: [0, 1],
    }),
  })
  .openapi('KnownIdsAnswer');
/** See `knownIdsAnswerSchema`. */
export type KnownIdsAnswer = z.infer<typeof knownIdsAnswerSchema>;
