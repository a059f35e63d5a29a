import { z } from '@hono/zod-openapi';

/** What an answer may be written as, by its name in `?format=`. */
export const FORMATS = ['json', 'csv', 'ndjson', 'parquet', 'arrow', 'arrow_stream'] as const;
export type Format = (typeof FORMATS)[number];

/** A format of tables: all but JSON. */
export type TableFormat = Exclude<Format, 'json'>;

/** Media types of tables by format. */
export const TABLE_MEDIA: Readonly<Record<TableFormat, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.file',
  arrow_stream: 'application/vnd.apache.arrow.stream',
};

/** Query string of routes whose answers can be tables. */
export const formatQuerySchema = z.strictObject({
  format: z.enum(FORMATS).optional().openapi({
    description:
      'What the answer is written as; goes before the header `Accept`. All but `json` are the flat form of the answer, a table: one file to download. JSON if neither says otherwise.',
    example: 'csv',
  }),
});

/** Query string of `POST /api/query`. */
export const askQuerySchema = formatQuerySchema.extend({
  async: z.enum(['true', 'false']).default('false').openapi({
    description:
      '`true`: answers at once with 202 and an id; `GET /api/query/{id}` says how far it is, `GET /api/query/{id}/answer` gives the answer, in any format. For questions that take long.',
    example: 'true',
  }),
});
