import { createRoute, type RouteConfig, z } from '@hono/zod-openapi';

import type { Permission } from '../access/permissions.ts';
import { SESSION_COOKIE } from '../access/session-cookie.ts';
import { ERRORS, type ErrorCode } from '../event/errors.ts';
import { auditAnswerSchema, auditQuerySchema } from './audit.ts';
import {
  cohortChangeSchema,
  cohortPathSchema,
  cohortSchema,
  cohortsAnswerSchema,
  cohortSizeSchema,
  newCohortSchema,
  removedCohortSchema,
} from './cohorts.ts';
import {
  annotationChangeSchema,
  annotationPathSchema,
  annotationSchema,
  annotationsAnswerSchema,
  annotationsQuerySchema,
  newAnnotationSchema,
} from './annotations.ts';
import {
  answersLinesSchema,
  askBoardSchema,
  boardAnswersSchema,
  boardChangeSchema,
  boardPathSchema,
  boardSchema,
  boardsAnswerSchema,
  boardVersionPathSchema,
  boardVersionSchema,
  makeBoardSchema,
  templatesAnswerSchema,
} from './boards.ts';
import { errorAnswerSchema } from './common.ts';
import {
  exportChangeSchema,
  exportFilePathSchema,
  exportFilesAnswerSchema,
  exportPathSchema,
  exportRunsAnswerSchema,
  exportRunSchema,
  exportsAnswerSchema,
  exportSchema,
  newExportSchema,
  removedExportSchema,
  removeExportQuerySchema,
} from './exports.ts';
import { demoAnswerSchema, newDemoSchema } from './demo.ts';
import { collectAnswerSchema, eventInputSchema } from './event.ts';
import {
  catalogPropertiesAnswerSchema,
  catalogPropertiesQuerySchema,
  catalogPropertyPathSchema,
  catalogTypePathSchema,
  catalogTypesAnswerSchema,
  catalogTypesQuerySchema,
  catalogValuesAnswerSchema,
  catalogValuesQuerySchema,
  describedPropertySchema,
  describedTypeSchema,
  propertyDescriptionSchema,
  typeDescriptionSchema,
} from './event-catalog.ts';
import {
  eventsAnswerSchema,
  eventsQuerySchema,
  quarantineAnswerSchema,
  quarantineQuerySchema,
  traceAnswerSchema,
} from './events.ts';
import { askQuerySchema, formatQuerySchema, TABLE_MEDIA } from './formats.ts';
import {
  importAnswerSchema,
  importPathSchema,
  importQuerySchema,
  importsAnswerSchema,
  importsQuerySchema,
  knownIdsAnswerSchema,
  knownIdsRequestSchema,
} from './imports.ts';
import {
  answerInsightQuerySchema,
  askInsightSchema,
  insightChangeSchema,
  insightPathSchema,
  insightSchema,
  insightsAnswerSchema,
  insightVersionPathSchema,
  insightVersionSchema,
  newInsightSchema,
} from './insights.ts';
import {
  createdKeySchema,
  keyPathSchema,
  keysAnswerSchema,
  newKeySchema,
  revokedKeySchema,
  rotationSchema,
} from './keys.ts';
import { ledgerAnswerSchema, ledgerQuerySchema } from './ledger.ts';
import { streamQuerySchema, ticketAnswerSchema } from './live.ts';
import { positionAnswerSchema, positionQuerySchema } from './positions.ts';
import {
  acceptInvitationSchema,
  changePasswordSchema,
  changeRoleSchema,
  createdInvitationSchema,
  invitationPathSchema,
  invitationsAnswerSchema,
  linkTokenSchema,
  meAnswerSchema,
  memberAnswerSchema,
  memberPathSchema,
  membersAnswerSchema,
  newInvitationSchema,
  organisationAnswerSchema,
  organisationNameSchema,
  organisationPathSchema,
  organisationsAnswerSchema,
  passwordAnswerSchema,
  removedSchema,
  resetLinkAnswerSchema,
  resetPasswordSchema,
  seenInvitationSchema,
  userSessionPathSchema,
  userSessionsAnswerSchema,
} from './members.ts';
import {
  metricChangeSchema,
  metricDefinitionsAnswerSchema,
  metricPathSchema,
  metricSchema,
  newMetricSchema,
  removedMetricSchema,
} from './metrics.ts';
import {
  changedProjectSchema,
  createdProjectSchema,
  newProjectSchema,
  projectChangeSchema,
  projectsAnswerSchema,
  removedProjectSchema,
} from './projects.ts';
import { promotionAnswerSchema, propertiesAnswerSchema, propertyPathSchema } from './properties.ts';
import { jobPathSchema, queryJobSchema } from './query-jobs.ts';
import { queryAnswerSchema, queryRequestSchema } from './query.ts';
import { removedSavedSchema, restoreSchema, savedVersionsSchema } from './saved.ts';
import { sessionAnswerSchema, sessionQuerySchema, signedOutSchema, signInSchema } from './session.ts';
import {
  oneSessionAnswerSchema,
  oneSessionPathSchema,
  oneSessionQuerySchema,
  sessionListAnswerSchema,
  sessionListQuerySchema,
} from './session-list.ts';
import {
  askSharedSchema,
  boardSharePathSchema,
  createdShareSchema,
  insightSharePathSchema,
  newShareSchema,
  revokedShareSchema,
  sharedAnswersSchema,
  sharedSchema,
  sharesAnswerSchema,
} from './shares.ts';
import { sqlAnswerSchema, sqlRequestSchema, sqlSchemaAnswerSchema } from './sql.ts';
import { doctorAnswerSchema } from './doctor.ts';
import { endedQuerySchema, runningPathSchema, runningQueriesSchema } from './running.ts';
import { healthAnswerSchema, metricsAnswerSchema, readyAnswerSchema, systemAnswerSchema } from './system.ts';
import {
  timelineQuerySchema,
  userAnswerSchema,
  userPathSchema,
  userProfileSchema,
  usersAnswerSchema,
  usersQuerySchema,
} from './users.ts';
import {
  posthogAnswerSchema,
  posthogBodySchema,
  posthogResultsSchema,
  segmentAnswerSchema,
  segmentBodySchema,
  segmentCallSchema,
  vendorKeySchema,
  vendorSettingsSchema,
} from './vendors.ts';

/** Groups of the reference page, in its order. */
export const TAGS = [
  { name: 'Collect', description: 'Send events. An answer means that they are durable.' },
  { name: 'Query', description: 'Ask for numbers, and look at single events.' },
  { name: 'Cohorts', description: 'Saved groups of users, by what they did and what is known of them.' },
  { name: 'Metrics', description: 'Saved definitions of numbers: defined once, asked everywhere by name.' },
  { name: 'Insights', description: 'Saved questions, with how they are drawn. They have versions.' },
  {
    name: 'Boards',
    description: 'Saved questions side by side, read as of one position. They have versions and variables.',
  },
  {
    name: 'Sharing',
    description: 'Links that show one board or insight, and nothing else, to whoever has them.',
  },
  { name: 'Annotations', description: 'Notes on the time axis of charts.' },
  { name: 'Exports', description: 'Answers written to files on a schedule, and the files.' },
  { name: 'Users', description: 'The people whom events name: lists, profiles, timelines.' },
  { name: 'Sessions', description: 'Single visits: lists, and what happened in each.' },
  {
    name: 'Live',
    description:
      'Events as they are decided. By WebSocket, trends as well: see the page "Live streams" of the documentation.',
  },
  { name: 'Account', description: 'What became of every event: traces, the ledger, quarantine.' },
  {
    name: 'Catalog',
    description: 'What events there are: types, properties and values, for those who put questions together.',
  },
  { name: 'Properties', description: 'Which properties have a column of their own.' },
  { name: 'Projects', description: 'Each has events, books and keys of its own.' },
  { name: 'Demo', description: 'A project with the events of a web shop, made up, to look around in.' },
  { name: 'Keys', description: 'Who may send, read and administer.' },
  { name: 'Audit', description: 'Who did what.' },
  { name: 'Session', description: 'Being signed in, as the pages are: by cookie instead of key.' },
  {
    name: 'Members',
    description:
      'Organisations, who is what in them, and invitations. The page "Access" of the documentation says which role may do what.',
  },
  { name: 'Me', description: 'Who asks: what may I do, my password, my sessions.' },
  { name: 'System', description: 'Health, metrics and this reference.' },
] as const;

type Tag = (typeof TAGS)[number]['name'];

/** Where the document says which permission a route needs: one of `PERMISSIONS`, `any` (any key or session) or `none` (not even a key). */
export const PERMISSION_EXTENSION = 'x-aevum-permission';

/** Names of the ways to send a key, in the document. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The key as bearer token: `Authorization: Bearer <key>`.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The key in a header of its own.' },
  basic: { type: 'http', scheme: 'basic', description: 'The key as user name, the password empty.' },
  share: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The token of a share link: `Authorization: Bearer aev_s_...`. It is good at `/api/share` only.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      'The cookie of a browser that is signed in: may what the role allows in the project, and sends no events. Only from pages of this server; `?project=<name>` chooses the project.',
  },
} as const;

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const text = (description: string, contentType: string) => ({
  description,
  content: { [contentType]: { schema: z.string() } },
});

const binary = { schema: z.string().openapi({ format: 'binary' }) };

/** The same as a table. */
const tables = Object.fromEntries(Object.values(TABLE_MEDIA).map((media) => [media, binary]));

/** The same line by line. */
const answersLines = { [TABLE_MEDIA.ndjson]: { schema: answersLinesSchema } };

const SESSION_ERRORS: readonly ErrorCode[] = ['no_session', 'wrong_project', 'foreign_origin'];
/** Who signs in may be in no project. */
const PROJECT_ERRORS: readonly ErrorCode[] = ['wrong_project', 'not_found'];
const BODY_ERRORS: readonly ErrorCode[] = ['invalid_request', 'invalid_json', 'unsupported_media_type'];
const ACCESS_ERRORS: readonly ErrorCode[] = ['missing_key', 'unknown_key', 'expired_key', 'missing_scope'];
const SQL_ERRORS = ['invalid_sql', 'sql_refused', 'sql_unavailable'] as const satisfies readonly ErrorCode[];
const SAVING_ERRORS = [
  'invalid_request',
  'invalid_json',
  'unsupported_media_type',
  'conflict',
  'audit_unavailable',
] as const satisfies readonly ErrorCode[];

