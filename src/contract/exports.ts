import { z } from '@hono/zod-openapi';

import { instantSchema, positionSchema } from './common.ts';
import { queryRequestSchema } from './query.ts';
import { rangeSchema, timeZoneSchema } from './question.ts';
import { SQL_LIMITS, sqlRequestSchema } from './sql.ts';

/** Limits of exports. */
export const EXPORT_LIMITS = {
  /** Exports of one project. */
  exportsMax: 100,
  /** Files of one export that are kept. */
  keepMax: 1_000,
  /** Runs of one export that are remembered, beside those whose files are kept. */
  runsMax: 200,
  /** Runs at a time, of all projects. */
  runningMax: 2,
  /** How often a run is tried. */
  attemptsMax: 3,
  /** Rows of one file. */
  rowsMax: 200_000,
  /** Pages of a list that are put into one file. */
  pagesMax: 200,
  /** Characters of a name. */
  nameMax: 100,
  /** Characters of a folder, and of a pattern of file names. */
  pathMax: 120,
  /** Characters of what is exported, as JSON. */
  contentMax: 200_000,
  /** How long a statement may take, milliseconds. */
  timeoutMs: 10 * 60_000,
} as const;

/** What files may be written as. */
export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet', 'arrow'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Days of the week, Monday first. */
export const WEEK_DAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

const atSchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'is a time of day such as "06:30"')
  .openapi({
    description:
      'Local time in `timezone`. On a day without that time (clocks go forward) the export runs as much later as the clocks were moved; where it is there twice, the first time: once a day, every day.',
    example: '06:30',
  });

const LAST_MINUTE = 59;
const LAST_DAY = 31;

const scheduleSchema = z
  .discriminatedUnion('every', [
    z.strictObject({
      every: z.literal('hour'),
      minute: z.number().int().min(0).max(LAST_MINUTE).default(0),
      timezone: timeZoneSchema,
    }),
    z.strictObject({ every: z.literal('day'), at: atSchema, timezone: timeZoneSchema }),
    z.strictObject({
      every: z.literal('week'),
      on: z.enum(WEEK_DAYS).default('monday'),
      at: atSchema,
      timezone: timeZoneSchema,
    }),
    z.strictObject({
      every: z.literal('month'),
      day: z.number().int().min(1).max(LAST_DAY).default(1).openapi({
        description: 'Day of the month; in a shorter month its last day.',
      }),
      at: atSchema,
      timezone: timeZoneSchema,
    }),
  ])
  .openapi('ExportSchedule', { example: { every: 'day', at: '06:30', timezone: 'Europe/Berlin' } });
export type ExportSchedule = z.infer<typeof scheduleSchema>;

const whatSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('question'),
      question: queryRequestSchema.openapi({ description: 'Any question of `POST /api/query`.' }),
    }),
    z.strictObject({
      kind: z.literal('insight'),
      insight: z.string().min(1).max(64).openapi({
        description: 'Id of a saved insight, as it is when the export runs.',
        example: 'ins_00112233445566ff',
      }),
    }),
    z.strictObject({
      kind: z.literal('sql'),
      sql: z.string().min(1).max(SQL_LIMITS.textMax).openapi({
        description:
          'A SELECT as `POST /api/sql` takes it. Needs the permission `sql:run`. With `range` it may use `{from:DateTime64(3)}` and `{to:DateTime64(3)}`.',
      }),
      parameters: sqlRequestSchema.shape.parameters,
    }),
  ])
  .openapi('ExportContent', {
    description: 'What is exported: a question, a saved insight, or SQL.',
    example: { kind: 'question', question: { kind: 'trend', by: ['country'], interval: '1h' } },
  });
export type ExportContent = z.infer<typeof whatSchema>;

const SEGMENT = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?';

