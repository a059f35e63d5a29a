import {
  FUNNEL_BINS_MS,
  FUNNEL_LIMITS,
  type FunnelRequest,
  type FunnelUsersRequest,
} from '../contract/funnel.ts';
import { TIME_MAX_MS } from '../event/limits.ts';
import type { PageEnd } from './cursor.ts';
import { parseDuration } from './duration.ts';
import { type Field, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { attemptSql, firstAttemptSql, type KeyLayout } from './funnel-attempt.ts';
import { keySql, parseGroupFields } from './groups.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** What `funnel` and `funnel_users` share. */
type Definition = FunnelRequest | FunnelUsersRequest;

/** An exclusion that is read; steps by their numbers, from 1. */
export interface ParsedExclusion {
  readonly events: ParsedSelector;
  readonly after: number;
  readonly before: number;
}

/** A funnel whose parts are read and checked. */
export interface ParsedFunnel {
  readonly order: Definition['order'];
  readonly actor: Definition['actor'];
  readonly steps: readonly ParsedSelector[];
  readonly names: readonly string[];
  readonly exclusions: readonly ParsedExclusion[];
  readonly windowMs: number;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  readonly timeZone: string;
  /** Keys of `properties` that it reads. */
  readonly keys: readonly string[];
}

/** Reads the definition of a funnel. Throws ApiError `invalid_request`. */
export const parseFunnel = (request: Definition): ParsedFunnel => {
  const { order, actor } = request;
  const steps = request.steps.map((step, index) => parseSelector(step, `steps.${index}`));
  if (order === 'any') checkDistinct(request.steps);
  const exclusions = request.exclusions.map((_, index) => parseExclusion(request, index));
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const by = parseGroupFields(request.by);
  const conditions = fieldsOfFilter(filter);
  const selectors = [...steps, ...exclusions.map(({ events }) => events)];
  return {
    order,
    actor,
    steps,
    names: request.steps.map((step, index) =>
      order === 'any' ? `${index + 1} of ${steps.length}` : nameOf(step, index),
    ),
    exclusions,
    windowMs: parseDuration(request.window, 'window', { min: '1s', max: FUNNEL_LIMITS.windowMax }),
    filter,
    by,
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...by, ...conditions, ...selectors.flatMap(fieldsOfSelector)]),
  };
};

const nameOf = (step: Definition['steps'][number], index: number): string => {
  if (typeof step === 'string') return step;
  const [type, ...others] = step.types ?? [];
  return step.name ?? (type !== undefined && others.length === 0 ? type : `Step ${index + 1}`);
};

/** In any order an event is the first step that it can be, so a step that is there twice could never be done. */
const checkDistinct = (steps: Definition['steps']): void => {
  const texts = steps.map((step) =>
    JSON.stringify(typeof step === 'string' ? [[step], undefined] : [step.types, step.filter]),
  );
  const twice = texts.findIndex((text, index) => texts.indexOf(text) < index);
  if (twice < 0) return;
  throw invalidAt(
    `steps.${twice}`,
    `is step ${texts.indexOf(texts[twice] ?? '') + 1} again. In any order each step must be another; "ordered" and "strict" take the same step twice.`,
  );
};

const parseExclusion = ({ steps, exclusions }: Definition, index: number): ParsedExclusion => {
  const path = `exclusions.${index}`;
  const { events = '', after = 1, before = steps.length } = exclusions[index] ?? {};
  if (before > steps.length)
    throw invalidAt(`${path}.before`, `There is no step ${before}: the funnel has ${steps.length}.`);
  if (after >= before)
    throw invalidAt(`${path}.after`, `must be less than "before": ${after} is not before ${before}.`);
  return { events: parseSelector(events, `${path}.events`), after, before };
};

/** Everything that the statements of a funnel are written from. */
export interface FunnelQuestion {
  readonly funnel: ParsedFunnel;
  readonly range: TimeRange;
  readonly project: string;
  readonly context: FilterContext;
}

const KEY_BITS = 64;
const YEAR_MS = 365 * 86_400_000;

/** Lays out the keys. Throws ApiError `invalid_request` when the range is so long that they would not fit. */
export const layoutOf = (
  { steps, exclusions, windowMs }: ParsedFunnel,
  { fromMs, toMs }: TimeRange,
): KeyLayout => {
  const maskBits = steps.length + exclusions.length;
  const spanMax = 2 ** (KEY_BITS - maskBits);
  if (toMs - fromMs + windowMs + 1 >= spanMax) {
    throw invalidAt(
      'range',
      `With ${maskBits} steps and exclusions range and window may span ${Math.floor(spanMax / YEAR_MS)} years. Take a shorter range, or fewer steps.`,
    );
  }
  return { maskBits, endKey: String(BigInt(toMs - fromMs) << BigInt(maskBits)), windowMs };
};

