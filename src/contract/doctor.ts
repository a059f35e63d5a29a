import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** `ok`: all is well. `warning`: it works, but may not always. `failed`: it does not work. */
export const FINDING_STATES = ['ok', 'warning', 'failed'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

const findingSchema = z
  .object({
    check: z.string().openapi({ example: 'Disk flush' }),
    about: z.string().openapi({
      description: 'What is looked at, and what it would mean if it were not well.',
      example: 'The disk flushes, and fast enough.',
    }),
    state: z.enum(FINDING_STATES),
    detail: z.string().openapi({ description: 'What was found.', example: '0.31 ms for 4 KiB' }),
    advice: z.string().nullable().openapi({
      description: 'What to do. Null: nothing, or `detail` says it.',
    }),
  })
  .openapi('Finding');

/** What the checks found when they were run last. */
export const examinationSchema = z
  .object({
    at: instantSchema,
    elapsed_ms: z.number(),
    state: z.enum(FINDING_STATES).openapi({ description: 'The worst of the findings.' }),
    findings: z.array(findingSchema),
  })
  .openapi('Examination');
export type Examination = z.infer<typeof examinationSchema>;

/** Answer to `GET /api/system/doctor`. */
export const doctorAnswerSchema = z
  .object({
    running: z.boolean().openapi({ description: 'The checks are being run now.' }),
    last: examinationSchema.nullable().openapi({ description: 'Null: they were not run since the start.' }),
  })
  .openapi('DoctorAnswer');
export type DoctorAnswer = z.infer<typeof doctorAnswerSchema>;
