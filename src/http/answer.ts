import { randomBytes } from 'node:crypto';
import { AuditError } from '../access/audit.ts';
import { ApiError } from '../event/errors.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';

/** Bytes of an incident number, as hex twice as many digits. */
const INCIDENT_BYTES = 6;

/** A request failed for a reason that is nobody's business but the operator's. */
const REQUEST_FAILED = defineEvent<{
  readonly incident: string;
  readonly method: string;
  readonly path: string;
  readonly error: unknown;
}>({
  name: 'http_request_failed',
  level: 'error',
  message: ({ incident, method, path, error }) =>
    `${method} ${path} failed, incident ${incident}: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [{ kind: 'counter', name: 'aevum_http_failures_total', help: 'Requests answered with 500.' }],
});

/** A request whose client hung up: nobody is there to be answered, and nothing is wrong. */
const CLIENT_GONE = defineEvent<Record<string, never>>({
  name: 'http_client_gone',
  level: 'debug',
  message: () => 'A client hung up before its request was read or answered.',
  metrics: [
    {
      ...{ kind: 'counter', name: 'aevum_http_abandoned_total' },
      help: 'Requests whose client hung up before they were read or answered.',
    },
  ],
});

/** What Hono's adapter throws where the client is gone; it has no name of its own for it. */
const GONE_WORDS = 'Client connection prematurely closed.';

const isClientGone = (error: unknown): boolean => error instanceof Error && error.message === GONE_WORDS;

/** Where an error happened, for the log. */
export interface FailedRequest {
  readonly method: string;
  /** Without query string, which may hold anything. */
  readonly path: string;
}

/** Any thrown thing as what the client is told. What is not meant for clients is logged under an incident number and told as `internal` with it. */
export const toApiError = (error: unknown, request: FailedRequest, telemetry: Telemetry): ApiError => {
  if (error instanceof ApiError) return error;
  if (error instanceof AuditError) return new ApiError('audit_unavailable', error.message);
  if (isClientGone(error)) {
    telemetry.emit(CLIENT_GONE, {});
    return new ApiError('invalid_request', 'The request ended before all of it was there.');
  }
  const incident = randomBytes(INCIDENT_BYTES).toString('hex');
  telemetry.emit(REQUEST_FAILED, { incident, ...request, error });
  return new ApiError('internal', `Something went wrong here. It was logged as incident ${incident}.`, {
    details: { incident },
  });
};

/** Headers that an error adds to its answer. */
export const errorHeaders = (error: ApiError): Record<string, string> => {
  const headers: Record<string, string> = { ...error.headers };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="aevum"';
  return headers;
};
