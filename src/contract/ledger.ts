import { z } from '@hono/zod-openapi';

import { instantParameterSchema, instantSchema, positionSchema } from './common.ts';

/** Minutes of one answer. */
export const LEDGER_MINUTES_MAX = 10_080;

/** Query string of `GET /api/ledger`. */
export const ledgerQuerySchema = z.strictObject({
  by: z
    .enum(['total', 'minute'])
    .default('total')
    .openapi({ description: 'One sum, or one entry a minute of receipt as well.' }),
  since: instantParameterSchema.optional().openapi({
    description:
      'Only events received in the minute of this instant or later. Everything if absent; with `by=minute` the last hour.',
    example: 'now-1h',
  }),
  until: instantParameterSchema.optional().openapi({
    description:
      'Only events received before this instant (rounded up to a minute). Everything if absent; with `by=minute` up to now.',
  }),
});
export type LedgerQuery = z.infer<typeof ledgerQuerySchema>;

const count = (description: string, example: number) => z.number().int().openapi({ description, example });

const accountsShape = {
  received: count('Events that entered, refused ones included.', 1000),
  stored: count("Rows in the warehouse, by the warehouse's own count.", 990),
  duplicate: count('Ids that were stored before.', 4),
  stale: count('Too old, or too far in the future.', 1),
  quarantined: count('Not understood; kept with reason and bytes.', 2),
  blocked: count('Refused by a rule.', 0),
  pending: count('Durable, but not loaded yet.', 3),
  difference: count(
    'received - (stored + duplicate + stale + quarantined + blocked + pending). Anything but 0 is a fault.',
    0,
  ),
};

/** Accounts of the ledger over some stretch of time. */
export const ledgerAccountsSchema = z
  .object({
    ...accountsShape,
    reasons: z.record(z.string(), z.number().int()).openapi({
      description: 'The refused events by reason.',
      example: { duplicate_id: 4, too_old: 1, missing_type: 2 },
    }),
  })
  .openapi('LedgerAccounts');
export type LedgerAccounts = z.infer<typeof ledgerAccountsSchema>;

const ledgerMinuteSchema = z
  .object({ minute: instantSchema, ...ledgerAccountsSchema.shape })
  .openapi('LedgerMinute');
export type LedgerMinute = z.infer<typeof ledgerMinuteSchema>;

/** Answer to `GET /api/ledger`. */
export const ledgerAnswerSchema = z
  .object({
    balanced: z.boolean().openapi({ description: 'Whether it adds up, in every minute.' }),
    unbalanced_minutes: z
      .array(instantSchema)
      .openapi({ description: 'The minutes that do not add up; at most 100.', example: [] }),
    as_of: positionSchema
      .nullable()
      .openapi({ description: 'The governed position up to which the warehouse was counted.' }),
    range: z.object({ from: instantSchema.nullable(), to: instantSchema }),
    total: ledgerAccountsSchema,
    minutes: z
      .array(ledgerMinuteSchema)
      .optional()
      .openapi({ description: 'With `by=minute`: minutes with events, in order.' }),
  })
  .openapi('LedgerAnswer', {
    description:
      'Double entry: what was received is counted where events enter, what became of it where it is decided, and `stored` in the warehouse itself.',
  });
export type LedgerAnswer = z.infer<typeof ledgerAnswerSchema>;
