import type { CohortSize } from '../contract/cohorts.ts';
import {
  CATALOG_LIMITS,
  type CatalogPropertiesAnswer,
  type CatalogPropertiesQuery,
  type CatalogTypesAnswer,
  type CatalogTypesQuery,
  type CatalogValuesAnswer,
  type CatalogValuesQuery,
} from '../contract/event-catalog.ts';
import type { EventsQuery, QuarantineAnswer, QuarantineQuery, TraceAnswer } from '../contract/events.ts';
import type { LedgerAnswer, LedgerQuery } from '../contract/ledger.ts';
import type { PositionAnswer, PositionQuery } from '../contract/positions.ts';
import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import type { OneSessionQuery, SessionListAnswer, SessionListQuery } from '../contract/session-list.ts';
import type { UserAnswer, UserProfile, UsersAnswer, UsersQuery } from '../contract/users.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { Progress } from '../process/messages.ts';
import { loadedPosition, parseAsOf } from './as-of.ts';
import { bindCohorts, bindFilter, sizeStatement } from './cohorts.ts';
import {
  propertiesAnswer,
  propertiesStatement,
  type PropertyRow,
  type TypeRow,
  typesAnswer,
  typesStatement,
  valuesAnswer,
  type ValuesRow,
  valuesStatement,
} from './event-catalog.ts';
import { type EventsPage, eventsPage, eventsStatement, type EventRow } from './events.ts';
import { parseField } from './fields.ts';
import { parseFilter } from './filter.ts';
import { asOf, freshnessOf, pendingEvents, type Standing, takeStanding } from './freshness.ts';
import { Inquiry, type InquiryOptions, type KeptSource, toTenths } from './insight.ts';
import { answerInsight, type AnswerTo } from './insights.ts';
import {
  ledgerAnswer,
  ledgerRange,
  type LedgerRow,
  ledgerStatement,
  type UnbalancedRow,
  unbalancedStatement,
} from './ledger.ts';
import { bindMetric, metricOf } from './metric.ts';
import type { PendingLookup } from './pending-lookup.ts';
import {
  type CohortSource,
  type CohortTree,
  type DerivedSource,
  type DescriptionSource,
  type MetricSource,
  noCohorts,
  noDescriptions,
  noMetrics,
  type PendingSource,
  type PropertyColumns,
  type QueryWarehouse,
  type ReadOptions,
  type ReadResult,
  type SavedMetric,
  type WindowsNext,
} from './ports.ts';
import {
  askedTime,
  beforeStatement,
  type Decided,
  firstStatement,
  knownOf,
  NO_POSITION,
  positionAnswer,
  positionBefore,
  type Receipt,
  receiptStatement,
} from './positions.ts';
import { quarantineAnswer, type QuarantineRow, quarantineStatement } from './quarantine.ts';
import { answerKey, ResultCache } from './result-cache.ts';
import { rehearse } from './rehearse.ts';
import { listSessions, type OneSession, readSession } from './session-list.ts';
import { steadyContext } from './settled-sessions.ts';
import type { Statement } from './sql.ts';
import {
  PROFILE_ROWS_MAX,
  type FactsRow,
  profileEvents,
  profileOfEvents,
  profileParts,
} from './profile-rows.ts';
import { noUserOrder, type OrderReach, type UserOrderSource } from './user-rows.ts';
import {
  filterOfList,
  keysOfFilter,
  type ProfileRow,
  profileStatement,
  userAnswer,
  userProfile,
  type UserRow,
  usersPage,
  usersStatement,
} from './users.ts';
import { toClientError } from './warehouse-failure.ts';
import type { Followed } from './running.ts';
import { answeredAgain, answerKept, queryAnswered, readAgainFrugally, userLookedUp } from './telemetry.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { type TraceRow, traceAnswer, traceStatement } from './trace.ts';