const folderSchema = z
  .string()
  .max(EXPORT_LIMITS.pathMax)
  .regex(
    new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,3}$`, 'u'),
    'is made of up to four names of letters, digits, ".", "_" and "-", with "/" between them; none begins or ends with "."',
  )
  .openapi({
    description:
      'Where the files are, below the folder of the project. No two exports of a project share one.',
    example: 'reports/daily',
  });

/** What stands for something in the pattern of file names. */
export const FILE_WORDS = ['name', 'date', 'time', 'from'] as const;

const fileSchema = z
  .string()
  .max(EXPORT_LIMITS.pathMax)
  .regex(
    new RegExp(
      `^(?:[A-Za-z0-9_-]|\\{(?:${FILE_WORDS.join('|')})\\})(?:[A-Za-z0-9._-]|\\{(?:${FILE_WORDS.join('|')})\\})*$`,
      'u',
    ),
    'is made of letters, digits, ".", "_", "-" and {name}, {date}, {time}, {from}',
  )
  .default('{name}_{date}_{time}')
  .openapi({
    description:
      'Names of the files, without ending: `{name}` is that of the export, `{date}` and `{time}` are when the run was due, `{from}` is the day on which its range begins; all in the zone of the schedule. The same name again replaces the file.',
    example: '{name}_{from}',
  });

const exportFields = {
  name: z.string().trim().min(1).max(EXPORT_LIMITS.nameMax).openapi({ example: 'Visits by country' }),
  description: z
    .string()
    .max(EXPORT_LIMITS.nameMax * 10)
    .default(''),
  what: whatSchema,
  format: z.enum(EXPORT_FORMATS).default('csv'),
  schedule: scheduleSchema.nullable().default(null).openapi({
    description: 'When it runs. Null: only when asked to, by `POST /api/exports/{id}/run`.',
  }),
  range: rangeSchema.optional().openapi({
    description:
      'Instead of the range of the question. Relative ranges are relative to when the run was due: `yesterday` is the day before that, whenever it runs.',
    example: 'yesterday',
  }),
  folder: folderSchema.optional().openapi({ description: 'Made of the name if absent.' }),
  file: fileSchema,
  keep: z.number().int().min(1).max(EXPORT_LIMITS.keepMax).default(30).openapi({
    description: 'So many files are kept; older ones are deleted.',
  }),
  paused: z.boolean().default(false).openapi({ description: 'Whether the schedule rests.' }),
} as const;

/** An export to be saved. */
export const newExportSchema = z.strictObject(exportFields).openapi('NewExport', {
  example: {
    name: 'Visits by country',
    what: { kind: 'question', question: { kind: 'trend', by: ['country'], interval: '1h' } },
    format: 'parquet',
    schedule: { every: 'day', at: '06:30', timezone: 'Europe/Berlin' },
    range: 'yesterday',
    file: 'visits_{from}',
    keep: 90,
  },
});
export type NewExport = z.infer<typeof newExportSchema>;
/** The same as it is sent: what has a default may be left out. */
export type NewExportInput = z.input<typeof newExportSchema>;

/** What an export shall be from now on. */
export const exportChangeSchema = z
  .strictObject({
    ...exportFields,
    version: z.number().int().min(1).openapi({
      description: 'The version that this change was made from: if there is a later one, 409.',
    }),
  })
  .openapi('ExportChange');
export type ExportChange = z.infer<typeof exportChangeSchema>;

const idSchema = z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'exp_00112233445566ff' });

/** The address of an export. */
export const exportPathSchema = z.object({ id: idSchema });

/** The address of a file of an export. */
export const exportFilePathSchema = z.object({
  id: idSchema,
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'visits_2026-11-20.parquet' }),
});

/** Query string of removing one. */
export const removeExportQuerySchema = z.strictObject({
  files: z.enum(['true', 'false']).default('false').openapi({
    description: '`true`: its files are deleted too. They stay where they are otherwise.',
  }),
});

/** Whether a run is, by now. */
export const RUN_STATES = ['waiting', 'running', 'done', 'failed'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A run of an export. */
export const exportRunSchema = z
  .object({
    id: z.string().openapi({ example: 'run_00112233445566ff' }),
    state: z.enum(RUN_STATES).openapi({ example: 'done' }),
    by_hand: z.boolean().openapi({ description: 'Whether somebody asked for it; it was due otherwise.' }),
    due_at: instantSchema,
    started_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
    duration_ms: z.number().int().nullable().openapi({ example: 412 }),
    attempts: z.number().int().openapi({ description: 'How often it was tried.', example: 1 }),
    next_attempt_at: instantSchema.nullable(),
    file: z.string().nullable().openapi({
      description: 'The file that it wrote; null: none, or it is deleted.',
      example: 'visits_2026-11-20.parquet',
    }),
    rows: z.number().int().nullable().openapi({ example: 240 }),
    bytes: z.number().int().nullable().openapi({ example: 8_112 }),
    as_of: positionSchema.nullable().openapi({ description: 'Every event up to there is in the file.' }),
    error: z.string().nullable().openapi({ description: 'Why it failed, or failed last.' }),
  })
  .openapi('ExportRun');
export type ExportRun = z.infer<typeof exportRunSchema>;

/** A saved export. */
export const exportSchema = z
  .object({
    id: z.string().openapi({ example: 'exp_00112233445566ff' }),
    ...exportFields,
    range: rangeSchema.nullable(),
    folder: z.string().openapi({ example: 'reports/daily' }),
    version: z.number().int().openapi({ description: 'One more with each change.', example: 1 }),
    owner: z.string().openapi({
      description:
        'Who saved it last. It runs with the rights of a reader of the project, as long as its owner may see what it writes.',
      example: 'ada@example.com',
    }),
    next_run_at: instantSchema.nullable(),
    stopped: z
      .string()
      .nullable()
      .openapi({ description: 'Why it does not run any more. Saving it anew starts it.' }),
    last_run: exportRunSchema.nullable(),
    created_at: instantSchema,
    updated_at: instantSchema,
  })
  .openapi('Export');
export type ExportAnswer = z.infer<typeof exportSchema>;

/** All exports of a project. */
export const exportsAnswerSchema = z
  .object({ exports: z.array(exportSchema).openapi({ description: 'By name.' }) })
  .openapi('ExportsAnswer');
export type ExportsAnswer = z.infer<typeof exportsAnswerSchema>;

/** Runs of an export. */
export const exportRunsAnswerSchema = z
  .object({ runs: z.array(exportRunSchema).openapi({ description: 'Newest first.' }) })
  .openapi('ExportRunsAnswer');
export type ExportRunsAnswer = z.infer<typeof exportRunsAnswerSchema>;

/** Files of an export. */
export const exportFilesAnswerSchema = z
  .object({
    files: z
      .array(
        z
          .object({
            name: z.string().openapi({ example: 'visits_2026-11-20.parquet' }),
            bytes: z.number().int(),
            rows: z.number().int(),
            as_of: positionSchema.nullable(),
            written_at: instantSchema,
            run: z.string().openapi({ example: 'run_00112233445566ff' }),
          })
          .openapi('ExportFile'),
      )
      .openapi({ description: 'Newest first.' }),
  })
  .openapi('ExportFilesAnswer');
export type ExportFilesAnswer = z.infer<typeof exportFilesAnswerSchema>;

/** An export that is no more. */
export const removedExportSchema = z
  .object({
    id: z.string(),
    removed: z.literal(true),
    files_deleted: z.number().int().openapi({ example: 0 }),
  })
  .openapi('RemovedExport');
export type RemovedExport = z.infer<typeof removedExportSchema>;
