/**
 * One request to every route, for tests that walk all of them. They fail for a route without a sample, and for one whose path parameters are not named.
 */

/** What a path parameter may be: a thing of the tenant asked about, and one that there is not. */
export type Subject =
  | 'event'
  | 'user'
  | 'visit'
  | 'import'
  | 'type'
  | 'property'
  | 'project'
  | 'key'
  | 'session'
  | 'organisation'
  | 'member'
  | 'invitation'
  | 'query'
  | 'cohort'
  | 'insight'
  | 'board'
  | 'insightShare'
  | 'boardShare'
  | 'annotation'
  | 'metric'
  | 'export'
  | 'exportFile';

/** One request. */
export interface RouteSample {
  readonly params?: Readonly<Record<string, Subject | { readonly fixed: string }>>;
  /** Any value is refused as invalid where the route would change something that all share. */
  readonly body?: unknown;
  readonly query?: string;
  /** The key stands in the path, and is the one that asks. */
  readonly keyInPath?: true;
  /** It answers without end: only the head is looked at. */
  readonly isStream?: true;
}

const EVENT = { type: 'page_view', user_id: 'someone' };

/** A cohort that may be saved. */
export const COHORT = {
  name: 'Buyers',
  definition: { match: 'all', criteria: [{ kind: 'did', event: 'purchase', at_least: 1, within: '30d' }] },
};

/** A metric that may be saved. */
export const METRIC = {
  name: 'orders',
  title: 'Orders',
  events: 'purchase',
  dimensions: ['country'],
  window: { kind: 'tumbling', size: '1h' },
};

/** An insight that may be saved. */
export const INSIGHT = {
  name: 'Events',
  question: { kind: 'trend', interval: 'total', range: 'last 7 days' },
};

/** A board that may be saved. */
export const BOARD = {
  name: 'Board',
  tiles: [{ id: 'events', kind: 'question', question: INSIGHT.question, x: 0, y: 0, w: 6, h: 4 }],
};

/** An annotation that may be made. */
export const ANNOTATION = { text: 'Release', from: '2026-11-20T12:00:00Z' };

/** An export that may be saved. */
export const EXPORT = {
  name: 'Daily events',
  what: { kind: 'question', question: INSIGHT.question },
  folder: 'daily',
};