/** What the service is made of. */
export interface QueryServiceOptions {
  readonly warehouse: QueryWarehouse;
  /** How far the processor has come, now. */
  readonly progress: () => Progress;
  readonly pending: PendingSource;
  readonly columns: PropertyColumns;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Bytes of answers that are kept to be given again; default 0: none is. */
  readonly cacheBytesMax?: number;
  /** How far the order of users is filled; without it users are looked up in the events. */
  readonly userOrder?: UserOrderSource;
  /** The rollup of 15 minutes; without it trends are counted from that of 10 seconds, or from the events. */
  readonly coarse?: DerivedSource;
  /** What is kept of metrics; without it they are counted like trends. */
  readonly kept?: KeptMetrics;
  /** Events of a user that are read one by one for a profile; default 2,000. */
  readonly profileRowsMax?: number;
  /** The saved cohorts; without it filters can name none. */
  readonly cohorts?: CohortSource;
  /** What people say about events; without it nothing. */
  readonly descriptions?: DescriptionSource;
  /** The saved metrics; without it there are none. */
  readonly metrics?: MetricSource;
  /** How far the windows of a metric of some version are kept; without it as far as they tell. */
  readonly windowsNext?: WindowsNext;
  /** How late events may be that are taken in; default a day. */
  readonly staleLimitMs?: number | undefined;
  /** From so many sessions on web analytics read those that are kept; default 20,000. */
  readonly keptSessionsMin?: number;
  /** From so many sessions on the visitors of web analytics are counted apart from the other numbers; default 1 million. */
  readonly visitorsApartMin?: number;
  /** Looks into the raw log for what is not loaded yet; without it a trace knows only what the warehouse holds. */
  readonly findPending?: PendingLookup;
}

/** What is kept ready of metrics. */
export interface KeptMetrics {
  of(metric: SavedMetric): KeptSource | undefined;
  /** Says that a metric was asked for, and how many rows were read for it: those that are worth it are kept. */
  asked(metric: SavedMetric, rowsRead: number): void;
}

/** How many belong to a cohort, and as of when. */
export type SizeAnswer = Pick<CohortSize, 'size' | 'as_of' | 'freshness'>;

/** What every method takes beside its question. */
export interface AskOptions extends Followed {
  /** The answer is not looked for among those given before, and not kept: for those who ask only when it may be another one. */
  readonly once?: boolean;
  /** How long a statement may take; the warehouse's own bound if absent. */
  readonly timeoutMs?: number;
  /** Told of each statement that is done, with the rows that it read. */
  readonly watch?: (rowsRead: number) => void;
  /** Ends the statement in the warehouse when the asker has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** Answers questions of one project. Every method rejects with ApiError for what a client can do something about. */
export interface QueryService {
  query<Request extends QueryRequest>(
    project: string,
    request: Request,
    options?: AskOptions,
  ): Promise<AnswerTo<Request>>;
  /** Whether a question can be answered as things are: rejects as `query` would, and reads nothing. */
  check(project: string, request: QueryRequest): Promise<void>;
  events(project: string, query: EventsQuery, options?: AskOptions): Promise<EventsPage>;
  users(project: string, query: UsersQuery, options?: AskOptions): Promise<UsersAnswer>;
  sessions(project: string, query: SessionListQuery, options?: AskOptions): Promise<SessionListAnswer>;
  /** Rejects with ApiError `not_found` for a session that no event belongs to. */
  session(project: string, id: string, query: OneSessionQuery, options?: AskOptions): Promise<OneSession>;
  /** Rejects with ApiError `not_found` for a user that no event names. So does `userProfile`. */
  user(project: string, id: string, options?: AskOptions): Promise<UserAnswer>;
  userProfile(project: string, id: string, options?: AskOptions): Promise<UserProfile>;
  /** How many belong to a cohort. */
  cohortSize(project: string, tree: CohortTree, options?: AskOptions): Promise<SizeAnswer>;
  /** What events there are: types, properties, values of a field. */
  catalogTypes(project: string, query: CatalogTypesQuery, options?: AskOptions): Promise<CatalogTypesAnswer>;
  catalogProperties(
    project: string,
    query: CatalogPropertiesQuery,
    options?: AskOptions,
  ): Promise<CatalogPropertiesAnswer>;
  catalogValues(
    project: string,
    query: CatalogValuesQuery,
    options?: AskOptions,
  ): Promise<CatalogValuesAnswer>;
  trace(project: string, id: string, options?: AskOptions): Promise<TraceAnswer>;
  ledger(project: string, query: LedgerQuery, options?: AskOptions): Promise<LedgerAnswer>;
  /** Which position the log had at a time. Rejects with ApiError `invalid_request`, `position_not_loaded` for a time that cannot be told. */
  position(project: string, query: PositionQuery, options?: AskOptions): Promise<PositionAnswer>;
  quarantine(project: string, query: QuarantineQuery, options?: AskOptions): Promise<QuarantineAnswer>;
}

/** The query service over a warehouse. Holds no state of its own but answers that it gave. */
export const createQueryService = (options: QueryServiceOptions): QueryService =>
  new WarehouseQueryService(options);

const PENDING_RETRY_MS = 300;

/** Up to where a list sees: the position that its address names. Throws ApiError `position_not_loaded`. */
const askedPosition = (
  { as_of: text }: { readonly as_of?: string | undefined },
  standing: Standing,
): number | undefined => (text === undefined ? undefined : loadedPosition(text, standing));

class WarehouseQueryService implements QueryService {
  readonly #options: QueryServiceOptions;
  readonly #cache: ResultCache | undefined;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    const { cacheBytesMax = 0 } = options;
    this.#cache = cacheBytesMax > 0 ? new ResultCache(cacheBytesMax) : undefined;
  }