const SAVED_ERRORS = [
  ...SAVING_ERRORS,
  'warehouse_unavailable',
  'body_too_large',
] as const satisfies readonly ErrorCode[];
const SHARE_ERRORS = ['unknown_link', 'too_many_reads'] as const satisfies readonly ErrorCode[];

const READ_ERRORS: readonly ErrorCode[] = [
  'invalid_request',
  'result_too_large',
  'warehouse_unavailable',
  'warehouse_busy',
  'query_timeout',
];
const COLLECT_ERRORS: readonly ErrorCode[] = [
  'origin_not_allowed',
  'invalid_json',
  'invalid_encoding',
  'too_many_events',
  'body_too_large',
  'unsupported_media_type',
  'unsupported_encoding',
  'rate_limited',
  'queue_full',
  'log_full',
  'log_failed',
];

/** One answer a status, naming the codes that it may carry. */
const errorAnswers = (codes: readonly ErrorCode[]) => {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, of]) => [
        status,
        {
          description: of.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n'),
          content: json(errorAnswerSchema),
        },
      ]),
  );
};

interface Access {
  readonly tag: Tag;
  /** What whoever asks must be allowed. `null`: no key is needed; `any`: any key or session does. */
  readonly permission: Permission | 'any' | null;
  /** Routes without permission: what is sent in the place of a key. */
  readonly security?: readonly Record<string, string[]>[];
  readonly errors: readonly ErrorCode[];
}

const KEY_SECURITY = [{ bearer: [] }, { apiKey: [] }, { basic: [] }];

/** The token of a share link. */
const SHARE_SECURITY = [{ share: [] }];

const common = ({ tag, permission, security = [], errors }: Access) => ({
  tags: [tag],
  ...(permission === null
    ? { security: [...security] }
    : { security: [...KEY_SECURITY, ...(permission === 'events:send' ? [] : [{ session: [] }])] }),
  [PERMISSION_EXTENSION]: permission ?? 'none',
  errors: errorAnswers([
    ...(permission === null ? [] : ACCESS_ERRORS),
    ...(permission === null || permission === 'events:send' ? [] : SESSION_ERRORS),
    ...errors,
  ]),
});

type Ok = RouteConfig['responses'][string];

/** A route of the API: what `createRoute` takes, with access and errors written out from a few words. */
const route = <const Config extends Omit<RouteConfig, 'responses'>>(
  config: Config,
  access: Access,
  answers: Record<number, Ok>,
) => {
  const { errors, ...shared } = common(access);
  return createRoute({ ...config, ...shared, responses: { ...answers, ...errors } });
};

const batchBodySchema = z
  .union([z.array(eventInputSchema), z.object({ events: z.array(eventInputSchema) })])
  .openapi('EventBatch', { description: 'An array of events, or an object with one under `events`.' });

const batchQuerySchema = z.object({
  key: z.string().optional().openapi({
    description:
      'A write key, for senders that cannot set headers (`navigator.sendBeacon`). No other key may stand in an address.',
  }),
  backfill: z.string().max(256).optional().openapi({
    description:
      'Declares history: the name of the import. Exempt from the limits of age and nothing else. Needs an admin key.',
  }),
});

const collect: Access = { tag: 'Collect', permission: 'events:send', errors: COLLECT_ERRORS };
const vendorCollect: Access = {
  ...collect,
  errors: [...COLLECT_ERRORS.filter((code) => code !== 'unsupported_media_type'), 'invalid_request'],
};
const setup: Access = { tag: 'Collect', permission: 'events:send', errors: [] };
const read = (tag: Tag): Access => ({ tag, permission: 'data:read', errors: READ_ERRORS });
/** Rows of single people. */
const people = (tag: Tag): Access => ({ ...read(tag), permission: 'personal:read' });
/** The same, as of a position. */
const seen = (tag: Tag): Access => ({ ...people(tag), errors: [...READ_ERRORS, 'position_not_loaded'] });
/** Numbers of the whole platform. */
const platform: Access = { tag: 'System', permission: 'platform:read', errors: [] };
const open: Access = { tag: 'System', permission: null, errors: [] };

const tracePathSchema = z.object({
  id: z
    .string()
    .min(1)
    .max(2_000)
    .openapi({
      param: { name: 'id', in: 'path' },
      description: 'Id of the event, URL-encoded.',
      example: '5f2c1a7e-9f0b-4c35-8a2e-6f0d3b1c9e77',
    }),
});

