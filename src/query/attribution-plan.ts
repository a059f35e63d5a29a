import { ATTRIBUTION_LIMITS, type AttributionRequest } from '../contract/attribution.ts';
import { parseDuration } from './duration.ts';
import { type Field, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { keySql, parseGroupFields } from './groups.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** Models whose credit the warehouse shares out, in the order of its answer. `markov` needs the whole chain. */
export const CREDIT_MODELS = ['first', 'last', 'linear', 'time_decay', 'position'] as const;

/** A question for attribution whose parts are read and checked. */
export interface ParsedAttribution {
  readonly request: AttributionRequest;
  readonly conversion: ParsedSelector;
  readonly touches: ParsedSelector;
  readonly channel: Field;
  readonly filter: ParsedFilter | undefined;
  readonly lookbackMs: number;
  readonly halfLifeMs: number;
  readonly timeZone: string;
  readonly keys: readonly string[];
}

/** Reads a question for attribution. Throws ApiError `invalid_request`. */
export const parseAttribution = (request: AttributionRequest): ParsedAttribution => {
  const conversion = parseSelector(request.conversion, 'conversion');
  const touches = parseSelector(request.touches, 'touches');
  const [channel] = parseGroupFields([request.channel], 'channel');
  if (channel === undefined) throw new RangeError('one name makes one field');
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const conditions = fieldsOfFilter(filter);
  const bounds = { min: '1s', max: ATTRIBUTION_LIMITS.lookbackMax };
  return {
    request,
    conversion,
    touches,
    channel,
    filter,
    lookbackMs: parseDuration(request.lookback, 'lookback', bounds),
    halfLifeMs: parseDuration(request.half_life, 'half_life', bounds),
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([
      channel,
      ...conditions,
      ...fieldsOfSelector(conversion),
      ...fieldsOfSelector(touches),
    ]),
  };
};

/** The statements of a question. */
export interface AttributionPlan {
  readonly credits: Statement;
  /** Absent unless `markov` is asked for. */
  readonly transitions: Statement | undefined;
}

/** Writes the statements. */
export const attributionPlan = (
  parsed: ParsedAttribution,
  range: TimeRange,
  project: string,
  context: FilterContext,
): AttributionPlan => {
  const actors = actorsSql(parsed, range, project, context);
  return {
    credits: toStatement(creditsSql(parsed, actors)),
    transitions: parsed.request.models.includes('markov')
      ? toStatement(transitionsSql(parsed, actors))
      : undefined,
  };
};

/**
 * One row an actor: touches, in order, as (time, position, id, channel), in `placed`; conversions as (time, position, id, currency, value), in `every`. A channel is (1, key) where it is named and (2, '')
 * where not. Order is that of time, then of the governed log, then of ids. One more than the limit is kept, so that too many are noticed.
 */
const actorsSql = (
  parsed: ParsedAttribution,
  range: TimeRange,
  project: string,
  context: FilterContext,
): Sql => {
  const { request, conversion, touches, channel, filter, lookbackMs } = parsed;
  const actor = identifier(request.actor === 'user' ? 'user_id' : 'session_id');
  const key = keySql(channel, context);
  const isTouch = sql`(${key} != '' AND ${selectorSql(touches, context)})`;
  const isConversion = sql`(time >= ${bindInstant(range.fromMs)} AND ${selectorSql(conversion, context)})`;
  const where = joinSql(
    [
      seenEvents(project, context),
      sql`time >= ${bindInstant(range.fromMs - lookbackMs)} AND time < ${bindInstant(range.toMs)}`,
      sql`${actor} != ''`,
      ...(filter === undefined ? [] : [filterSql(filter, context)]),
    ],
    ' AND ',
  );
  const top = sql`SELECT ${key} FROM events WHERE ${where} AND ${isTouch} GROUP BY ${key} ORDER BY count() DESC, ${key} LIMIT ${bind('UInt64', request.top)}`;
  const most = bind('UInt64', ATTRIBUTION_LIMITS.eventsMax + 1);
  return sql`SELECT
      arraySort(groupArrayIf(${most})((at, position, id, ch), is_touch)) AS placed,
      groupArrayIf(${most})((at, position, id, cur, amount), is_conversion) AS every
    FROM (
      SELECT ${actor} AS actor, toUnixTimestamp64Milli(time) AS at, position, id,
        if(${key} IN (${top}), (1, ${key}), (2, '')) AS ch,
        ${isTouch} AS is_touch, ${isConversion} AS is_conversion,
        toString(currency) AS cur, toFloat64(ifNull(value, 0)) AS amount
      FROM events
      WHERE ${where} AND (${isTouch} OR ${isConversion})
    )
    GROUP BY actor`;
};

/** Actors that are looked at in one go: bounds the memory that their paths take. */
const ACTORS_AT_A_TIME = sql`512`;

/**
 * One row an actor: `touches` as (time, channel), `conversions`, `paths`: for each conversion the touches that it owes something to, which do not lie before the look-back, nor behind the
 * conversion. `busy` is 1 for an actor over the limits, who has no conversions here.
 */
const journeysSql = (actors: Sql, lookbackMs: number): Sql => {
  const lookback = bind('Int64', String(lookbackMs));
  const most = bind('UInt64', ATTRIBUTION_LIMITS.eventsMax);
  const pairs = bind('UInt64', ATTRIBUTION_LIMITS.pairsMax);
  return sql`SELECT touches, conversions, busy,
      arrayMap(
        conversion -> arraySlice(
          touches,
          arrayCount(touch -> touch.1 < conversion.1 - ${lookback}, placed) + 1,
          arrayCount(touch -> touch.1 >= conversion.1 - ${lookback} AND (touch.1, touch.2, touch.3) <= (conversion.1, conversion.2, conversion.3), placed)),
        conversions) AS paths
    FROM (
      SELECT placed, arrayMap(touch -> (touch.1, touch.4), placed) AS touches,
        length(placed) > ${most} OR length(every) > ${most} OR length(placed) * length(every) > ${pairs} AS busy,
        if(busy, arrayResize(every, 0), every) AS conversions
      FROM (${actors})
    )`;
};

/** No credit, one entry a model. */
const NO_CREDIT = sql`[0., 0., 0., 0., 0.]`;

/**
 * What each actor contributes, as (what, channel, currency, touches, conversions, money, credit, credit in money), summed: one pass, whatever the number of models. The credits of a path of
 * `n` touches are those of its `i`-th touch.
 */
const creditsSql = ({ lookbackMs, halfLifeMs }: ParsedAttribution, actors: Sql): Sql => {
  const halfLife = bind('Float64', halfLifeMs);
  return sql`SELECT fact.1 AS what, fact.2 AS ch, fact.3 AS cur, sum(fact.4) AS touches, sum(fact.5) AS conversions, sum(fact.6) AS money,
      sumForEach(fact.7) AS credit, sumForEach(arrayMap(part -> part * fact.8, fact.7)) AS credit_money, max(too_busy) AS busy
    FROM (
      SELECT busy AS too_busy,
        arrayMap((conversion, path) -> arrayMap(touch -> exp2((touch.1 - conversion.1) / ${halfLife}), path), conversions, paths) AS weights,
        arrayConcat(
          arrayResize([(toUInt8(0), '', '', toUInt64(0), toUInt64(0), toFloat64(0), ${NO_CREDIT}, toFloat64(0))], busy),
          arrayMap(touch -> (toUInt8(touch.2.1), touch.2.2, '', toUInt64(1), toUInt64(0), toFloat64(0), ${NO_CREDIT}, toFloat64(0)), touches),
          arrayMap(
            conversion -> (toUInt8(0), '', conversion.4, toUInt64(0), toUInt64(1), conversion.5, ${NO_CREDIT}, toFloat64(0)),
            arrayFilter((conversion, path) -> empty(path), conversions, paths)),
          arrayFlatten(arrayMap(
            (conversion, path, weight) -> arrayMap(
              (touch, i, w) -> (toUInt8(touch.2.1), touch.2.2, conversion.4, toUInt64(0), toUInt64(i = length(path)), if(i = length(path), conversion.5, 0),
                [toFloat64(i = 1), toFloat64(i = length(path)), 1 / length(path), w / arraySum(weight),
                  multiIf(length(path) = 1, 1, length(path) = 2, 0.5, i = 1 OR i = length(path), 0.4, 0.2 / (length(path) - 2))],
                conversion.5),
              path, arrayEnumerate(path), weight),
            conversions, paths, weights))) AS facts
      FROM (${journeysSql(actors, lookbackMs)})
    )
    ARRAY JOIN facts AS fact
    GROUP BY what, ch, cur
    SETTINGS max_block_size = ${ACTORS_AT_A_TIME}`;
};

/**
 * How often one channel followed another. Paths are those of conversions, and all touches of actors without a conversion, which lead to nothing; the same channel twice in a row counts as
 * once. States: `S` start, `C` conversion, `N` nothing, `T` and the key of a named channel, `O` the others.
 */
const transitionsSql = ({ lookbackMs }: ParsedAttribution, actors: Sql): Sql =>
  sql`SELECT pair.1 AS src, pair.2 AS dst, count() AS n
    FROM (
      SELECT arrayMap(
          path -> arrayConcat(
            ['S'],
            arrayCompact(arrayMap(touch -> if(touch.2.1 = 1, concat('T', touch.2.2), 'O'), path)),
            [if(empty(conversions), 'N', 'C')]),
          if(empty(conversions), [touches], arrayFilter(path -> notEmpty(path), paths))) AS ways
      FROM (${journeysSql(actors, lookbackMs)})
      WHERE notEmpty(touches)
    )
    ARRAY JOIN arrayFlatten(arrayMap(way -> arrayZip(arrayPopBack(way), arrayPopFront(way)), ways)) AS pair
    GROUP BY src, dst
    SETTINGS max_block_size = ${ACTORS_AT_A_TIME}`;
