import { EXPERIMENT_LIMITS, type ExperimentRequest } from '../contract/experiment.ts';
import { parseDuration } from './duration.ts';
import { type Field, numberOf, parseField, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { keySql, parseGroupFields } from './groups.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** A question for an experiment whose parts are read and checked. */
export interface ParsedExperiment {
  readonly request: ExperimentRequest;
  readonly exposure: ParsedSelector;
  readonly goal: ParsedSelector;
  readonly variant: Field;
  /** What is summed. */
  readonly of: Field | undefined;
  readonly filter: ParsedFilter | undefined;
  readonly windowMs: number;
  readonly timeZone: string;
  readonly keys: readonly string[];
}

/** Reads a question for an experiment. Throws ApiError `invalid_request`. */
export const parseExperiment = (request: ExperimentRequest): ParsedExperiment => {
  const exposure = parseSelector(request.exposure, 'exposure');
  const goal = parseSelector(request.goal, 'goal');
  const [variant] = parseGroupFields([request.variant], 'variant');
  if (variant === undefined) throw new RangeError('one name makes one field');
  const of = parseSummed(request);
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const conditions = fieldsOfFilter(filter);
  const fields = [variant, ...(of === undefined ? [] : [of]), ...conditions];
  return {
    request,
    exposure,
    goal,
    variant,
    of,
    filter,
    windowMs: parseDuration(request.window, 'window', { min: '1s', max: EXPERIMENT_LIMITS.windowMax }),
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...fields, ...fieldsOfSelector(exposure), ...fieldsOfSelector(goal)]),
  };
};

const parseSummed = ({ measure, of, currency }: ExperimentRequest): Field | undefined => {
  if (measure !== 'sum') {
    if (of !== undefined) throw invalidAt('of', `"${measure}" has nothing to add up. Take "measure": "sum".`);
    if (currency !== undefined)
      throw invalidAt('currency', 'A currency goes with "measure": "sum" and "of": "value".');
    return undefined;
  }
  if (of === undefined)
    throw invalidAt(
      'of',
      'is missing. "sum" takes "value" or a numeric property such as "properties.items".',
    );
  const field = parseField(of, 'of');
  if (field.kind !== 'value' && field.kind !== 'property')
    throw invalidAt('of', `"${of}" is no number. Take "value" or a numeric property.`);
  if (field.kind === 'value' && currency === undefined)
    throw invalidAt(
      'currency',
      'is missing. Values of different currencies are never added up: say which one.',
    );
  if (field.kind !== 'value' && currency !== undefined)
    throw invalidAt('currency', 'A currency goes with "of": "value".');
  return field;
};

/**
 * One row a variant: its key, its actors, those with a goal event, mean and variance of the measure; and one for the actors of several variants (`mixed` = 1). `busy` = 1: an actor is over the
 * limit, and the figures are not to be used. An actor's time begins with the first exposure, in the order of time, then of the governed log, then of ids.
 */
export const experimentStatement = (
  parsed: ParsedExperiment,
  range: TimeRange,
  project: string,
  context: FilterContext,
): Statement => {
  const { request, exposure, goal, variant, filter, windowMs } = parsed;
  const actor = identifier(request.actor === 'user' ? 'user_id' : 'session_id');
  const key = keySql(variant, context);
  const window = bind('Int64', String(windowMs));
  const isExposure = sql`(time < ${bindInstant(range.toMs)} AND ${key} != '' AND ${selectorSql(exposure, context)})`;
  const where = joinSql(
    [
      seenEvents(project, context),
      sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(range.toMs + windowMs + 1)}`,
      sql`${actor} != ''`,
      ...(filter === undefined ? [] : [filterSql(filter, context)]),
    ],
    ' AND ',
  );
  const most = bind('UInt64', EXPERIMENT_LIMITS.eventsMax);
  return toStatement(sql`SELECT mixed, if(mixed, '', shown) AS variant, count() AS actors, countIf(done > 0) AS converted,
      avg(measure) AS mean, varSampStable(measure) AS variance, max(busy) AS over
    FROM (
      SELECT kinds > 1 AS mixed, shown, busy,
        arrayFilter(event -> (event.1, event.2, event.3) > begun AND event.1 <= begun.1 + ${window}, goals) AS reached,
        length(reached) AS done, toFloat64(${measureSql(request)}) AS measure
      FROM (
        SELECT minIf((at, position, id), is_exposure) AS begun, argMinIf(variant_key, (at, position, id), is_exposure) AS shown,
          uniqExactIf(variant_key, is_exposure) AS kinds, countIf(is_goal) > ${most} AS busy,
          groupArrayIf(${most})((at, position, id, amount), is_goal) AS goals
        FROM (
          SELECT ${actor} AS actor, toUnixTimestamp64Milli(time) AS at, position, id, ${key} AS variant_key,
            ${isExposure} AS is_exposure, ${selectorSql(goal, context)} AS is_goal, ${amountSql(parsed, context)} AS amount
          FROM events WHERE ${where} AND (${isExposure} OR ${selectorSql(goal, context)})
        )
        GROUP BY actor
        HAVING kinds > 0
      )
    )
    GROUP BY mixed, variant
    ORDER BY mixed, variant
    LIMIT ${bind('UInt64', EXPERIMENT_LIMITS.variantsMax + 2)}
    SETTINGS max_block_size = 4096`);
};

const measureSql = ({ measure }: ExperimentRequest): Sql => {
  if (measure === 'conversion') return sql`done > 0`;
  return measure === 'count' ? sql`done` : sql`arraySum(event -> event.4, reached)`;
};

const amountSql = ({ of, request }: ParsedExperiment, context: FilterContext): Sql => {
  if (of === undefined) return sql`toFloat64(0)`;
  const number = sql`ifNull(${numberOf(of, context.columns)}, 0)`;
  return request.currency === undefined
    ? number
    : sql`if(toString(currency) = ${bind('String', request.currency)}, ${number}, 0)`;
};
