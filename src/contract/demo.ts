import { z } from '@hono/zod-openapi';
import { DEMO_LIMITS, DEMO_PROJECT } from './demo-limits.ts';

/** Where a demo is. */
export const DEMO_STATES = [
  'absent',
  'starting',
  'backfilling',
  'live',
  'stopping',
  'clearing',
  'failed',
] as const;
export type DemoStateName = (typeof DEMO_STATES)[number];

const whole = ({ min, max, usual }: { min: number; max: number; usual: number }) =>
  z.number().int().min(min).max(max).default(usual);

/** Body of `POST /api/demo`. */
export const newDemoSchema = z
  .strictObject({
    days: whole(DEMO_LIMITS.days).openapi({ description: 'Days of history.' }),
    events: whole(DEMO_LIMITS.events).openapi({ description: 'Events of history, at least.' }),
    rate: whole(DEMO_LIMITS.rate).openapi({ description: 'Events a second from now on.' }),
  })
  .openapi('NewDemo');
export type NewDemo = z.output<typeof newDemoSchema>;

/** Answer to every request to `/api/demo`. */
export const demoAnswerSchema = z
  .object({
    state: z.enum(DEMO_STATES).openapi({
      description:
        '`backfilling`: live events flow already, and history comes in. `failed`: it has given up; `message` says why.',
    }),
    project: z.literal(DEMO_PROJECT).openapi({ description: 'The project that it has for itself.' }),
    backfilled: z.int().openapi({ description: 'Events of history that are durable.' }),
    of: z.int().openapi({ description: 'Events of history that there are to be; exact once all are there.' }),
    rate: z.int().openapi({ description: 'Live events a second.' }),
    days: z.int().openapi({ description: 'Days of history.' }),
    message: z.string().nullable().openapi({
      description: 'What keeps it from going on, and what to do. Null: nothing.',
    }),
  })
  .openapi('Demo');
export type DemoAnswer = z.infer<typeof demoAnswerSchema>;
