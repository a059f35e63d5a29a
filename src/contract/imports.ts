import { z } from '@hono/zod-openapi';

import { cursorSchema, instantSchema, nextCursorSchema } from './common.ts';

/** Bounds of the import routes. */
export const IMPORT_LIMITS = {
  /** Ranges of rows in one answer. */
  rangesMax: 10_000,
  /** Ids in one look-up. */
  idsMax: 1_000,
  idLengthMax: 2_000,
  /** Longest wait for rows that are acknowledged but not yet queryable, milliseconds. */
  waitMsMax: 30_000,
  /** Imports of one project that are listed; of those beyond, the ones that rest longest are forgotten. */
  listedMax: 1_000,
} as const;

/** Imports of one page. */
export const IMPORTS_PAGE = { default: 50, max: 200 } as const;

/** Query string of `GET /api/imports`. */
export const importsQuerySchema = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(IMPORTS_PAGE.max)
    .default(IMPORTS_PAGE.default)
    .openapi({ description: 'Imports of the page.' }),
  cursor: cursorSchema.optional().openapi({
    description:
      'Goes on behind an earlier page: the `next_cursor` of its answer. An import that goes on meanwhile moves to the front.',
    example: '1768824000000:ba7816bf8f01cfea',
  }),
});
export type ImportsQuery = z.infer<typeof importsQuerySchema>;

const countSchema = z.number().int();

const listedImportSchema = z
  .object({
    id: z.string().openapi({
      description: 'Its name, as it was declared: `backfill` of `POST /api/events/batch`.',
      example: 'ba7816bf8f01cfea',
    }),
    begun_at: instantSchema.openapi({ description: 'When its first body was taken in.' }),
    continued_at: instantSchema.openapi({ description: 'When its last body was taken in.' }),
    sent_by: z.string().openapi({ description: 'Who sent that.', example: 'Team of the shop' }),
    bodies: countSchema.openapi({ description: 'Bodies that were taken in.', example: 109 }),
    accepted: countSchema.openapi({
      description:
        'Events that were taken in. Those that were sent again, after an answer was lost, count again; they are stored once.',
      example: 541_900,
    }),
    rejected: countSchema.openapi({ description: 'Events that were refused at once.', example: 9 }),
    bytes: countSchema.openapi({ description: 'Of the bodies, decompressed.', example: 68_412_007 }),
  })
  .openapi('ListedImport');
export type ListedImport = z.infer<typeof listedImportSchema>;

/** Answer to `GET /api/imports`. */
export const importsAnswerSchema = z
  .object({
    imports: z.array(listedImportSchema).openapi({ description: 'Those that went on last first.' }),
    next_cursor: nextCursorSchema,
  })
  .openapi('ImportsAnswer');
export type ImportsAnswer = z.infer<typeof importsAnswerSchema>;

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