/** By operation. */
export const ROUTE_SAMPLES: Readonly<Record<string, RouteSample>> = {
  collectEvent: { body: EVENT },
  collectEvents: { body: [EVENT] },
  segmentBatch: { body: { batch: [{ type: 'track', event: 'Bought', userId: 'someone' }] } },
  segmentCall: { params: { call: { fixed: 'track' } }, body: { event: 'Bought', userId: 'someone' } },
  segmentSettings: { keyInPath: true },
  posthogBatch: { body: { batch: [{ event: 'bought', distinct_id: 'someone' }] } },
  posthogEvents: { body: { batch: [{ event: 'bought', distinct_id: 'someone' }] } },
  posthogConfig: { keyInPath: true },
  posthogFlags: { body: {} },
  query: { body: { kind: 'trend', interval: 'total', range: 'last 1 hour' } },
  queryState: { params: { id: 'query' } },
  queryAnswer: { params: { id: 'query' } },
  cancelQuery: { params: { id: 'query' } },
  sql: { body: { sql: 'SELECT count() AS n FROM events' } },
  sqlSchema: {},
  listCohorts: {},
  createCohort: { body: { name: '' } },
  readCohort: { params: { id: 'cohort' } },
  changeCohort: { params: { id: 'cohort' }, body: { ...COHORT, version: 1 } },
  removeCohort: { params: { id: 'cohort' } },
  sizeOfCohort: { params: { id: 'cohort' } },
  listMetrics: {},
  createMetric: { body: { name: '' } },
  readMetric: { params: { id: 'metric' } },
  changeMetric: { params: { id: 'metric' }, body: { ...METRIC, version: 1 } },
  removeMetric: { params: { id: 'metric' } },
  listInsights: {},
  createInsight: { body: { name: '' } },
  readInsight: { params: { id: 'insight' } },
  changeInsight: { params: { id: 'insight' }, body: { ...INSIGHT, version: 1 } },
  removeInsight: { params: { id: 'insight' } },
  queryInsight: { params: { id: 'insight' }, body: {} },
  answerInsight: { params: { id: 'insight' } },
  listInsightVersions: { params: { id: 'insight' } },
  readInsightVersion: { params: { id: 'insight', version: { fixed: '1' } } },
  restoreInsight: { params: { id: 'insight', version: { fixed: '1' } }, body: { version: 1 } },
  listInsightShares: { params: { id: 'insight' } },
  createInsightShare: { params: { id: 'insight' }, body: { name: 'Link' } },
  revokeInsightShare: { params: { id: 'insight', share: 'insightShare' } },
  listBoards: {},
  createBoard: { body: { name: '' } },
  listBoardTemplates: {},
  readBoard: { params: { id: 'board' } },
  changeBoard: { params: { id: 'board' }, body: { ...BOARD, version: 1 } },
  removeBoard: { params: { id: 'board' } },
  queryBoard: { params: { id: 'board' }, body: {} },
  listBoardVersions: { params: { id: 'board' } },
  readBoardVersion: { params: { id: 'board', version: { fixed: '1' } } },
  restoreBoard: { params: { id: 'board', version: { fixed: '1' } }, body: { version: 1 } },
  listBoardShares: { params: { id: 'board' } },
  createBoardShare: { params: { id: 'board' }, body: { name: 'Link' } },
  revokeBoardShare: { params: { id: 'board', share: 'boardShare' } },
  listShares: {},
  readShared: {},
  queryShared: { body: {} },
  listAnnotations: {},
  createAnnotation: { body: { text: '' } },
  changeAnnotation: { params: { id: 'annotation' }, body: { ...ANNOTATION, version: 1 } },
  removeAnnotation: { params: { id: 'annotation' } },
  listExports: {},
  createExport: { body: { name: '' } },
  readExport: { params: { id: 'export' } },
  changeExport: { params: { id: 'export' }, body: { ...EXPORT, version: 1 } },
  removeExport: { params: { id: 'export' } },
  runExport: { params: { id: 'export' } },
  listExportRuns: { params: { id: 'export' } },
  listExportFiles: { params: { id: 'export' } },
  downloadExportFile: { params: { id: 'export', name: 'exportFile' } },
  listEvents: {},
  listUsers: {},
  readUser: { params: { id: 'user' } },
  readUserProfile: { params: { id: 'user' } },
  userTimeline: { params: { id: 'user' } },
  listSessions: {},
  readSession: { params: { id: 'visit' } },
  traceEvent: { params: { id: 'event' } },
  ledger: {},
  positionAt: {},
  streamEvents: { isStream: true },
  liveTicket: {},
  quarantine: {},
  listImports: {},
  readImport: { params: { id: 'import' } },
  findKnownIds: { params: { id: 'import' }, body: { ids: ['one'] } },
  catalogTypes: {},
  describeType: { params: { type: 'type' }, body: { description: 'Foreign', owner: '', version: 1 } },
  describeProperty: {
    params: { type: 'type', key: 'property' },
    body: { description: 'Foreign', version: 1 },
  },
  catalogProperties: {},
  catalogValues: { query: 'field=country' },
  listProperties: {},
  promoteProperty: { params: { key: 'property' } },
  demoteProperty: { params: { key: 'property' } },
  listProjects: {},
  createProject: { body: { name: 'Not A Name' } },
  system: {},
  readDoctor: {},
  runDoctor: {},
  runningQueries: {},
  endQuery: { params: { id: { fixed: 'r_none' } } },
  changeProject: { params: { name: 'project' }, body: { timezone: 'UTC' } },
  removeProject: { params: { name: 'project' } },
  readDemo: {},
  startDemo: { body: { days: 'none' } },
  clearDemo: {},
  listKeys: {},
  createKey: { body: { kind: 'none', name: '' } },
  rotateKey: { params: { id: 'key' } },
  revokeKey: { params: { id: 'key' } },
  readAudit: {},
  getSession: {},
  signIn: { body: { email: 'nobody@example.com', password: 'not a password of anybody' } },
  signOut: {},
  readMe: {},
  changePassword: { body: { current_password: '', new_password: '' } },
  listMySessions: {},
  endMySession: { params: { id: 'session' } },
  listOrganisations: {},
  createOrganisation: { body: { name: '' } },
  renameOrganisation: { params: { organisation: 'organisation' }, body: { name: 'Renamed' } },
  listMembers: { params: { organisation: 'organisation' } },
  changeRole: { params: { organisation: 'organisation', id: 'member' }, body: { role: 'viewer' } },
  removeMember: { params: { organisation: 'organisation', id: 'member' } },
  listInvitations: { params: { organisation: 'organisation' } },
  createInvitation: {
    params: { organisation: 'organisation' },
    body: { email: 'not an address', role: 'viewer' },
  },
  revokeInvitation: { params: { organisation: 'organisation', id: 'invitation' } },
  readInvitation: { body: { token: 'nonsense' } },
  acceptInvitation: { body: { token: 'nonsense' } },
  readResetLink: { body: { token: 'nonsense' } },
  resetPassword: { body: { token: 'nonsense', password: 'a long-winded phrase' } },
  health: {},
  ready: {},
  metrics: {},
  prometheus: {},
  openapi: {},
  docs: {},
};