const actorColumn = ({ actor }: ParsedFunnel): Sql => identifier(actor === 'user' ? 'user_id' : 'session_id');

const powerOfTwo = (bit: number): Sql => sql`${bind('UInt64', 2 ** bit)}`;

/** The bits of each type, where steps and exclusions are told by types alone. In any order a type is only the first step that it can be. */
const bitsOfTypes = ({ order, steps, exclusions }: ParsedFunnel): Map<string, number> | undefined => {
  const bits = new Map<string, number>();
  const all = [...steps, ...exclusions.map(({ events }) => events)];
  for (const [bit, { types, filter }] of all.entries()) {
    if (types === undefined || filter !== undefined) return undefined;
    for (const type of new Set(types)) {
      const before = bits.get(type) ?? 0;
      if (order !== 'any' || bit >= steps.length || before === 0) bits.set(type, before + 2 ** bit);
    }
  }
  return bits;
};

/** The bits of a row. In any order a row is only the first step that it can be. */
const maskSql = (funnel: ParsedFunnel, context: FilterContext): Sql => {
  const { order, steps, exclusions } = funnel;
  const ofTypes = bitsOfTypes(funnel);
  // Looked up once a type instead of once a row.
  if (ofTypes !== undefined)
    return sql`transform(type, ${bind('Array(String)', [...ofTypes.keys()])}, ${bind('Array(UInt64)', [...ofTypes.values()])}, toUInt64(0))`;
  const conditions = [...steps, ...exclusions.map(({ events }) => events)].map((selector) =>
    selectorSql(selector, context),
  );
  const choices = conditions.map((condition, bit) => sql`${condition}, ${powerOfTwo(bit)}`);
  const ofSteps = choices.slice(0, steps.length);
  const bits =
    order === 'any'
      ? [
          sql`multiIf(${joinSql(ofSteps, ', ')}, 0)`,
          ...choices.slice(steps.length).map((each) => sql`if(${each}, 0)`),
        ]
      : choices.map((choice) => sql`if(${choice}, 0)`);
  return bits.reduce((sum, bit) => sql`${sum} + ${bit}`);
};

/** Every type that a step or exclusion can be, or undefined where one takes all types. */
const typesOf = ({ steps, exclusions }: ParsedFunnel): string[] | undefined => {
  const lists = [...steps, ...exclusions.map(({ events }) => events)].map(({ types }) => types);
  return lists.every((types) => types !== undefined) ? [...new Set(lists.flat())] : undefined;
};

