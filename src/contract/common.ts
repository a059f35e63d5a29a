import { z } from '@hono/zod-openapi';

import { ERRORS, type ErrorCode } from '../event/errors.ts';

/** Instants in answers: ISO 8601 in UTC with milliseconds. */
export const instantSchema = z.string().openapi({
  format: 'date-time',
  description: 'ISO 8601, UTC, milliseconds.',
  example: '2026-11-20T12:00:00.000Z',
});

/** Positions in answers: decimal text, because they may outgrow what a JSON number holds in some languages. */
export const positionSchema = z.string().openapi({
  description:
    'A position in a log, as decimal text. Positions of one log increase; compare them as numbers.',
  example: '48211',
});

/** Names that are shown in lists, terminals included. */
export const PLAIN_TEXT = /^\P{Cc}*$/u;
/** What is told of others. */
export const NOT_PLAIN = 'Use no control characters.';

/** Positions that are asked for: a governed one, as answers tell them. */
export const askedPositionSchema = z
  .string()
  .regex(
    /^(?:0|[1-9]\d{0,19})$/u,
    'is not a position: send the "as_of" of an earlier answer, digits in quotes',
  )
  .openapi({
    description: 'A position of the governed log, as `as_of` of answers tells it.',
    example: '48211',
  });

/** Up to where a list sees, in a query string. */
export const asOfParameterSchema = askedPositionSchema.optional().openapi({
  description:
    'Only events up to this position of the governed log are seen: send the `as_of` of the first page with the next ones, and pages never shift.',
  example: '48211',
});

/** Any JSON value. */
export const jsonValueSchema = z.unknown().openapi({ description: 'Any JSON value.' });

const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** The one shape of every error answer. */
export const errorAnswerSchema = z
  .object({
    error: z.object({
      code: z
        .enum(ERROR_CODES)
        .openapi({ description: 'Stable: programs may switch on it.', example: 'invalid_request' }),
      message: z.string().openapi({
        description: 'What happened and what to do, for people. May change.',
        example:
          '"interval": "2h" is not an interval. Use one of auto, 10s, 30s, 1m, 5m, 15m, 1h, 1d, 1w, 1M, total.',
      }),
      details: jsonValueSchema.optional().openapi({
        description: 'For programs. For a query that was refused: one `{path, message}` a problem.',
      }),
    }),
  })
  .openapi('Error', {
    description:
      'Every answer that is an error has this shape. Where sending again may help, `Retry-After` says after how many seconds.',
  });

/** One problem of a refused request, in `error.details`. */
export interface RequestProblem {
  /** Where in the request, for example `filter.and.0.field`. Empty: the request as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A text that continues a list where the answer before ended. */
export const cursorSchema = z.string().max(1_000).openapi({
  description:
    'Goes on behind an earlier page: the `next_cursor` of its answer. Everything else of the request must stay the same.',
  example: 'WzE3Njg4MjQwMDAwMDAsIjQ4MjExIiwiMDE5YSJd',
});

/** `next_cursor` of a page. */
export const nextCursorSchema = z.string().nullable().openapi({
  description: 'Send it as `cursor` to get the next page. Null on the last page.',
  example: null,
});

/** An instant in a request's query string. */
export const instantParameterSchema = z.string().max(64).openapi({
  description:
    'ISO 8601 (`2026-11-20T12:00:00Z`; without a zone: UTC), milliseconds since 1970, or relative: `now`, `now-30m`, `now-7d` (units s, m, h, d, w).',
  example: 'now-30m',
});
