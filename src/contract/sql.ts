import { z } from '@hono/zod-openapi';

import { jsonValueSchema, positionSchema } from './common.ts';
import { freshnessSchema, statisticsSchema } from './question.ts';

/** The limits of one statement, said in the schema and enforced. */
export const SQL_LIMITS = {
  /** Characters of a statement, and of one with its parameters put in. */
  textMax: 100_000,
  /** Parameters of a statement. */
  parametersMax: 100,
  /** Values in one parameter that is a list. */
  listValuesMax: 10_000,
  /** Rows of an answer. */
  rowsMax: 100_000,
  rowsDefault: 1_000,
  timeoutMsMin: 100,
} as const;

const scalarSchema = z.union([z.string().max(SQL_LIMITS.textMax), z.number(), z.boolean(), z.null()]);

const parameterSchema = z
  .union([scalarSchema, z.array(scalarSchema).max(SQL_LIMITS.listValuesMax)])
  .openapi({ description: 'A text, a number, a boolean, null, or a list of them.', example: 'DE' });
export type SqlParameter = z.infer<typeof parameterSchema>;

/** Forms of an answer. */
export const SQL_FORMATS = ['json', 'csv', 'ndjson', 'parquet', 'arrow'] as const;
export type SqlFormat = (typeof SQL_FORMATS)[number];

/** A question in SQL. */
export const sqlRequestSchema = z
  .strictObject({
    sql: z.string().min(1).max(SQL_LIMITS.textMax).openapi({
      description:
        'One SELECT in ClickHouse’s SQL over the tables `events`, `refused` and `rollup_10s`, which hold the rows of your project.',
      example: 'SELECT country, count() AS events FROM events GROUP BY country ORDER BY events DESC',
    }),
    parameters: z
      .record(z.string().regex(/^[A-Za-z_]\w{0,63}$/), parameterSchema)
      .default({})
      .refine((given) => Object.keys(given).length <= SQL_LIMITS.parametersMax, {
        message: `At most ${SQL_LIMITS.parametersMax} parameters.`,
      })
      .openapi({
        description:
          'Values of `{name:Type}` in the statement: safe whatever they hold. A type is one of ClickHouse’s, as `String`, `UInt32`, `DateTime64(3)`, `Array(String)`.',
        example: { country: 'DE' },
      }),
    limit: z.number().int().min(1).max(SQL_LIMITS.rowsMax).default(SQL_LIMITS.rowsDefault).openapi({
      description: 'Rows of the answer at most; `truncated` says whether there would be more.',
    }),
    timeout_ms: z.number().int().min(SQL_LIMITS.timeoutMsMin).optional().openapi({
      description:
        'The statement is ended after so long. The option `query-timeout-ms` if absent, which is also the most.',
      example: 10_000,
    }),
    format: z.enum(SQL_FORMATS).default('json').openapi({
      description:
        '`csv` (with a line of names) and `ndjson` (an object a row) come as they are, `parquet` and `arrow` as a file; what `json` says beside the rows then stands in the headers `X-Aevum-Truncated` and `X-Aevum-As-Of`.',
    }),
  })
  .openapi('SqlRequest', {
    example: {
      sql: 'SELECT toDate(time) AS day, uniq(user_id) AS users FROM events WHERE country = {country:String} GROUP BY day ORDER BY day',
      parameters: { country: 'DE' },
      limit: 100,
    },
  });
export type SqlRequest = z.infer<typeof sqlRequestSchema>;

/** The answer to a question in SQL, as JSON. */
export const sqlAnswerSchema = z
  .object({
    columns: z
      .array(
        z.object({
          name: z.string().openapi({ example: 'day' }),
          type: z.string().openapi({ description: 'ClickHouse’s name of the type.', example: 'Date' }),
        }),
      )
      .openapi({ description: 'In the order of the values in each row.' }),
    rows: z.array(z.array(jsonValueSchema)).openapi({
      description:
        'Each row is a list, in the order of `columns`. Integers beyond 2^53 and Decimals are texts, exact; times are ISO 8601 in UTC; not-a-number is null.',
      example: [['2026-11-20', 1204]],
    }),
    row_count: z.number().int().openapi({ example: 1 }),
    truncated: z.boolean().openapi({ description: 'There are more rows than `limit`.', example: false }),
    as_of: positionSchema.nullable().openapi({
      description:
        'Every event up to this position of the governed log is in the answer; a few later ones may be. Null: nothing was loaded yet.',
    }),
    freshness: freshnessSchema,
    statistics: statisticsSchema,
  })
  .openapi('SqlAnswer');
export type SqlAnswer = z.infer<typeof sqlAnswerSchema>;

/** Where a statement is wrong: `details` of the errors `invalid_sql` and `sql_refused`. */
export interface SqlErrorDetails {
  /** From 1; null where the engine does not say. */
  readonly line: number | null;
  readonly column: number | null;
  /** The line, and below it the place. */
  readonly excerpt: string | null;
  /** What may have been meant, best first. */
  readonly suggestions: readonly string[];
}

const tableSchema = z
  .object({
    name: z.string().openapi({ example: 'events' }),
    doc: z.string().openapi({ example: 'Every stored event, once.' }),
    columns: z.array(
      z.object({
        name: z.string().openapi({ example: 'user_id' }),
        type: z.string().openapi({ description: 'ClickHouse’s name of the type.', example: 'String' }),
        doc: z.string().openapi({ example: 'Who; empty for nobody known.' }),
      }),
    ),
  })
  .openapi('SqlTable');
export type SqlTable = z.infer<typeof tableSchema>;

/** Answer to `GET /api/sql/schema`: what a statement may name. */
export const sqlSchemaAnswerSchema = z
  .object({
    tables: z.array(tableSchema),
    functions: z
      .array(
        z.object({
          title: z.string().openapi({ example: 'Aggregates' }),
          kind: z.enum(['scalar', 'aggregate']),
          names: z.array(z.string()).openapi({ example: ['count', 'sum'] }),
        }),
      )
      .openapi({ description: 'By topic.' }),
    combinators: z.array(z.string()).openapi({
      description: 'Endings of aggregates, up to three: `countIf`, `avgOrNull`.',
      example: ['If', 'OrNull'],
    }),
    limits: z.object({
      rows_max: z.number().int().openapi({ description: 'The most that `limit` may be.', example: 100_000 }),
      timeout_ms_max: z
        .number()
        .int()
        .openapi({ description: 'The most that `timeout_ms` may be.', example: 30_000 }),
    }),
  })
  .openapi('SqlSchemaAnswer');
export type SqlSchemaAnswer = z.infer<typeof sqlSchemaAnswerSchema>;