  async query<Request extends QueryRequest>(
    project: string,
    asked: Request,
    options: AskOptions = {},
  ): Promise<AnswerTo<Request>> {
    const { clock, telemetry } = this.#options;
    const startedMs = clock.monotonicMs();
    const elapsedMs = () => clock.monotonicMs() - startedMs;
    const request = await this.#bind(project, asked);
    const standing = this.#standing(project);
    const pinned = parseAsOf(request.as_of, standing);
    const cache = options.once === true ? undefined : this.#cache;
    const key = cache === undefined ? '' : answerKey(project, request, standing, pinned);
    const kept = cache?.get(key) as AnswerTo<Request> | undefined;
    if (kept !== undefined) return this.#again(kept, standing, elapsedMs());
    const inquiry = this.#inquiry({ project, standing, pinned, elapsedMs }, options);
    const answer = await answerInsight(request, inquiry);
    const metric = metricOf(request);
    if (metric !== undefined) this.#options.kept?.asked(metric, answer.statistics.rows_read ?? 0);
    cache?.put(key, answer);
    if (cache !== undefined) telemetry.emit(answerKept, { bytes: cache.bytes });
    telemetry.emit(queryAnswered, { kind: answer.kind, source: answer.source, elapsedMs: elapsedMs() });
    return answer;
  }