/** The rows of the funnel: actor, key, and with a break-down the values of its fields. In strict order every row of the actor counts, as it may come between. */
const rowsSql = ({ funnel, range, project, context }: FunnelQuestion, layout: KeyLayout): Sql => {
  const actor = actorColumn(funnel);
  const types = funnel.order === 'strict' ? undefined : typesOf(funnel);
  const untilMs = Math.min(range.toMs + funnel.windowMs, TIME_MAX_MS + 1);
  const where = joinSql(
    [
      seenEvents(project, context),
      ...(types === undefined ? [] : [sql`type IN ${bind('Array(String)', types)}`]),
      sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(untilMs)}`,
      sql`${actor} != ''`,
      ...(funnel.filter === undefined ? [] : [filterSql(funnel.filter, context)]),
      // Each of these types is a step or an exclusion.
      ...(funnel.order === 'strict' || bitsOfTypes(funnel) !== undefined ? [] : [sql`mask != 0`]),
    ],
    ' AND ',
  );
  const group = joinSql(
    funnel.by.map((field) => keySql(field, context)),
    ', ',
  );
  const from = bind('Int64', String(range.fromMs));
  const shift = bind('UInt64', layout.maskBits);
  return sql`SELECT ${actor} AS actor, toUInt64(${maskSql(funnel, context)}) AS mask,
      bitShiftLeft(toUInt64(toUnixTimestamp64Milli(time) - ${from}), ${shift}) + mask AS k${funnel.by.length === 0 ? sql`` : sql`, [${group}] AS fields`}
    FROM events WHERE ${where} SETTINGS max_block_size = ${ROWS_AT_A_TIME}`;
};

/**
 * How the attempt of an actor that counts is found. `first`: only the first of each is looked at, which takes a part of the time and memory, as most events are often the first step; where that may not be the one that
 * counts, the answer says `unsure`, and `all` has to be asked.
 */
export type Attempts = 'all' | 'first';

/** Whether the first attempt of everybody may well be the one that counts: the range is no longer than the window. */
export const firstAttemptsFor = ({ funnel, range, context }: FunnelQuestion): boolean =>
  funnel.order === 'ordered' &&
  funnel.by.length === 0 &&
  Math.min(range.toMs, context.nowMs) - range.fromMs <= funnel.windowMs;

/** One row an actor that began: `g` (the group of its first step), `chain` (the keys of the steps that it did), `is_out`, `is_sure`. */
const actorsSql = (question: FunnelQuestion, attempts: Attempts): Sql => {
  const layout = layoutOf(question.funnel, question.range);
  const isGrouped = question.funnel.by.length > 0;
  const group = isGrouped
    ? sql`tupleElement(arrayElement(arraySort(arrayFilter(one -> one.1 = c1, starts)), 1), 2)`
    : sql`emptyArrayString()`;
  const found = attempts === 'all' ? allAttempts(question, layout) : firstAttempts(question, layout);
  return sql`SELECT actor, ${group} AS g, chain, ${outSql(question.funnel, layout)} AS is_out, is_sure
    FROM (SELECT *, arrayElement(chain, 1) AS c1 FROM (${found}))
    WHERE notEmpty(chain)`;
};

const allAttempts = (question: FunnelQuestion, layout: KeyLayout): Sql => {
  const { funnel } = question;
  const isGrouped = funnel.by.length > 0;
  const firstBits = funnel.order === 'any' ? powerOfTwo(funnel.steps.length) : powerOfTwo(1);
  const starts = sql`, groupArrayIf((k, fields), bitAnd(mask, ${firstBits} - 1) != 0) AS starts`;
  const found = attemptSql({
    order: funnel.order,
    steps: funnel.steps.length,
    layout,
    actors: sql`SELECT actor, arraySort(groupArray(k)) AS e${isGrouped ? starts : sql``}
      FROM (${rowsSql(question, layout)}) GROUP BY actor
      HAVING bitAnd(groupBitOr(mask), ${firstBits} - 1) != 0`,
    carried: isGrouped ? sql`, starts` : sql``,
  });
  return sql`SELECT *, 1 AS is_sure FROM (${found})`;
};

const firstAttempts = (question: FunnelQuestion, layout: KeyLayout): Sql => {
  const { order, steps } = question.funnel;
  return firstAttemptSql({
    ...{ order, steps: steps.length, layout, carried: sql`` },
    actors: sql`SELECT actor, minIf(k, bitTest(mask, 0) AND k < ${bind('UInt64', layout.endKey)}) AS first, arraySort(groupArrayIf(k, mask > 1)) AS e
      FROM (${rowsSql(question, layout)}) GROUP BY actor
      HAVING first > 0`,
  });
};

/** Whether an excluded event lies between the two steps; where the later one was not reached, until the window ends. */
const outSql = ({ exclusions, steps }: ParsedFunnel, layout: KeyLayout): Sql => {
  if (exclusions.length === 0) return sql`0`;
  const shift = bind('UInt64', layout.maskBits);
  const windowEnd = sql`bitShiftLeft(bitShiftRight(c1, ${shift}) + ${bind('UInt64', layout.windowMs)} + 1, ${shift})`;
  const outs = exclusions.map(({ after, before }, index) => {
    const bit = bind('UInt64', steps.length + index);
    const [low, high] = [bind('UInt64', after), bind('UInt64', before)];
    return sql`(length(chain) >= ${low} AND arrayExists(
        (x, low, high) -> bitTest(x, ${bit}) AND x > low AND x < high,
        e, arrayWithConstant(length(e), arrayElement(chain, ${low})),
        arrayWithConstant(length(e), if(length(chain) >= ${high}, arrayElement(chain, ${high}), ${windowEnd}))))`;
  });
  return sql`(${joinSql(outs, ' OR ')})`;
};

/** Actors that are looked at in one go: bounds the memory that their arrays take. Rows are read in blocks of the engine's own size all the same. */
const ACTORS_AT_A_TIME = sql`2048`;
const ROWS_AT_A_TIME = sql`65409`;

/** One row a group and step of a funnel; all groups together where `whole` = 1. */
export interface FunnelRow {
  /** One key a field of the break-down; none for `other`. */
  readonly named: readonly string[];
  /** The step, 0 for those that are out, one more than there are steps for those that did all of them. */
  readonly k: number;
  readonly whole: number;
  readonly n: number | string;
  /** How many of them may have an attempt that counts for more. */
  readonly unsure: number | string;
  /** Since the step before; of those that did all steps since the first. */
  readonly average: number;
  readonly levels: readonly [number, number];
  /** Where bins begin, and how many are in each. */
  readonly bins: readonly [readonly (number | string)[], readonly (number | string)[]];
}

/** Where the bins of histograms begin, in milliseconds. */
export const BIN_STARTS_MS: readonly number[] = [0, ...FUNNEL_BINS_MS];

const QUANTILES = sql`0.5, 0.9`;

/** The statement of a funnel: from actors to (step, time it took), from these to groups (by step and bin of the time), from groups to the named ones: most entered first, ties by group, `other` last. */
export const funnelStatement = (question: FunnelQuestion, top: number, attempts: Attempts): Statement => {
  const { maskBits } = layoutOf(question.funnel, question.range);
  const steps = bind('UInt64', question.funnel.steps.length);
  const grouped = question.funnel.by.length > 0;
  const bounds = sql`${bind('Array(UInt64)', BIN_STARTS_MS)}`;
  return toStatement(sql`SELECT if(place <= ${bind('UInt64', top)}, g, emptyArrayString()) AS named, k, grouping(named) AS whole, sum(members) AS n, sum(unsure_members) AS unsure,
      avgMerge(average_state) AS average, quantilesExactInclusiveMerge(${QUANTILES})(levels_state) AS levels,
      sumMap([bin], [toUInt64(members)]) AS bins
    FROM (
      SELECT *, dense_rank() OVER (ORDER BY entered DESC, g) AS place
      FROM (SELECT *, sum(if(k = 1, members, 0)) OVER (PARTITION BY g) AS entered FROM (
        SELECT ${grouped ? sql`g` : sql`emptyArrayString() AS g`}, k, roundDown(took, ${bounds}) AS bin, count() AS members, countIf(NOT is_sure) AS unsure_members,
          avgState(took) AS average_state, quantilesExactInclusiveState(${QUANTILES})(took) AS levels_state
        FROM (
          SELECT g, is_out, is_sure, arrayMap(x -> bitShiftRight(x, ${bind('UInt64', maskBits)}), chain) AS at,
            arrayMap(gap -> toUInt64(gap), arrayDifference(at)) AS gaps,
            if(length(at) = ${steps}, arrayPushBack(gaps, toUInt64(arrayElement(at, -1) - arrayElement(at, 1))), gaps) AS times
          FROM (${actorsSql(question, attempts)})
        )
        ARRAY JOIN if(is_out, [toUInt32(0)], arrayEnumerate(times)) AS k, if(is_out, [toUInt64(0)], times) AS took
        GROUP BY ${grouped ? sql`g, k, bin` : sql`k, bin`}
      ))
    )
    GROUP BY GROUPING SETS ((named, k), (k))
    ORDER BY min(place)
    SETTINGS max_block_size = ${ACTORS_AT_A_TIME}`);
};

/** One actor of a step. Times in milliseconds since the start of the range. */
export interface FunnelUserRow {
  readonly actor: string;
  readonly g: readonly string[];
  readonly at: readonly (number | string)[];
}

/** The statement for a page of actors, one longer than the page to see whether there is another. */
export const funnelUsersStatement = (
  question: FunnelQuestion,
  request: FunnelUsersRequest,
  end: PageEnd | undefined,
): Statement => {
  const { maskBits } = layoutOf(question.funnel, question.range);
  const step = bind('UInt64', request.step);
  const reached =
    request.outcome === 'converted' ? sql`length(chain) >= ${step}` : sql`length(chain) = ${step}`;
  const began = sql`arrayElement(at, 1)`;
  const behind = end === undefined ? sql`` : sql` AND ${behindSql(began, end, question.range)}`;
  return toStatement(sql`SELECT actor, g, arrayMap(x -> bitShiftRight(x, ${bind('UInt64', maskBits)}), chain) AS at
    FROM (${actorsSql(question, 'all')})
    WHERE NOT is_out AND ${reached}${behind}
    ORDER BY ${began} DESC, actor LIMIT ${bind('UInt64', request.limit + 1)}
    SETTINGS max_block_size = ${ACTORS_AT_A_TIME}`);
};

const behindSql = (began: Sql, { timeMs, id }: PageEnd, { fromMs }: TimeRange): Sql => {
  const last = bind('Int64', String(timeMs - fromMs));
  return sql`(${began} < ${last} OR (${began} = ${last} AND actor > ${bind('String', id)}))`;
};