/** Every route of the HTTP interface, by operation id. What is served and what is documented both come from here. */
export const ROUTES = {
  collectEvent: route(
    {
      operationId: 'collectEvent',
      method: 'post',
      path: '/api/events',
      summary: 'Send one event',
      description: 'Durable once answered. `Content-Encoding` gzip, br, zstd and deflate are understood.',
      request: { body: { required: true, content: json(eventInputSchema) } },
    },
    { ...collect, errors: [...COLLECT_ERRORS, 'event_refused'] },
    { 202: { description: 'The event is durable.', content: json(collectAnswerSchema) } },
  ),
  collectEvents: route(
    {
      operationId: 'collectEvents',
      method: 'post',
      path: '/api/events/batch',
      summary: 'Send many events',
      description:
        'A JSON array, `{"events": [...]}` or NDJSON, up to 10,000 events. One bad event never spoils its batch: it is listed under `rejected`, the others are durable.',
      request: {
        query: batchQuerySchema,
        body: {
          required: true,
          content: {
            ...json(batchBodySchema),
            'application/x-ndjson': { schema: z.string().openapi({ description: 'One event a line.' }) },
          },
        },
      },
    },
    collect,
    { 202: { description: 'What was accepted is durable.', content: json(collectAnswerSchema) } },
  ),
  segmentBatch: route(
    {
      operationId: 'segmentBatch',
      method: 'post',
      path: '/v1/batch',
      summary: "Send what Segment's clients send",
      description:
        'Any content type: gzip, base64 and forms are recognised by their bytes. The key is the user name of Basic authentication or `writeKey`. `/v1/b` and `/v1/import` are the same.',
      request: { body: { required: true, content: json(segmentBodySchema) } },
    },
    vendorCollect,
    { 200: { description: 'What was accepted is durable.', content: json(segmentAnswerSchema) } },
  ),
  segmentCall: route(
    {
      operationId: 'segmentCall',
      method: 'post',
      path: '/v1/{call}',
      summary: "Send one call of Segment's clients",
      description: 'As `/v1/batch`, for events that do not name their `type`.',
      request: {
        params: segmentCallSchema,
        body: { required: true, content: json(segmentBodySchema) },
      },
    },
    vendorCollect,
    { 200: { description: 'The event is durable.', content: json(segmentAnswerSchema) } },
  ),
  segmentSettings: route(
    {
      operationId: 'segmentSettings',
      method: 'get',
      path: '/v1/projects/{key}/settings',
      summary: "Where Segment's browser client shall send to",
      description: 'Asked by the client when its `cdnURL` is this server.',
      request: { params: vendorKeySchema },
    },
    setup,
    { 200: { description: 'Its settings.', content: json(vendorSettingsSchema) } },
  ),
  posthogBatch: route(
    {
      operationId: 'posthogBatch',
      method: 'post',
      path: '/batch',
      summary: "Send what PostHog's clients send",
      description:
        'Any content type: gzip, base64 and forms are recognised by their bytes. The key is `api_key` or `token`. `/e`, `/i/v0/e`, `/capture`, `/track` and `/engage` are the same; all take a slash at the end.',
      request: { body: { required: true, content: json(posthogBodySchema) } },
    },
    vendorCollect,
    { 200: { description: 'What was accepted is durable.', content: json(posthogAnswerSchema) } },
  ),
  posthogEvents: route(
    {
      operationId: 'posthogEvents',
      method: 'post',
      path: '/i/v1/analytics/events',
      summary: "Send what PostHog's clients send, with one result an event",
      request: { body: { required: true, content: json(posthogBodySchema) } },
    },
    vendorCollect,
    { 200: { description: 'What became of each event.', content: json(posthogResultsSchema) } },
  ),
  posthogConfig: route(
    {
      operationId: 'posthogConfig',
      method: 'get',
      path: '/array/{key}/config',
      summary: "How PostHog's browser client is set up",
      description: 'Capturing is on, everything else off. With `.js` at the end, the same as a script.',
      request: { params: vendorKeySchema },
    },
    setup,
    { 200: { description: 'Its configuration.', content: json(vendorSettingsSchema) } },
  ),
  posthogFlags: route(
    {
      operationId: 'posthogFlags',
      method: 'post',
      path: '/flags',
      summary: "Feature flags, for PostHog's clients",
      description: 'There are none. `/decide` answers the same to older clients.',
    },
    { tag: 'Collect', permission: null, errors: [] },
    { 200: { description: 'No flags.', content: json(vendorSettingsSchema) } },
  ),
  query: route(
    {
      operationId: 'query',
      method: 'post',
      path: '/api/query',
      summary: 'Ask a question',
      description:
        '`kind` chooses: `trend`, a measure over time, filtered and broken down; `funnel` and `paths`, what people do after what; `sessions`, visits and how they went; and others, each with a page in docs/insights. Answered from a rollup where that gives exactly the same, from the raw events otherwise; `source` says which. What lists single people (`funnel_users`, `metric_windows`, a break-down by `user_id`) needs `personal:read` too.',
      request: { query: askQuerySchema, body: { required: true, content: json(queryRequestSchema) } },
    },
    {
      ...read('Query'),
      errors: [
        ...READ_ERRORS,
        'position_not_loaded',
        'invalid_json',
        'body_too_large',
        'unsupported_media_type',
      ],
    },
    {
      200: {
        description:
          'The answer. In formats other than JSON its flat form, with `X-Aevum-As-Of` and `X-Aevum-Pending-Events` as headers.',
        content: { ...json(queryAnswerSchema), ...tables },
      },
      202: {
        description: 'With `async=true`: the question is taken and answered later.',
        content: json(queryJobSchema),
      },
    },
  ),
  queryState: route(
    {
      operationId: 'queryState',
      method: 'get',
      path: '/api/query/{id}',
      summary: 'How far a question is',
      description:
        'A question that was asked with `async=true`. Answers are kept for 15 minutes after their end, if there is room until then. Questions and answers outlast a restart: what is not answered by then is asked anew.',
      request: { params: jobPathSchema },
    },
    { ...read('Query'), errors: ['invalid_request', 'not_found'] },
    { 200: { description: 'Its state.', content: json(queryJobSchema) } },
  ),
  queryAnswer: route(
    {
      operationId: 'queryAnswer',
      method: 'get',
      path: '/api/query/{id}/answer',
      summary: 'The answer to a question that was asked before',
      description: 'In any format, any number of times. A question that failed answers with its error.',
      request: { params: jobPathSchema, query: formatQuerySchema },
    },
    { ...read('Query'), errors: [...READ_ERRORS, 'not_found', 'conflict'] },
    { 200: { description: 'The answer.', content: { ...json(queryAnswerSchema), ...tables } } },
  ),
  cancelQuery: route(
    {
      operationId: 'cancelQuery',
      method: 'delete',
      path: '/api/query/{id}',
      summary: 'Cancel a question',
      description:
        'Ends its statement in the warehouse. One that is answered is forgotten. Needs what its answer needs.',
      request: { params: jobPathSchema },
    },
    { ...read('Query'), errors: ['invalid_request', 'not_found'] },
    { 200: { description: 'Its last state.', content: json(queryJobSchema) } },
  ),
  sql: route(
    {
      operationId: 'sql',
      method: 'post',
      path: '/api/sql',
      summary: 'Ask in SQL',
      description:
        'One SELECT over the tables `events`, `refused` and `rollup_10s`, confined to your project. Refused before it runs unless every table, function and construct in it is one of those that are let in: see the page "SQL" of the documentation. Errors say line and column.',
      request: { body: { required: true, content: json(sqlRequestSchema) } },
    },
    {
      ...read('Query'),
      permission: 'sql:run',
      errors: [
        ...READ_ERRORS,
        ...SQL_ERRORS,
        ...(['invalid_json', 'body_too_large', 'unsupported_media_type'] as const),
      ],
    },
    {
      200: {
        description: 'The rows.',
        content: {
          ...json(sqlAnswerSchema),
          'text/csv': { schema: z.string() },
          'application/x-ndjson': { schema: z.string() },
          [TABLE_MEDIA.parquet]: binary,
          [TABLE_MEDIA.arrow]: binary,
        },
      },
    },
  ),
  sqlSchema: route(
    {
      operationId: 'sqlSchema',
      method: 'get',
      path: '/api/sql/schema',
      summary: 'What SQL may name',
      description:
        'Tables, columns and functions that a statement at `POST /api/sql` may use, and its limits: for editors that complete what is being typed. The same for all projects.',
    },
    { tag: 'Query', permission: 'data:read', errors: ['sql_unavailable'] },
    { 200: { description: 'The names.', content: json(sqlSchemaAnswerSchema) } },
  ),
  listCohorts: route(
    {
      operationId: 'listCohorts',
      method: 'get',
      path: '/api/cohorts',
      summary: 'List cohorts',
      description: 'Saved definitions of groups of users: a filter everywhere, by `{"op": "in_cohort"}`.',
    },
    { tag: 'Cohorts', permission: 'data:read', errors: [] },
    { 200: { description: 'All of the project.', content: json(cohortsAnswerSchema) } },
  ),
  createCohort: route(
    {
      operationId: 'createCohort',
      method: 'post',
      path: '/api/cohorts',
      summary: 'Save a cohort',
      request: { body: { required: true, content: json(newCohortSchema) } },
    },
    { tag: 'Cohorts', permission: 'insights:write', errors: [...SAVING_ERRORS] },
    { 201: { description: 'The cohort.', content: json(cohortSchema) } },
  ),
  readCohort: route(
    {
      operationId: 'readCohort',
      method: 'get',
      path: '/api/cohorts/{id}',
      summary: 'Read a cohort',
      request: { params: cohortPathSchema },
    },
    { tag: 'Cohorts', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The cohort.', content: json(cohortSchema) } },
  ),
  changeCohort: route(
    {
      operationId: 'changeCohort',
      method: 'put',
      path: '/api/cohorts/{id}',
      summary: 'Change a cohort',
      description:
        'Whole, from the version that is named: 409 if somebody changed it meanwhile. A static one is frozen anew.',
      request: { params: cohortPathSchema, body: { required: true, content: json(cohortChangeSchema) } },
    },
    { tag: 'Cohorts', permission: 'insights:write', errors: [...SAVING_ERRORS, 'not_found'] },
    { 200: { description: 'The cohort, one version later.', content: json(cohortSchema) } },
  ),
  removeCohort: route(
    {
      operationId: 'removeCohort',
      method: 'delete',
      path: '/api/cohorts/{id}',
      summary: 'Remove a cohort',
      description: '409 while another one refers to it.',
      request: { params: cohortPathSchema },
    },
    { tag: 'Cohorts', permission: 'insights:write', errors: ['not_found', 'conflict', 'audit_unavailable'] },
    { 200: { description: 'It is removed.', content: json(removedCohortSchema) } },
  ),
  sizeOfCohort: route(
    {
      operationId: 'sizeOfCohort',
      method: 'get',
      path: '/api/cohorts/{id}/size',
      summary: 'How many belong to a cohort',
      request: { params: cohortPathSchema },
    },
    { tag: 'Cohorts', permission: 'data:read', errors: [...READ_ERRORS, 'not_found'] },
    { 200: { description: 'Its size now, or (static) then.', content: json(cohortSizeSchema) } },
  ),
  listMetrics: route(
    {
      operationId: 'listMetrics',
      method: 'get',
      path: '/api/metric-definitions',
      summary: 'List metrics',
      description:
        'Saved definitions of numbers. They are asked by `{"kind": "metric", "metric": "<name or id>"}` of `POST /api/query`.',
    },
    { tag: 'Metrics', permission: 'data:read', errors: [] },
    { 200: { description: 'All of the project.', content: json(metricDefinitionsAnswerSchema) } },
  ),
  createMetric: route(
    {
      operationId: 'createMetric',
      method: 'post',
      path: '/api/metric-definitions',
      summary: 'Define a metric',
      request: { body: { required: true, content: json(newMetricSchema) } },
    },
    { tag: 'Metrics', permission: 'insights:write', errors: [...SAVING_ERRORS] },
    { 201: { description: 'The metric.', content: json(metricSchema) } },
  ),
  readMetric: route(
    {
      operationId: 'readMetric',
      method: 'get',
      path: '/api/metric-definitions/{id}',
      summary: 'Read a metric',
      request: { params: metricPathSchema },
    },
    { tag: 'Metrics', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The metric.', content: json(metricSchema) } },
  ),
  changeMetric: route(
    {
      operationId: 'changeMetric',
      method: 'put',
      path: '/api/metric-definitions/{id}',
      summary: 'Change a metric',
      description:
        'Whole, from the version that is named: 409 if somebody changed it meanwhile. Questions that are under way are answered by the definition that they began with; answers say which.',
      request: { params: metricPathSchema, body: { required: true, content: json(metricChangeSchema) } },
    },
    { tag: 'Metrics', permission: 'insights:write', errors: [...SAVING_ERRORS, 'not_found'] },
    { 200: { description: 'The metric, one version later.', content: json(metricSchema) } },
  ),
  removeMetric: route(
    {
      operationId: 'removeMetric',
      method: 'delete',
      path: '/api/metric-definitions/{id}',
      summary: 'Remove a metric',
      description: 'Boards and exports that ask for it show that it is not there.',
      request: { params: metricPathSchema },
    },
    {
      tag: 'Metrics',
      permission: 'insights:write',
      errors: ['not_found', 'conflict', 'audit_unavailable'],
    },
    { 200: { description: 'It is removed.', content: json(removedMetricSchema) } },
  ),
  listInsights: route(
    {
      operationId: 'listInsights',
      method: 'get',
      path: '/api/insights',
      summary: 'List insights',
    },
    { tag: 'Insights', permission: 'data:read', errors: [] },
    { 200: { description: 'All of the project.', content: json(insightsAnswerSchema) } },
  ),
  createInsight: route(
    {
      operationId: 'createInsight',
      method: 'post',
      path: '/api/insights',
      summary: 'Save an insight',
      description: 'The question is checked as if it were asked.',
      request: { body: { required: true, content: json(newInsightSchema) } },
    },
    { tag: 'Insights', permission: 'insights:write', errors: [...SAVED_ERRORS] },
    { 201: { description: 'The insight.', content: json(insightSchema) } },
  ),
  readInsight: route(
    {
      operationId: 'readInsight',
      method: 'get',
      path: '/api/insights/{id}',
      summary: 'Read an insight',
      request: { params: insightPathSchema },
    },
    { tag: 'Insights', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The insight.', content: json(insightSchema) } },
  ),
  changeInsight: route(
    {
      operationId: 'changeInsight',
      method: 'put',
      path: '/api/insights/{id}',
      summary: 'Change an insight',
      description:
        'Whole, from the version that is named: 409 if somebody changed it meanwhile, with who, when and what.',
      request: { params: insightPathSchema, body: { required: true, content: json(insightChangeSchema) } },
    },
    { tag: 'Insights', permission: 'insights:write', errors: [...SAVED_ERRORS, 'not_found'] },
    { 200: { description: 'The insight, one version later.', content: json(insightSchema) } },
  ),
  removeInsight: route(
    {
      operationId: 'removeInsight',
      method: 'delete',
      path: '/api/insights/{id}',
      summary: 'Remove an insight',
      description: '409 while boards show it. Its versions, share links and annotations go with it.',
      request: { params: insightPathSchema },
    },
    { tag: 'Insights', permission: 'insights:write', errors: ['not_found', 'conflict', 'audit_unavailable'] },
    { 200: { description: 'It is removed.', content: json(removedSavedSchema) } },
  ),
  queryInsight: route(
    {
      operationId: 'queryInsight',
      method: 'post',
      path: '/api/insights/{id}/query',
      summary: 'Ask an insight',
      description:
        'Its question, with another range, time zone, comparison or moment, or a filter more. What lists single people needs `personal:read` too.',
      request: {
        params: insightPathSchema,
        query: formatQuerySchema,
        body: { required: true, content: json(askInsightSchema) },
      },
    },
    {
      tag: 'Insights',
      permission: 'data:read',
      errors: [...READ_ERRORS, 'position_not_loaded', 'invalid_json', 'unsupported_media_type', 'not_found'],
    },
    {
      200: {
        description: 'The answer, as to `POST /api/query`.',
        content: { ...json(queryAnswerSchema), ...tables },
      },
    },
  ),
  answerInsight: route(
    {
      operationId: 'answerInsight',
      method: 'get',
      path: '/api/insights/{id}/answer',
      summary: 'The answer of an insight',
      description: 'As an address: for downloads, with `format=csv` and others.',
      request: { params: insightPathSchema, query: answerInsightQuerySchema },
    },
    {
      tag: 'Insights',
      permission: 'data:read',
      errors: [...READ_ERRORS, 'position_not_loaded', 'not_found'],
    },
    { 200: { description: 'The answer.', content: { ...json(queryAnswerSchema), ...tables } } },
  ),
  listInsightVersions: route(
    {
      operationId: 'listInsightVersions',
      method: 'get',
      path: '/api/insights/{id}/versions',
      summary: 'Versions of an insight',
      description: 'Who changed what and when. The newest 30 are kept.',
      request: { params: insightPathSchema },
    },
    { tag: 'Insights', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'Newest first.', content: json(savedVersionsSchema) } },
  ),
  readInsightVersion: route(
    {
      operationId: 'readInsightVersion',
      method: 'get',
      path: '/api/insights/{id}/versions/{version}',
      summary: 'An insight as it was',
      request: { params: insightVersionPathSchema },
    },
    { tag: 'Insights', permission: 'data:read', errors: ['invalid_request', 'not_found'] },
    { 200: { description: 'The version.', content: json(insightVersionSchema) } },
  ),
  restoreInsight: route(
    {
      operationId: 'restoreInsight',
      method: 'post',
      path: '/api/insights/{id}/versions/{version}/restore',
      summary: 'Bring a version of an insight back',
      description: 'As a new version. It is checked as if it were new.',
      request: { params: insightVersionPathSchema, body: { required: true, content: json(restoreSchema) } },
    },
    { tag: 'Insights', permission: 'insights:write', errors: [...SAVED_ERRORS, 'not_found'] },
    { 200: { description: 'The insight, one version later.', content: json(insightSchema) } },
  ),
  listInsightShares: route(
    {
      operationId: 'listInsightShares',
      method: 'get',
      path: '/api/insights/{id}/shares',
      summary: 'Share links to an insight',
      request: { params: insightPathSchema },
    },
    { tag: 'Sharing', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'Without their tokens.', content: json(sharesAnswerSchema) } },
  ),
  createInsightShare: route(
    {
      operationId: 'createInsightShare',
      method: 'post',
      path: '/api/insights/{id}/shares',
      summary: 'Make a share link to an insight',
      description:
        'Whoever has the token reads this one thing at `/api/share`, and nothing else. Refused for what lists single people.',
      request: { params: insightPathSchema, body: { required: true, content: json(newShareSchema) } },
    },
    {
      tag: 'Sharing',
      permission: 'insights:write',
      errors: [...SAVED_ERRORS, 'position_not_loaded', 'not_found'],
    },
    { 201: { description: 'The link, with its token: shown once.', content: json(createdShareSchema) } },
  ),
  revokeInsightShare: route(
    {
      operationId: 'revokeInsightShare',
      method: 'delete',
      path: '/api/insights/{id}/shares/{share}',
      summary: 'Revoke a share link to an insight',
      request: { params: insightSharePathSchema },
    },
    { tag: 'Sharing', permission: 'insights:write', errors: ['not_found', 'audit_unavailable'] },
    { 200: { description: 'It is good for nothing from now on.', content: json(revokedShareSchema) } },
  ),
  listBoards: route(
    {
      operationId: 'listBoards',
      method: 'get',
      path: '/api/boards',
      summary: 'List boards',
    },
    { tag: 'Boards', permission: 'data:read', errors: [] },
    { 200: { description: 'All of the project.', content: json(boardsAnswerSchema) } },
  ),
  createBoard: route(
    {
      operationId: 'createBoard',
      method: 'post',
      path: '/api/boards',
      summary: 'Save a board',
      description:
        'As it is given, or made of a template. Questions are checked as if they were asked; insights must be there; tiles do not overlap.',
      request: { body: { required: true, content: json(makeBoardSchema) } },
    },
    { tag: 'Boards', permission: 'insights:write', errors: [...SAVED_ERRORS] },
    { 201: { description: 'The board.', content: json(boardSchema) } },
  ),
  listBoardTemplates: route(
    {
      operationId: 'listBoardTemplates',
      method: 'get',
      path: '/api/boards/templates',
      summary: 'List templates',
      description: 'Boards to begin with, and the parameters that they take.',
    },
    { tag: 'Boards', permission: 'data:read', errors: [] },
    { 200: { description: 'Those that come with the program.', content: json(templatesAnswerSchema) } },
  ),
  readBoard: route(
    {
      operationId: 'readBoard',
      method: 'get',
      path: '/api/boards/{id}',
      summary: 'Read a board',
      request: { params: boardPathSchema },
    },
    { tag: 'Boards', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The board.', content: json(boardSchema) } },
  ),
  changeBoard: route(
    {
      operationId: 'changeBoard',
      method: 'put',
      path: '/api/boards/{id}',
      summary: 'Change a board',
      description:
        'Whole, from the version that is named: 409 if somebody changed it meanwhile, with who, when and what.',
      request: { params: boardPathSchema, body: { required: true, content: json(boardChangeSchema) } },
    },
    { tag: 'Boards', permission: 'insights:write', errors: [...SAVED_ERRORS, 'not_found'] },
    { 200: { description: 'The board, one version later.', content: json(boardSchema) } },
  ),
  removeBoard: route(
    {
      operationId: 'removeBoard',
      method: 'delete',
      path: '/api/boards/{id}',
      summary: 'Remove a board',
      description: 'With its versions, share links and annotations.',
      request: { params: boardPathSchema },
    },
    { tag: 'Boards', permission: 'insights:write', errors: ['not_found', 'conflict', 'audit_unavailable'] },
    { 200: { description: 'It is removed.', content: json(removedSavedSchema) } },
  ),
  queryBoard: route(
    {
      operationId: 'queryBoard',
      method: 'post',
      path: '/api/boards/{id}/query',
      summary: 'Ask the questions of a board',
      description:
        'All tiles, or some, as of one position and with one "now", so that they agree. A tile that fails says so in its place.',
      request: { params: boardPathSchema, body: { required: true, content: json(askBoardSchema) } },
    },
    {
      tag: 'Boards',
      permission: 'data:read',
      errors: [...READ_ERRORS, 'position_not_loaded', 'invalid_json', 'unsupported_media_type', 'not_found'],
    },
    { 200: { description: 'The answers.', content: { ...json(boardAnswersSchema), ...answersLines } } },
  ),
  listBoardVersions: route(
    {
      operationId: 'listBoardVersions',
      method: 'get',
      path: '/api/boards/{id}/versions',
      summary: 'Versions of a board',
      description: 'Who changed what and when. The newest 30 are kept.',
      request: { params: boardPathSchema },
    },
    { tag: 'Boards', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'Newest first.', content: json(savedVersionsSchema) } },
  ),
  readBoardVersion: route(
    {
      operationId: 'readBoardVersion',
      method: 'get',
      path: '/api/boards/{id}/versions/{version}',
      summary: 'A board as it was',
      request: { params: boardVersionPathSchema },
    },
    { tag: 'Boards', permission: 'data:read', errors: ['invalid_request', 'not_found'] },
    { 200: { description: 'The version.', content: json(boardVersionSchema) } },
  ),
  restoreBoard: route(
    {
      operationId: 'restoreBoard',
      method: 'post',
      path: '/api/boards/{id}/versions/{version}/restore',
      summary: 'Bring a version of a board back',
      description: 'As a new version. It is checked as if it were new.',
      request: { params: boardVersionPathSchema, body: { required: true, content: json(restoreSchema) } },
    },
    { tag: 'Boards', permission: 'insights:write', errors: [...SAVED_ERRORS, 'not_found'] },
    { 200: { description: 'The board, one version later.', content: json(boardSchema) } },
  ),
  listBoardShares: route(
    {
      operationId: 'listBoardShares',
      method: 'get',
      path: '/api/boards/{id}/shares',
      summary: 'Share links to a board',
      request: { params: boardPathSchema },
    },
    { tag: 'Sharing', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'Without their tokens.', content: json(sharesAnswerSchema) } },
  ),
  createBoardShare: route(
    {
      operationId: 'createBoardShare',
      method: 'post',
      path: '/api/boards/{id}/shares',
      summary: 'Make a share link to a board',
      description:
        'Whoever has the token reads this one thing at `/api/share`, and nothing else. Refused for what lists single people.',
      request: { params: boardPathSchema, body: { required: true, content: json(newShareSchema) } },
    },
    {
      tag: 'Sharing',
      permission: 'insights:write',
      errors: [...SAVED_ERRORS, 'position_not_loaded', 'not_found'],
    },
    { 201: { description: 'The link, with its token: shown once.', content: json(createdShareSchema) } },
  ),
  revokeBoardShare: route(
    {
      operationId: 'revokeBoardShare',
      method: 'delete',
      path: '/api/boards/{id}/shares/{share}',
      summary: 'Revoke a share link to a board',
      request: { params: boardSharePathSchema },
    },
    { tag: 'Sharing', permission: 'insights:write', errors: ['not_found', 'audit_unavailable'] },
    { 200: { description: 'It is good for nothing from now on.', content: json(revokedShareSchema) } },
  ),
  listShares: route(
    {
      operationId: 'listShares',
      method: 'get',
      path: '/api/shares',
      summary: 'Share links of the project',
      description: 'To whatever board or insight: to see who shows what.',
    },
    { tag: 'Sharing', permission: 'data:read', errors: [] },
    { 200: { description: 'Without their tokens.', content: json(sharesAnswerSchema) } },
  ),
  readShared: route(
    {
      operationId: 'readShared',
      method: 'get',
      path: '/api/share',
      summary: 'What a share link shows',
      description:
        'With the token of the link as `Authorization: Bearer <token>`. A link that ended or was revoked answers as one that never was.',
    },
    { tag: 'Sharing', permission: null, security: SHARE_SECURITY, errors: [...SHARE_ERRORS] },
    {
      200: {
        description: 'Without questions: what they answer is asked for by `POST /api/share/query`.',
        content: json(sharedSchema),
      },
    },
  ),
  queryShared: route(
    {
      operationId: 'queryShared',
      method: 'post',
      path: '/api/share/query',
      summary: 'The answers of what a share link shows',
      description:
        'As of now, or of the position that the link is pinned to. Of variables, only choices that the link leaves open can be set.',
      request: { body: { required: true, content: json(askSharedSchema) } },
    },
    {
      ...{ tag: 'Sharing', permission: null, security: SHARE_SECURITY },
      errors: [
        ...SHARE_ERRORS,
        ...READ_ERRORS,
        'position_not_loaded',
        'conflict',
        'missing_scope',
        'invalid_json',
        'unsupported_media_type',
      ],
    },
    { 200: { description: 'The answers.', content: { ...json(sharedAnswersSchema), ...answersLines } } },
  ),
  listAnnotations: route(
    {
      operationId: 'listAnnotations',
      method: 'get',
      path: '/api/annotations',
      summary: 'List annotations',
      description: 'Notes on the time axis that lie in a stretch of time or reach into it.',
      request: { query: annotationsQuerySchema },
    },
    { tag: 'Annotations', permission: 'data:read', errors: ['invalid_request'] },
    {
      200: {
        description: 'Those of the whole project, and of the board and insight that are named.',
        content: json(annotationsAnswerSchema),
      },
    },
  ),
  createAnnotation: route(
    {
      operationId: 'createAnnotation',
      method: 'post',
      path: '/api/annotations',
      summary: 'Make an annotation',
      request: { body: { required: true, content: json(newAnnotationSchema) } },
    },
    { tag: 'Annotations', permission: 'insights:write', errors: [...SAVED_ERRORS] },
    { 201: { description: 'The annotation.', content: json(annotationSchema) } },
  ),
  changeAnnotation: route(
    {
      operationId: 'changeAnnotation',
      method: 'put',
      path: '/api/annotations/{id}',
      summary: 'Change an annotation',
      request: {
        params: annotationPathSchema,
        body: { required: true, content: json(annotationChangeSchema) },
      },
    },
    { tag: 'Annotations', permission: 'insights:write', errors: [...SAVED_ERRORS, 'not_found'] },
    { 200: { description: 'The annotation, one version later.', content: json(annotationSchema) } },
  ),
  removeAnnotation: route(
    {
      operationId: 'removeAnnotation',
      method: 'delete',
      path: '/api/annotations/{id}',
      summary: 'Remove an annotation',
      request: { params: annotationPathSchema },
    },
    {
      tag: 'Annotations',
      permission: 'insights:write',
      errors: ['not_found', 'conflict', 'audit_unavailable'],
    },
    { 200: { description: 'It is removed.', content: json(removedSavedSchema) } },
  ),
  listExports: route(
    {
      operationId: 'listExports',
      method: 'get',
      path: '/api/exports',
      summary: 'List exports',
      description: 'What is written to files on a schedule, with the last run of each.',
    },
    { tag: 'Exports', permission: 'data:read', errors: [] },
    { 200: { description: 'All of the project.', content: json(exportsAnswerSchema) } },
  ),
  createExport: route(
    {
      operationId: 'createExport',
      method: 'post',
      path: '/api/exports',
      summary: 'Save an export',
      description:
        'SQL needs the permission `sql:run` as well, and what lists single people `personal:read`. Whoever saves it is its owner.',
      request: { body: { required: true, content: json(newExportSchema) } },
    },
    { tag: 'Exports', permission: 'insights:write', errors: [...SAVING_ERRORS, ...SQL_ERRORS] },
    { 201: { description: 'The export.', content: json(exportSchema) } },
  ),
  readExport: route(
    {
      operationId: 'readExport',
      method: 'get',
      path: '/api/exports/{id}',
      summary: 'Read an export',
      request: { params: exportPathSchema },
    },
    { tag: 'Exports', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The export.', content: json(exportSchema) } },
  ),
  changeExport: route(
    {
      operationId: 'changeExport',
      method: 'put',
      path: '/api/exports/{id}',
      summary: 'Change an export',
      description:
        'Whole, from the version that is named: 409 if somebody changed it meanwhile. Whoever does is its owner from then on. Files that it wrote stay where they are.',
      request: { params: exportPathSchema, body: { required: true, content: json(exportChangeSchema) } },
    },
    { tag: 'Exports', permission: 'insights:write', errors: [...SAVING_ERRORS, ...SQL_ERRORS, 'not_found'] },
    { 200: { description: 'The export, one version later.', content: json(exportSchema) } },
  ),
  removeExport: route(
    {
      operationId: 'removeExport',
      method: 'delete',
      path: '/api/exports/{id}',
      summary: 'Remove an export',
      request: { params: exportPathSchema, query: removeExportQuerySchema },
    },
    {
      tag: 'Exports',
      permission: 'insights:write',
      errors: ['invalid_request', 'not_found', 'conflict', 'audit_unavailable'],
    },
    { 200: { description: 'It is removed.', content: json(removedExportSchema) } },
  ),
  runExport: route(
    {
      operationId: 'runExport',
      method: 'post',
      path: '/api/exports/{id}/run',
      summary: 'Run an export now',
      description: 'Once, whatever its schedule. 409 while a run of it is under way.',
      request: { params: exportPathSchema },
    },
    { tag: 'Exports', permission: 'insights:write', errors: ['not_found', 'conflict'] },
    { 202: { description: 'The run, which waits for its turn.', content: json(exportRunSchema) } },
  ),
  listExportRuns: route(
    {
      operationId: 'listExportRuns',
      method: 'get',
      path: '/api/exports/{id}/runs',
      summary: 'List the runs of an export',
      request: { params: exportPathSchema },
    },
    { tag: 'Exports', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'At most 200.', content: json(exportRunsAnswerSchema) } },
  ),
  listExportFiles: route(
    {
      operationId: 'listExportFiles',
      method: 'get',
      path: '/api/exports/{id}/files',
      summary: 'List the files of an export',
      request: { params: exportPathSchema },
    },
    { tag: 'Exports', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'Those that are kept.', content: json(exportFilesAnswerSchema) } },
  ),
  downloadExportFile: route(
    {
      operationId: 'downloadExportFile',
      method: 'get',
      path: '/api/exports/{id}/files/{name}',
      summary: 'Download a file of an export',
      description: 'What SQL wrote, or lists single people, needs `personal:read` too.',
      request: { params: exportFilePathSchema },
    },
    { tag: 'Exports', permission: 'data:read', errors: ['not_found'] },
    { 200: { description: 'The file.', content: tables } },
  ),
  listEvents: route(
    {
      operationId: 'listEvents',
      method: 'get',
      path: '/api/events',
      summary: 'List stored events',
      description: 'Newest first. Pages are stable: events that arrive meanwhile do not shift them.',
      request: { query: eventsQuerySchema },
    },
    seen('Query'),
    { 200: { description: 'One page.', content: json(eventsAnswerSchema) } },
  ),
  listUsers: route(
    {
      operationId: 'listUsers',
      method: 'get',
      path: '/api/users',
      summary: 'List users',
      description:
        'People whom events name by `user_id`, with first and last event; by prefix of the id, by what they did, by properties of their events.',
      request: { query: usersQuerySchema },
    },
    seen('Users'),
    { 200: { description: 'One page.', content: json(usersAnswerSchema) } },
  ),
  readUser: route(
    {
      operationId: 'readUser',
      method: 'get',
      path: '/api/users/{id}',
      summary: 'One user',
      description: 'Latest traits and context, first and last event, events by type, sessions, revenue.',
      request: { params: userPathSchema },
    },
    { ...people('Users'), errors: [...READ_ERRORS, 'not_found'] },
    { 200: { description: 'The user.', content: json(userAnswerSchema) } },
  ),
  readUserProfile: route(
    {
      operationId: 'readUserProfile',
      method: 'get',
      path: '/api/users/{id}/profile',
      summary: 'One user, while a request waits',
      description:
        'The part of the user that personalisation needs, within milliseconds, as of the last load.',
      request: { params: userPathSchema },
    },
    { ...people('Users'), errors: [...READ_ERRORS, 'not_found'] },
    { 200: { description: 'The profile.', content: json(userProfileSchema) } },
  ),
  userTimeline: route(
    {
      operationId: 'userTimeline',
      method: 'get',
      path: '/api/users/{id}/timeline',
      summary: 'Events of one user',
      description: 'Newest first. Pages are stable. Empty for a user whom no event names.',
      request: { params: userPathSchema, query: timelineQuerySchema },
    },
    seen('Users'),
    { 200: { description: 'One page.', content: json(eventsAnswerSchema) } },
  ),
  listSessions: route(
    {
      operationId: 'listSessions',
      method: 'get',
      path: '/api/sessions',
      summary: 'List sessions',
      description:
        'One entry a session that began in the range, as the question `sessions` counts them: when, how long, entry and exit, who and where from. Pages keep the range of the first one.',
      request: { query: sessionListQuerySchema },
    },
    seen('Sessions'),
    { 200: { description: 'One page.', content: json(sessionListAnswerSchema) } },
  ),
  readSession: route(
    {
      operationId: 'readSession',
      method: 'get',
      path: '/api/sessions/{id}',
      summary: 'One session',
      description: 'All events with this `session_id`, first to last, and what they come to.',
      request: { params: oneSessionPathSchema, query: oneSessionQuerySchema },
    },
    { ...seen('Sessions'), errors: [...READ_ERRORS, 'position_not_loaded', 'not_found'] },
    { 200: { description: 'One page of its events.', content: json(oneSessionAnswerSchema) } },
  ),
  traceEvent: route(
    {
      operationId: 'traceEvent',
      method: 'get',
      path: '/api/events/{id}/trace',
      summary: 'What became of an event',
      description:
        'When it was received, where it was logged, which configuration decided, whether it was stored or why not, since when it is queryable and which panes count it, with the milliseconds of each stage.',
      request: { params: tracePathSchema },
    },
    { ...people('Account'), errors: [...READ_ERRORS, 'not_found'] },
    { 200: { description: 'Every receipt of the id.', content: json(traceAnswerSchema) } },
  ),
  ledger: route(
    {
      operationId: 'ledger',
      method: 'get',
      path: '/api/ledger',
      summary: 'The ledger',
      description:
        'received = stored + duplicate + stale + quarantined + blocked + pending, summed or a minute.',
      request: { query: ledgerQuerySchema },
    },
    read('Account'),
    { 200: { description: 'The accounts.', content: json(ledgerAnswerSchema) } },
  ),
  positionAt: route(
    {
      operationId: 'positionAt',
      method: 'get',
      path: '/api/positions',
      summary: 'The position at a time',
      description:
        'Which position the log had at a time: what to send as `as_of` to see everything that was received before then, and nothing after.',
      request: { query: positionQuerySchema },
    },
    { ...read('Account'), errors: [...READ_ERRORS, 'position_not_loaded'] },
    { 200: { description: 'The position.', content: json(positionAnswerSchema) } },
  ),
  streamEvents: route(
    {
      operationId: 'streamEvents',
      method: 'get',
      path: '/api/events/stream',
      summary: 'Follow events',
      description:
        'Server-sent events: each message is an event as `GET /api/events` lists it, some milliseconds after it was decided. `id` is the position to go on from: browsers send it as `Last-Event-ID` by themselves when they come back. A client that is too slow gets a message of the type `missed` with the number of events that it did not get.',
      request: { query: streamQuerySchema },
    },
    {
      tag: 'Live',
      permission: 'personal:read',
      errors: ['invalid_request', 'unknown_ticket', 'too_many_subscriptions'],
    },
    { 200: text('Events, until one of the two hangs up.', 'text/event-stream') },
  ),
  liveTicket: route(
    {
      operationId: 'liveTicket',
      method: 'post',
      path: '/api/live/ticket',
      summary: 'Make a ticket',
      description:
        'Stands for the key or session that asks, where a browser can only give an address: `?ticket=` of `/ws/events` and of `/api/events/stream`. Good once, within 30 seconds.',
    },
    { tag: 'Live', permission: 'any', errors: [] },
    { 200: { description: 'The ticket.', content: json(ticketAnswerSchema) } },
  ),
  quarantine: route(
    {
      operationId: 'quarantine',
      method: 'get',
      path: '/api/quarantine',
      summary: 'Refused events',
      description: 'With reason and original bytes, last received first.',
      request: { query: quarantineQuerySchema },
    },
    people('Account'),
    { 200: { description: 'One page.', content: json(quarantineAnswerSchema) } },
  ),
  listImports: route(
    {
      operationId: 'listImports',
      method: 'get',
      path: '/api/imports',
      summary: 'List imports',
      description:
        'What was sent as history, by the name that it was declared with: when, by whom, how much. Counted as bodies are taken in; what is stored of one `GET /api/imports/{id}` tells exactly.',
      request: { query: importsQuerySchema },
    },
    { tag: 'Collect', permission: 'data:read', errors: ['invalid_request'] },
    { 200: { description: 'One page.', content: json(importsAnswerSchema) } },
  ),
  readImport: route(
    {
      operationId: 'readImport',
      method: 'get',
      path: '/api/imports/{id}',
      summary: 'What is there of an import',
      description:
        'Which rows of a file are stored or quarantined, by their ids `<import>:<row>`. Asked by `aevum import` when it starts, so that an interrupted import goes on exactly where it was.',
      request: { params: importPathSchema, query: importQuerySchema },
    },
    { tag: 'Collect', permission: 'project:admin', errors: READ_ERRORS },
    { 200: { description: 'The rows; an unknown import has none.', content: json(importAnswerSchema) } },
  ),
  findKnownIds: route(
    {
      operationId: 'findKnownIds',
      method: 'post',
      path: '/api/imports/{id}/known',
      summary: 'Which ids are there already',
      description:
        'For imports whose rows have ids of their own: tells which of them need not be sent again.',
      request: { params: importPathSchema, body: { required: true, content: json(knownIdsRequestSchema) } },
    },
    {
      tag: 'Collect',
      permission: 'project:admin',
      errors: [...READ_ERRORS, 'invalid_json', 'body_too_large'],
    },
    { 200: { description: 'Those that are stored or quarantined.', content: json(knownIdsAnswerSchema) } },
  ),
  catalogTypes: route(
    {
      operationId: 'catalogTypes',
      method: 'get',
      path: '/api/catalog/types',
      summary: 'Types of events',
      description:
        'With how many there are of each, when the first and the last was (read from the rollup), and what people say of it.',
      request: { query: catalogTypesQuerySchema },
    },
    read('Catalog'),
    { 200: { description: 'The types.', content: json(catalogTypesAnswerSchema) } },
  ),
  describeType: route(
    {
      operationId: 'describeType',
      method: 'put',
      path: '/api/catalog/types/{type}',
      summary: 'Describe a type of events',
      description:
        'Says what it is and who answers for it, before its first event or after. Whole, from the version that is named: 409 if somebody changed it meanwhile.',
      request: {
        params: catalogTypePathSchema,
        body: { required: true, content: json(typeDescriptionSchema) },
      },
    },
    { tag: 'Catalog', permission: 'insights:write', errors: SAVING_ERRORS },
    { 200: { description: 'The description, one version later.', content: json(describedTypeSchema) } },
  ),
  describeProperty: route(
    {
      operationId: 'describeProperty',
      method: 'put',
      path: '/api/catalog/types/{type}/properties/{key}',
      summary: 'Describe a property of a type',
      description:
        'Says what the property is in events of this type. Whole, from the version that is named: 409 if somebody changed it meanwhile.',
      request: {
        params: catalogPropertyPathSchema,
        body: { required: true, content: json(propertyDescriptionSchema) },
      },
    },
    { tag: 'Catalog', permission: 'insights:write', errors: SAVING_ERRORS },
    { 200: { description: 'The description, one version later.', content: json(describedPropertySchema) } },
  ),
  catalogProperties: route(
    {
      operationId: 'catalogProperties',
      method: 'get',
      path: '/api/catalog/properties',
      summary: 'Properties that events have',
      description: 'Found in the newest 2,000 events, of one type if asked for.',
      request: { query: catalogPropertiesQuerySchema },
    },
    read('Catalog'),
    { 200: { description: 'The properties.', content: json(catalogPropertiesAnswerSchema) } },
  ),
  catalogValues: route(
    {
      operationId: 'catalogValues',
      method: 'get',
      path: '/api/catalog/values',
      summary: 'Values of a field',
      description:
        'Those that the newest 20,000 events have (of one type if asked for), with how often. The values of `user_id`, `session_id` and `id` are single people, visits and events: they need the permission `personal:read` too.',
      request: { query: catalogValuesQuerySchema },
    },
    read('Catalog'),
    { 200: { description: 'The values.', content: json(catalogValuesAnswerSchema) } },
  ),
  listProperties: route(
    {
      operationId: 'listProperties',
      method: 'get',
      path: '/api/properties',
      summary: 'Properties that queries ask for',
      description:
        'Those that queries of the project asked for. Who administers all projects also sees every property that has a column.',
    },
    read('Properties'),
    { 200: { description: 'The properties and the budget.', content: json(propertiesAnswerSchema) } },
  ),
  promoteProperty: route(
    {
      operationId: 'promoteProperty',
      method: 'put',
      path: '/api/properties/{key}/promotion',
      summary: 'Promote a property',
      description:
        'Gives the property a column of its own, in the background, and keeps it. Answers stay the same, only sooner. Columns are shared by all projects: this needs an admin key of the project `default`, or a session that sees all.',
      request: { params: propertyPathSchema },
    },
    {
      tag: 'Properties',
      permission: 'platform:admin',
      errors: [...READ_ERRORS, 'conflict', 'audit_unavailable'],
    },
    {
      202: {
        description: 'It is being built, or was promoted already.',
        content: json(promotionAnswerSchema),
      },
    },
  ),
  demoteProperty: route(
    {
      operationId: 'demoteProperty',
      method: 'delete',
      path: '/api/properties/{key}/promotion',
      summary: 'Demote a property',
      description:
        'Drops its column. Nothing is lost: queries read the JSON text again. Needs the same rights as promoting.',
      request: { params: propertyPathSchema },
    },
    {
      tag: 'Properties',
      permission: 'platform:admin',
      errors: [...READ_ERRORS, 'not_found', 'audit_unavailable'],
    },
    { 200: { description: 'It is not promoted any more.', content: json(promotionAnswerSchema) } },
  ),
  listProjects: route(
    {
      operationId: 'listProjects',
      method: 'get',
      path: '/api/projects',
      summary: 'List projects',
      description:
        'All of them for an admin key of the project `default` and for a session that sees all; otherwise the own one.',
    },
    { tag: 'Projects', permission: 'project:admin', errors: [] },
    { 200: { description: 'The projects, oldest first.', content: json(projectsAnswerSchema) } },
  ),
  createProject: route(
    {
      operationId: 'createProject',
      method: 'post',
      path: '/api/projects',
      summary: 'Make a project',
      description:
        'With its first write key. Needs an admin key of the project `default`, or a session that sees all projects. 409 if there is one of this name.',
      request: { body: { required: true, content: json(newProjectSchema) } },
    },
    {
      tag: 'Projects',
      permission: 'platform:admin',
      errors: ['invalid_request', 'invalid_json', 'unsupported_media_type', 'conflict', 'audit_unavailable'],
    },
    {
      201: { description: 'The project, and its key, shown this once.', content: json(createdProjectSchema) },
    },
  ),
  changeProject: route(
    {
      operationId: 'changeProject',
      method: 'patch',
      path: '/api/projects/{name}',
      summary: 'Change a project',
      description:
        'Of the own project, or of any for an admin key of the project `default` and for a session that sees all.',
      request: {
        params: z.object({ name: z.string().openapi({ example: 'shop' }) }),
        body: { required: true, content: json(projectChangeSchema) },
      },
    },
    {
      tag: 'Projects',
      permission: 'project:admin',
      errors: ['not_found', 'invalid_request', 'invalid_json', 'unsupported_media_type', 'audit_unavailable'],
    },
    { 200: { description: 'The project as it is now.', content: json(changedProjectSchema) } },
  ),
  removeProject: route(
    {
      operationId: 'removeProject',
      method: 'delete',
      path: '/api/projects/{name}',
      summary: 'Remove a project',
      description:
        'With its events, refused events, books, keys and sessions. Its keys are refused from this answer on, and its name is free for a new project, which shares nothing with it. Its rows are deleted in the background, seconds for millions of events; the log keeps their bytes until it trims them. There is no way back. `default` cannot be removed (409). Needs an admin key of the project `default`, or a session that sees all projects.',
      request: { params: z.object({ name: z.string().openapi({ example: 'shop' }) }) },
    },
    { tag: 'Projects', permission: 'platform:admin', errors: ['not_found', 'conflict', 'audit_unavailable'] },
    { 202: { description: 'It is being removed.', content: json(removedProjectSchema) } },
  ),
  readDemo: route(
    {
      operationId: 'readDemo',
      method: 'get',
      path: '/api/demo',
      summary: 'How the demo is',
      description: 'For keys and sessions of any project.',
    },
    { tag: 'Demo', permission: 'data:read', errors: [] },
    { 200: { description: 'Its state.', content: json(demoAnswerSchema) } },
  ),
  startDemo: route(
    {
      operationId: 'startDemo',
      method: 'post',
      path: '/api/demo',
      summary: 'Start the demo',
      description:
        'Live events flow at once, history comes in beside them. One that is there already is left as it is, one that failed is taken up again. Needs an admin key of the project `default`, or a session that sees all projects.',
      request: { body: { required: false, content: json(newDemoSchema) } },
    },
    {
      tag: 'Demo',
      permission: 'platform:admin',
      errors: ['invalid_request', 'invalid_json', 'unsupported_media_type', 'conflict', 'audit_unavailable'],
    },
    { 202: { description: 'It is there, or on its way.', content: json(demoAnswerSchema) } },
  ),
  clearDemo: route(
    {
      operationId: 'clearDemo',
      method: 'delete',
      path: '/api/demo',
      summary: 'Remove the demo',
      description:
        'With its project and all its events. `clearing` until nothing is left of them; where there is no demo, `absent`. Needs an admin key of the project `default`, or a session that sees all projects.',
    },
    { tag: 'Demo', permission: 'platform:admin', errors: ['audit_unavailable'] },
    { 202: { description: 'It is gone, or going.', content: json(demoAnswerSchema) } },
  ),
  listKeys: route(
    {
      operationId: 'listKeys',
      method: 'get',
      path: '/api/keys',
      summary: 'List keys',
      description:
        'Those of the project, revoked ones included, without the keys themselves: only their hashes are stored.',
    },
    { tag: 'Keys', permission: 'project:admin', errors: [] },
    { 200: { description: 'The keys, oldest first.', content: json(keysAnswerSchema) } },
  ),
  createKey: route(
    {
      operationId: 'createKey',
      method: 'post',
      path: '/api/keys',
      summary: 'Make a key',
      request: { body: { required: true, content: json(newKeySchema) } },
    },
    {
      tag: 'Keys',
      permission: 'project:admin',
      errors: ['invalid_request', 'invalid_json', 'unsupported_media_type', 'audit_unavailable'],
    },
    { 201: { description: 'The key, shown this once.', content: json(createdKeySchema) } },
  ),
  rotateKey: route(
    {
      operationId: 'rotateKey',
      method: 'post',
      path: '/api/keys/{id}/rotate',
      summary: 'Replace a key',
      description:
        'Makes a key with the same name, scopes and origins, which lives as long; the old one ends after a while, one day unless said otherwise.',
      request: {
        params: keyPathSchema,
        body: { required: false, content: json(rotationSchema) },
      },
    },
    {
      tag: 'Keys',
      permission: 'project:admin',
      errors: ['not_found', 'invalid_request', 'invalid_json', 'unsupported_media_type', 'audit_unavailable'],
    },
    { 201: { description: 'The new key, shown this once.', content: json(createdKeySchema) } },
  ),
  revokeKey: route(
    {
      operationId: 'revokeKey',
      method: 'delete',
      path: '/api/keys/{id}',
      summary: 'Revoke a key',
      description: 'Takes effect at once, and for good.',
      request: { params: keyPathSchema },
    },
    { tag: 'Keys', permission: 'project:admin', errors: ['not_found', 'audit_unavailable'] },
    { 200: { description: 'It is revoked.', content: json(revokedKeySchema) } },
  ),
  readAudit: route(
    {
      operationId: 'readAudit',
      method: 'get',
      path: '/api/audit',
      summary: 'Read the audit log',
      description:
        'Who did what: every change, and every read of personal data, newest first. Each entry holds the hash of the one before; `aevum verify` checks the chain. Looking is an entry as well.',
      request: { query: auditQuerySchema },
    },
    { tag: 'Audit', permission: 'project:admin', errors: ['invalid_request', 'audit_unavailable'] },
    { 200: { description: 'One page.', content: json(auditAnswerSchema) } },
  ),
  getSession: route(
    {
      operationId: 'getSession',
      method: 'get',
      path: '/api/session',
      summary: 'Who is signed in',
      description: 'Asked by the pages when they open. The cookie is renewed.',
      request: { query: sessionQuerySchema },
    },
    { tag: 'Session', permission: null, errors: [...SESSION_ERRORS, 'not_found'] },
    { 200: { description: 'The session.', content: json(sessionAnswerSchema) } },
  ),
  signIn: route(
    {
      operationId: 'signIn',
      method: 'post',
      path: '/api/session',
      summary: 'Sign in',
      description:
        'With e-mail and password, or with an admin key. Sets the cookie. A user sees the projects of its memberships. An admin key of the project `default` sees all projects, one of another project sees that one; the session ends when the key is revoked. Attempts are bounded: 429 says when to try again.',
      request: { body: { required: true, content: json(signInSchema) } },
    },
    {
      tag: 'Session',
      permission: null,
      errors: [
        ...ACCESS_ERRORS,
        'wrong_password',
        'too_many_attempts',
        'foreign_origin',
        ...PROJECT_ERRORS,
        'invalid_request',
        'invalid_json',
        'unsupported_media_type',
      ],
    },
    { 201: { description: 'Signed in.', content: json(sessionAnswerSchema) } },
  ),
  signOut: route(
    {
      operationId: 'signOut',
      method: 'delete',
      path: '/api/session',
      summary: 'Sign out',
      description: 'Ends the session, if there is one, and takes the cookie back.',
    },
    { tag: 'Session', permission: null, errors: ['foreign_origin'] },
    { 200: { description: 'Signed out.', content: json(signedOutSchema) } },
  ),
  readMe: route(
    {
      operationId: 'readMe',
      method: 'get',
      path: '/api/me',
      summary: 'Who am I',
      description: 'With the organisations and projects of whoever asks, and what may be done in each.',
    },
    { tag: 'Me', permission: 'any', errors: [] },
    { 200: { description: 'Who asks.', content: json(meAnswerSchema) } },
  ),
  changePassword: route(
    {
      operationId: 'changePassword',
      method: 'post',
      path: '/api/me/password',
      summary: 'Change my password',
      description: 'Ends all other sessions. For users who are signed in.',
      request: { body: { required: true, content: json(changePasswordSchema) } },
    },
    { tag: 'Me', permission: 'any', errors: [...BODY_ERRORS, 'wrong_password', 'too_many_attempts'] },
    { 200: { description: 'It is changed.', content: json(passwordAnswerSchema) } },
  ),
  listMySessions: route(
    {
      operationId: 'listMySessions',
      method: 'get',
      path: '/api/me/sessions',
      summary: 'List my sessions',
      description: 'For users who are signed in.',
    },
    { tag: 'Me', permission: 'any', errors: [] },
    { 200: { description: 'Last used first.', content: json(userSessionsAnswerSchema) } },
  ),
  endMySession: route(
    {
      operationId: 'endMySession',
      method: 'delete',
      path: '/api/me/sessions/{id}',
      summary: 'End one of my sessions',
      request: { params: userSessionPathSchema },
    },
    { tag: 'Me', permission: 'any', errors: ['not_found'] },
    { 200: { description: 'It is over.', content: json(removedSchema) } },
  ),
  listOrganisations: route(
    {
      operationId: 'listOrganisations',
      method: 'get',
      path: '/api/organisations',
      summary: 'List organisations',
      description: 'All of them for the operator, otherwise the own ones.',
    },
    { tag: 'Members', permission: 'any', errors: [] },
    { 200: { description: 'Oldest first.', content: json(organisationsAnswerSchema) } },
  ),
  createOrganisation: route(
    {
      operationId: 'createOrganisation',
      method: 'post',
      path: '/api/organisations',
      summary: 'Make an organisation',
      description: 'Without projects and members: make a project in it, and invite an owner.',
      request: { body: { required: true, content: json(organisationNameSchema) } },
    },
    { tag: 'Members', permission: 'platform:admin', errors: [...BODY_ERRORS, 'conflict'] },
    { 201: { description: 'It is made.', content: json(organisationAnswerSchema) } },
  ),
  renameOrganisation: route(
    {
      operationId: 'renameOrganisation',
      method: 'patch',
      path: '/api/organisations/{organisation}',
      summary: 'Rename an organisation',
      description: 'Its id stays.',
      request: {
        params: organisationPathSchema,
        body: { required: true, content: json(organisationNameSchema) },
      },
    },
    { tag: 'Members', permission: 'organisation:admin', errors: [...BODY_ERRORS, 'not_found'] },
    { 200: { description: 'It is renamed.', content: json(organisationAnswerSchema) } },
  ),
  listMembers: route(
    {
      operationId: 'listMembers',
      method: 'get',
      path: '/api/organisations/{organisation}/members',
      summary: 'List members',
      description: 'Of the whole organisation, and of the projects that whoever asks administers.',
      request: { params: organisationPathSchema },
    },
    { tag: 'Members', permission: 'project:admin', errors: ['not_found'] },
    { 200: { description: 'By e-mail.', content: json(membersAnswerSchema) } },
  ),
  changeRole: route(
    {
      operationId: 'changeRole',
      method: 'patch',
      path: '/api/organisations/{organisation}/members/{id}',
      summary: "Change a member's role",
      description:
        'Takes effect at once, also for who is signed in. Roles in the whole organisation are given by owners; an owner stays (409).',
      request: { params: memberPathSchema, body: { required: true, content: json(changeRoleSchema) } },
    },
    { tag: 'Members', permission: 'project:admin', errors: [...BODY_ERRORS, 'not_found', 'conflict'] },
    { 200: { description: 'It is changed.', content: json(memberAnswerSchema) } },
  ),
  removeMember: route(
    {
      operationId: 'removeMember',
      method: 'delete',
      path: '/api/organisations/{organisation}/members/{id}',
      summary: 'Remove a member',
      description: 'Takes effect at once, also for who is signed in. An owner stays (409).',
      request: { params: memberPathSchema },
    },
    { tag: 'Members', permission: 'project:admin', errors: ['not_found', 'conflict'] },
    { 200: { description: 'The membership is gone; the account is not.', content: json(removedSchema) } },
  ),
  listInvitations: route(
    {
      operationId: 'listInvitations',
      method: 'get',
      path: '/api/organisations/{organisation}/invitations',
      summary: 'List open invitations',
      description: 'Those that whoever asks may revoke.',
      request: { params: organisationPathSchema },
    },
    { tag: 'Members', permission: 'project:admin', errors: ['not_found'] },
    { 200: { description: 'Newest first.', content: json(invitationsAnswerSchema) } },
  ),
  createInvitation: route(
    {
      operationId: 'createInvitation',
      method: 'post',
      path: '/api/organisations/{organisation}/invitations',
      summary: 'Invite somebody',
      description:
        'Makes a link; nothing is sent. Owners invite to the whole organisation, who administers a project to that project.',
      request: {
        params: organisationPathSchema,
        body: { required: true, content: json(newInvitationSchema) },
      },
    },
    { tag: 'Members', permission: 'project:admin', errors: [...BODY_ERRORS, 'not_found', 'conflict'] },
    { 201: { description: 'The link, shown this once.', content: json(createdInvitationSchema) } },
  ),
  revokeInvitation: route(
    {
      operationId: 'revokeInvitation',
      method: 'delete',
      path: '/api/organisations/{organisation}/invitations/{id}',
      summary: 'Take an invitation back',
      request: { params: invitationPathSchema },
    },
    { tag: 'Members', permission: 'project:admin', errors: ['not_found'] },
    { 200: { description: 'Its link is good for nothing.', content: json(removedSchema) } },
  ),
  readInvitation: route(
    {
      operationId: 'readInvitation',
      method: 'post',
      path: '/api/invitation',
      summary: 'What an invitation is to',
      description: 'For whoever has the link. By POST, so that the token stands in no log.',
      request: { body: { required: true, content: json(linkTokenSchema) } },
    },
    { tag: 'Members', permission: null, errors: [...BODY_ERRORS, 'foreign_origin', 'unknown_link'] },
    { 200: { description: 'The invitation.', content: json(seenInvitationSchema) } },
  ),
  acceptInvitation: route(
    {
      operationId: 'acceptInvitation',
      method: 'post',
      path: '/api/invitation/accept',
      summary: 'Accept an invitation',
      description:
        'With a name and a password it makes an account and signs in. Who has an account for the e-mail must be signed in with it (401 `sign_in_first`).',
      request: { body: { required: true, content: json(acceptInvitationSchema) } },
    },
    {
      tag: 'Members',
      permission: null,
      errors: [
        ...BODY_ERRORS,
        'foreign_origin',
        'unknown_link',
        'sign_in_first',
        'conflict',
        'too_many_attempts',
      ],
    },
    { 201: { description: 'A member, and signed in.', content: json(meAnswerSchema) } },
  ),
  readResetLink: route(
    {
      operationId: 'readResetLink',
      method: 'post',
      path: '/api/password/link',
      summary: 'Whose password a link sets',
      description: 'For whoever has the link that `aevum users reset` prints.',
      request: { body: { required: true, content: json(linkTokenSchema) } },
    },
    { tag: 'Me', permission: null, errors: [...BODY_ERRORS, 'foreign_origin', 'unknown_link'] },
    { 200: { description: 'Of this user.', content: json(resetLinkAnswerSchema) } },
  ),
  resetPassword: route(
    {
      operationId: 'resetPassword',
      method: 'post',
      path: '/api/password',
      summary: 'Set a password by a link',
      description: 'Ends all sessions of the user, and signs in.',
      request: { body: { required: true, content: json(resetPasswordSchema) } },
    },
    {
      tag: 'Me',
      permission: null,
      errors: [...BODY_ERRORS, 'foreign_origin', 'unknown_link', 'too_many_attempts'],
    },
    { 200: { description: 'It is set, and its user signed in.', content: json(passwordAnswerSchema) } },
  ),
  system: route(
    {
      operationId: 'system',
      method: 'get',
      path: '/api/system',
      summary: 'The program and its configuration',
      description:
        'Versions, since when it runs, and every option as it is in force. Secrets are named, not told.',
    },
    { tag: 'System', permission: 'platform:admin', errors: [] },
    { 200: { description: 'As it is now.', content: json(systemAnswerSchema) } },
  ),
  readDoctor: route(
    {
      operationId: 'readDoctor',
      method: 'get',
      path: '/api/system/doctor',
      summary: 'What the checks found last',
      description: 'Nothing is checked: POST runs the checks.',
    },
    { tag: 'System', permission: 'platform:admin', errors: [] },
    { 200: { description: 'What was found, and when.', content: json(doctorAnswerSchema) } },
  ),
  runDoctor: route(
    {
      operationId: 'runDoctor',
      method: 'post',
      path: '/api/system/doctor',
      summary: 'Run the checks',
      description:
        'Looks at the machine, the disk, the log, the engine and what the parts say of themselves, one after the other, each for at most 10 s. While the checks run, whoever asks too gets what they find. `aevum doctor` on the machine reads all of the log, too.',
    },
    { tag: 'System', permission: 'platform:admin', errors: ['foreign_origin'] },
    { 200: { description: 'What was found.', content: json(doctorAnswerSchema) } },
  ),
  runningQueries: route(
    {
      operationId: 'runningQueries',
      method: 'get',
      path: '/api/system/queries',
      summary: 'What is asked now',
      description:
        'Every question that runs or waits, of all projects: what kind it is, who asks, since when, how far it is; and what the platform itself asks of the engine. Statements are told without values.',
    },
    { tag: 'System', permission: 'platform:admin', errors: [] },
    { 200: { description: 'As it is now.', content: json(runningQueriesSchema) } },
  ),
  endQuery: route(
    {
      operationId: 'endQuery',
      method: 'delete',
      path: '/api/system/queries/{id}',
      summary: 'End a question',
      description:
        'Stops its statement in the engine, and only that. Who asked gets the error `query_ended`. The audit log says who ended it.',
      request: { params: runningPathSchema },
    },
    {
      tag: 'System',
      permission: 'platform:admin',
      errors: ['not_found', 'foreign_origin', 'audit_unavailable'],
    },
    { 200: { description: 'It is being ended.', content: json(endedQuerySchema) } },
  ),
  health: route(
    {
      operationId: 'health',
      method: 'get',
      path: '/api/health',
      summary: 'Health',
      description:
        'What works and what does not, with what to do. Nobody is refused. A key or session with `platform:read` is told the names and numbers to it (`detail`).',
    },
    open,
    {
      200: {
        description: 'Whatever the state: a probe of liveness must not restart what a restart does not cure.',
        content: json(healthAnswerSchema),
      },
    },
  ),
  ready: route(
    {
      operationId: 'ready',
      method: 'get',
      path: '/api/ready',
      summary: 'Readiness',
      description: 'For load balancers.',
    },
    open,
    {
      200: { description: 'Ready.', content: json(readyAnswerSchema) },
      503: { description: 'Not ready.', content: json(readyAnswerSchema) },
    },
  ),
  metrics: route(
    { operationId: 'metrics', method: 'get', path: '/api/metrics', summary: 'Metrics as JSON' },
    platform,
    { 200: { description: 'Every series as it stands.', content: json(metricsAnswerSchema) } },
  ),
  prometheus: route(
    { operationId: 'prometheus', method: 'get', path: '/metrics', summary: 'Metrics for Prometheus' },
    platform,
    { 200: text('Prometheus text format.', 'text/plain') },
  ),
  openapi: route(
    {
      operationId: 'openapi',
      method: 'get',
      path: '/api/openapi.json',
      summary: 'This description',
      description: 'OpenAPI 3.1.',
    },
    open,
    { 200: { description: 'The document.', content: json(z.object({ openapi: z.string() }).loose()) } },
  ),
  docs: route({ operationId: 'docs', method: 'get', path: '/api/docs', summary: 'This page' }, open, {
    200: text('The reference page.', 'text/html'),
  }),
} as const;

/** Name of a route. */
export type OperationId = keyof typeof ROUTES;