  #inquiry(
    about: Pick<InquiryOptions, 'project' | 'standing' | 'pinned' | 'elapsedMs'>,
    options: AskOptions,
  ): Inquiry {
    const { columns, staleLimitMs, coarse, windowsNext } = this.#options;
    const { keptSessionsMin, visitorsApartMin } = this.#options;
    return new Inquiry({
      ...{ ...about, columns, staleLimitMs, coarse, windowsNext, keptSessionsMin, visitorsApartMin },
      read: (statement) => this.#read(statement, options),
      kept: (metric) => this.#options.kept?.of(metric),
    });
  }

  async check(project: string, asked: QueryRequest): Promise<void> {
    const request = await this.#bind(project, asked);
    await rehearse(project, request, this.#standing(project));
  }

  async events(project: string, query: EventsQuery, options: AskOptions = {}): Promise<EventsPage> {
    const standing = this.#standing(project);
    const { nowMs } = standing;
    const { columns } = this.#options;
    const asked = await bindFilter(filterOfList(query), project, this.#cohorts);
    const filter = asked === undefined ? undefined : parseFilter(asked);
    columns.asked(project, keysOfFilter(filter));
    const position = askedPosition(query, standing);
    const order = this.#orderFor(query.user_id);
    const scope = { project, ...order, asOf: position, nowMs, columns, filter };
    const { rows } = await this.#read<EventRow>(eventsStatement(query, scope), options);
    return eventsPage(rows, query, query.as_of ?? asOf(standing));
  }

  async users(project: string, query: UsersQuery, options: AskOptions = {}): Promise<UsersAnswer> {
    const standing = this.#standing(project);
    const { columns } = this.#options;
    const asked = await bindFilter(filterOfList(query), project, this.#cohorts);
    const filter = asked === undefined ? undefined : parseFilter(asked);
    columns.asked(project, keysOfFilter(filter));
    const position = askedPosition(query, standing);
    const scope = { project, covered: this.#covered, asOf: position, nowMs: standing.nowMs, columns };
    const { rows } = await this.#read<UserRow>(usersStatement(query, filter, scope), options);
    return usersPage(rows, query, query.as_of ?? asOf(standing));
  }

  async sessions(
    project: string,
    query: SessionListQuery,
    options: AskOptions = {},
  ): Promise<SessionListAnswer> {
    const asked = await bindFilter(filterOfList(query), project, this.#cohorts);
    const filter = asked === undefined ? undefined : parseFilter(asked);
    this.#options.columns.asked(project, keysOfFilter(filter));
    const inquiry = this.#listInquiry(project, query, options);
    return listSessions({ query, filter, order: this.#orderFor(query.user_id) }, inquiry);
  }

  async session(
    project: string,
    id: string,
    query: OneSessionQuery,
    options: AskOptions = {},
  ): Promise<OneSession> {
    const inquiry = this.#listInquiry(project, query, options);
    const context = steadyContext(inquiry, 'UTC');
    const ofSession: EventsQuery = { ...query, session_id: id };
    const scope = { ...context, project, covered: this.#covered, filter: undefined, isForward: true };
    const [session, rows] = await Promise.all([
      readSession(id, inquiry),
      inquiry.read<EventRow>(eventsStatement(ofSession, scope)),
    ]);
    const frame = inquiry.frame({ fromMs: 0, toMs: 0 }, 'UTC');
    const { events, next_cursor } = eventsPage(rows, ofSession, frame.as_of);
    return {
      session,
      events,
      next_cursor,
      as_of: frame.as_of,
      freshness: frame.freshness,
      statistics: frame.statistics,
    };
  }

  /** Of a list, as of the position that its address names. */
  #listInquiry(
    project: string,
    query: { readonly as_of?: string | undefined },
    options: AskOptions,
  ): Inquiry {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const elapsedMs = () => clock.monotonicMs() - startedMs;
    const standing = this.#standing(project);
    const position = askedPosition(query, standing);
    const pinned = position === undefined ? undefined : { position, atMs: undefined };
    return this.#inquiry({ project, standing, pinned, elapsedMs }, options);
  }

  async user(project: string, id: string, options: AskOptions = {}): Promise<UserAnswer> {
    const standing = this.#standing(project);
    return userAnswer(await this.#profileRow(project, id, options), id, asOf(standing));
  }

  async userProfile(project: string, id: string, options: AskOptions = {}): Promise<UserProfile> {
    const standing = this.#standing(project);
    return userProfile(await this.#profileRow(project, id, options), id, asOf(standing));
  }

  async #profileRow(project: string, id: string, options: AskOptions): Promise<ProfileRow | undefined> {
    const order = this.#orderFor(id);
    const rowsMax = this.#options.profileRowsMax ?? PROFILE_ROWS_MAX;
    const parts = profileParts(id, { project, ...order, rowsMax });
    const answers = await Promise.all(
      parts.map(async ({ statement }) => (await this.#read<FactsRow>(statement, options)).rows),
    );
    const events = profileEvents(parts, answers, rowsMax);
    if (events !== undefined) return profileOfEvents(events);
    const { rows } = await this.#read<ProfileRow>(
      profileStatement(id, { project, ...order, asOf: undefined }),
      options,
    );
    return rows[0];
  }

  async cohortSize(project: string, tree: CohortTree, options: AskOptions = {}): Promise<SizeAnswer> {
    const standing = this.#standing(project);
    const { columns } = this.#options;
    const statement = sizeStatement(tree, project, { columns, nowMs: standing.nowMs });
    const { rows } = await this.#read<{ readonly size: number | string }>(statement, options);
    return { size: Number(rows[0]?.size ?? 0), as_of: asOf(standing), freshness: freshnessOf(standing) };
  }

  async catalogTypes(
    project: string,
    query: CatalogTypesQuery,
    options: AskOptions = {},
  ): Promise<CatalogTypesAnswer> {
    const standing = this.#standing(project);
    const descriptions = await this.#descriptions.typesOf(project);
    const scope = { project, nowMs: standing.nowMs, descriptions };
    const { rows } = await this.#browse<TypeRow>(typesStatement(query, scope), options);
    return typesAnswer(rows, query, descriptions, asOf(standing));
  }

  async catalogProperties(
    project: string,
    query: CatalogPropertiesQuery,
    options: AskOptions = {},
  ): Promise<CatalogPropertiesAnswer> {
    const standing = this.#standing(project);
    const { type } = query;
    const source = type === undefined ? noDescriptions : this.#descriptions;
    const descriptions = await source.propertiesOf(project, type ?? '');
    const { rows } = await this.#browse<PropertyRow>(propertiesStatement(query, project), options);
    return propertiesAnswer(rows, { columns: this.#options.columns, descriptions }, asOf(standing));
  }

  async catalogValues(
    project: string,
    query: CatalogValuesQuery,
    options: AskOptions = {},
  ): Promise<CatalogValuesAnswer> {
    const standing = this.#standing(project);
    const field = parseField(query.field, 'field');
    const statement = valuesStatement(query, field, { project, columns: this.#options.columns });
    const { rows } = await this.#browse<ValuesRow>(statement, options);
    return valuesAnswer(rows[0], query, asOf(standing));
  }

  /** Reads while somebody types: rather not at all than late. */
  #browse<Row>(statement: Statement, options: AskOptions): Promise<ReadResult<Row>> {
    return this.#read<Row>(statement, { timeoutMs: CATALOG_LIMITS.timeoutMs, ...options });
  }

  /** Looks up what a request names: a metric, cohorts. */
  async #bind<Request extends QueryRequest>(project: string, asked: Request): Promise<Request> {
    const request = await bindMetric(asked, project, this.#options.metrics ?? noMetrics);
    return bindCohorts(request, project, this.#cohorts);
  }

  get #cohorts(): CohortSource {
    return this.#options.cohorts ?? noCohorts;
  }

  get #descriptions(): DescriptionSource {
    return this.#options.descriptions ?? noDescriptions;
  }

  get #userOrder(): UserOrderSource {
    return this.#options.userOrder ?? noUserOrder;
  }

  get #covered(): number {
    return this.#userOrder.covered();
  }

  /** How far the order of users is filled, and whether loaded events behind it may name a user. */
  #orderFor(user: string | undefined): OrderReach {
    const covered = this.#covered;
    const { governedLoaded } = this.#options.progress();
    const hasTail = user === undefined || this.#userOrder.mayName(user, covered, governedLoaded);
    if (user !== undefined) this.#options.telemetry.emit(userLookedUp, { hasTail });
    return { covered, hasTail };
  }

  async trace(project: string, id: string, options: AskOptions = {}): Promise<TraceAnswer> {
    const standing = this.#standing(project);
    const { rows } = await this.#read<TraceRow>(traceStatement(project, id), options);
    const known = new Set(rows.map((row) => row.raw_position_text));
    const pending = (await this.#options.findPending?.(project, id, standing.rawLoaded)) ?? [];
    const unknown = pending.filter(({ rawPosition }) => !known.has(String(rawPosition)));
    if (rows.length + unknown.length === 0) throw this.#notTraced(id, standing);
    return traceAnswer(id, rows, unknown);
  }

  async ledger(project: string, query: LedgerQuery, options: AskOptions = {}): Promise<LedgerAnswer> {
    const standing = this.#standing(project);
    const range = ledgerRange(query, standing.nowMs);
    const [sums, unbalanced] = await Promise.all([
      this.#read<LedgerRow>(ledgerStatement(query, project, range, standing), options),
      this.#read<UnbalancedRow>(unbalancedStatement(project, range, standing), options),
    ]);
    return ledgerAnswer(query, range, standing, sums.rows, unbalanced.rows);
  }

  async position(project: string, query: PositionQuery, options: AskOptions = {}): Promise<PositionAnswer> {
    const standing = this.#standing(project);
    const before = (rawPosition?: string): Promise<readonly Decided[]> =>
      this.#rows<Decided>(beforeStatement(rawPosition, standing), options);
    const [first, last] = await Promise.all([
      this.#rows<Decided>(firstStatement(standing), options),
      before(),
    ]);
    const known = knownOf(first, last, standing);
    if (known === undefined) return NO_POSITION;
    const atMs = askedTime(query, known, standing.nowMs);
    const [receipt] = await this.#rows<Receipt>(receiptStatement(atMs, standing), options);
    const records = receipt === undefined ? last : await before(receipt.raw_position);
    return positionAnswer(positionBefore(records, atMs), known);
  }

  async #rows<Row>(statement: Statement, options: AskOptions): Promise<readonly Row[]> {
    return (await this.#read<Row>(statement, options)).rows;
  }

  async quarantine(
    project: string,
    query: QuarantineQuery,
    options: AskOptions = {},
  ): Promise<QuarantineAnswer> {
    const statement = quarantineStatement(query, project, this.#options.clock.nowMs());
    const { rows } = await this.#read<QuarantineRow>(statement, options);
    return quarantineAnswer(rows, query);
  }

  /** An answer that was given before, as of now. */
  #again<Answer extends QueryAnswer>(answer: Answer, standing: Standing, elapsedMs: number): Answer {
    this.#options.telemetry.emit(answeredAgain, { kind: answer.kind });
    return {
      ...answer,
      freshness: freshnessOf(standing),
      statistics: { elapsed_ms: toTenths(elapsedMs), rows_read: 0, bytes_read: 0, cached: true },
    };
  }

  #standing(project: string): Standing {
    const { progress, pending, clock } = this.#options;
    return takeStanding(progress(), pending.of(project), clock.nowMs());
  }

  /** With more threads a statement takes more memory: one that there is not enough for, as others hold it, is read once more with one. */
  async #read<Row>(statement: Statement, options: AskOptions): Promise<ReadResult<Row>> {
    try {
      return await this.#readOnce<Row>(statement, options, false);
    } catch (error) {
      if (!(error instanceof WarehouseError && error.code === 'memory')) throw toClientError(error);
      this.#options.telemetry.emit(readAgainFrugally, {});
    }
    try {
      return await this.#readOnce<Row>(statement, options, true);
    } catch (error) {
      throw toClientError(error);
    }
  }

  async #readOnce<Row>(
    statement: Statement,
    { signal, timeoutMs, watch, part }: AskOptions,
    isFrugal: boolean,
  ): Promise<ReadResult<Row>> {
    const followed = part?.begin(statement.text);
    const options: ReadOptions = {
      isFrugal,
      ...(followed === undefined ? {} : { id: followed.id }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    let rowsRead: number | undefined;
    try {
      const { warehouse } = this.#options;
      const result = await warehouse.query<Row>(statement.text, { ...statement.params }, options);
      rowsRead = result.statistics.rowsRead ?? 0;
      watch?.(rowsRead);
      return result;
    } finally {
      followed?.done(rowsRead);
    }
  }

  #notTraced(id: string, standing: Standing): ApiError {
    const waiting = pendingEvents(standing);
    const advice =
      waiting > 0
        ? `${waiting} events of this project are received and not queryable yet: ask again in a moment.`
        : 'Everything that was received is loaded. Was it sent with another id, to another project, or rejected in the answer? GET /api/quarantine lists refused events, GET /api/events the latest stored ones.';
    return new ApiError(
      'not_found',
      `No event with the id ${JSON.stringify(id.slice(0, 200))} is known. ${advice}`,
      {
        details: { pending_events: waiting, ...(waiting > 0 ? { retry_after_ms: PENDING_RETRY_MS } : {}) },
      },
    );
  }
}
