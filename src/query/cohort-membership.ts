import type { CohortDefinition, Criterion } from '../contract/cohorts.ts';
import { parseDuration } from './duration.ts';
import { parseField, textOf } from './fields.ts';
import { type FilterContext, filterSql, type Membership, type ParsedFilter, parseFilter } from './filter.ts';
import { type CohortTree, noPropertyColumns, type PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents, type Sight } from './seen.ts';
import { type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, joinSql, type Sql, sql } from './sql.ts';

/**
 * Who belongs to a cohort, as a sub-query over the ids of users. It sees the events of one project only, up to "now": of a live cohort the moment of the question, of a static one the moment at which it was
 * saved, and of those what was loaded then.
 */

const AGO = { min: '1s', max: '5000d' } as const;

/** Instants of filters are read as of this zone: a cohort is the same whoever asks. */
const ZONE = 'UTC';

/** What membership depends on. */
interface Scope extends Sight {
  /** Up to where the question sees: a static cohort has a moment of its own, but sees no further. */
  readonly asked: Sight;
  readonly project: string;
  readonly nowMs: number;
  readonly columns: PropertyColumns;
}

/** Before all positions: nothing was loaded when the cohort was frozen. */
const NOTHING = -1;

/** Who belongs to the cohort, as filters need it. */
export const membershipOf = (tree: CohortTree, project: string): Membership => ({
  sql: ({ columns, nowMs, asOf }: FilterContext) =>
    membersSql(tree, { project, nowMs, asOf, columns, asked: { asOf } }),
});

/** Ids of the users that belong to the cohort, each once. In brackets. */
const membersSql = (tree: CohortTree, outer: Scope): Sql => {
  const { definition, frozen, nested } = tree;
  const scope: Scope =
    frozen === null ? outer : { ...outer, nowMs: frozen.atMs, asOf: earlier(frozen.position, outer.asked) };
  const criteria = definition.criteria.map((criterion, index) =>
    criterionSql(criterion, `definition.criteria.${index}`, scope, nested),
  );
  const conditions = [
    sql`${seenEvents(scope.project, scope)} AND user_id != ''`,
    sql`time <= ${bindInstant(scope.nowMs)}`,
    ...sinceSql(definition, scope),
  ];
  return sql`(SELECT user_id FROM events WHERE ${joinSql(conditions, ' AND ')}
    GROUP BY user_id HAVING ${joinSql(criteria, definition.match === 'all' ? ' AND ' : ' OR ')})`;
};

/** What was loaded when a cohort was frozen, as far as the question sees it. */
const earlier = (frozenAt: string | null, { asOf = Number.POSITIVE_INFINITY }: Sight): number =>
  Math.min(frozenAt === null ? NOTHING : Number(frozenAt), asOf);

/** Where no criterion looks further back than that, neither need the statement. */
const sinceSql = ({ criteria }: CohortDefinition, { nowMs }: Scope): Sql[] => {
  const reaches = criteria.map((criterion) =>
    criterion.kind === 'did' && criterion.within !== undefined
      ? parseDuration(criterion.within, 'within', AGO)
      : Number.POSITIVE_INFINITY,
  );
  const reach = Math.max(...reaches);
  return Number.isFinite(reach) ? [sql`time > ${bindInstant(nowMs - reach)}`] : [];
};

/** Whether the rows of a user meet a criterion: a condition over its group. */
const criterionSql = (
  criterion: Criterion,
  path: string,
  scope: Scope,
  nested: CohortTree['nested'],
): Sql => {
  switch (criterion.kind) {
    case 'did':
      return sql`countIf(${eventsSql(criterion, path, scope)}) >= ${bind('UInt64', criterion.at_least)}`;
    case 'did_not':
      return sql`countIf(${eventsSql(criterion, path, scope)}) = 0`;
    case 'property':
      return propertySql(criterion.is, path, scope);
    case 'first_seen':
      return firstSeenSql(criterion, path, scope);
    case 'cohort': {
      const other = nested[criterion.cohort];
      if (other === undefined) throw invalidAt(`${path}.cohort`, unknownCohort(criterion.cohort));
      const isIn = sql`user_id IN ${membersSql(other, scope)}`;
      return criterion.member ? isIn : sql`NOT (${isIn})`;
    }
  }
};

/** What is said of a cohort that is not there. */
export const unknownCohort = (id: string): string =>
  `There is no cohort ${JSON.stringify(id)} in this project. GET /api/cohorts lists them.`;

const contextOf = ({ columns, nowMs, asOf }: Scope): FilterContext => ({
  columns,
  nowMs,
  asOf,
  timeZone: ZONE,
});

type EventCriterion = Extract<Criterion, { kind: 'did' | 'did_not' }>;

const eventsSql = ({ event, within }: EventCriterion, path: string, scope: Scope): Sql => {
  const isMeant = selectorSql(selectorOf(event, path), contextOf(scope));
  if (within === undefined) return isMeant;
  const sinceMs = scope.nowMs - parseDuration(within, `${path}.within`, AGO);
  return sql`${isMeant} AND time > ${bindInstant(sinceMs)}`;
};

const selectorOf = (event: EventCriterion['event'], path: string): ParsedSelector => {
  const selector = parseSelector(event, `${path}.event`);
  if (selector.filter !== undefined) refuseCohorts(selector.filter, `${path}.event.filter`);
  return selector;
};

const refuseCohorts = (filter: ParsedFilter, path: string): void => {
  if (filter.kind === 'cohort')
    throw invalidAt(
      path,
      'Within a cohort another one is named by a criterion: {"kind": "cohort", "cohort": ...}.',
    );
  if (filter.kind === 'not') refuseCohorts(filter.of, path);
  else if (filter.kind !== 'condition') for (const part of filter.of) refuseCohorts(part, path);
};

type FirstSeen = Extract<Criterion, { kind: 'first_seen' }>;

const firstSeenSql = ({ within, before }: FirstSeen, path: string, { nowMs }: Scope): Sql => {
  if (within === undefined && before === undefined)
    throw invalidAt(path, '"first_seen" needs "within" or "before", or both.');
  const ago = (text: string, name: string) =>
    bindInstant(nowMs - parseDuration(text, `${path}.${name}`, AGO));
  const conditions = [
    ...(within === undefined ? [] : [sql`min(time) > ${ago(within, 'within')}`]),
    ...(before === undefined ? [] : [sql`min(time) <= ${ago(before, 'before')}`]),
  ];
  return sql`(${joinSql(conditions, ' AND ')})`;
};

type Condition = Extract<Criterion, { kind: 'property' }>['is'];

/** Of events of the same millisecond the one of the later record counts; of those of one record one for which the condition holds. */
const propertySql = (condition: Condition, path: string, scope: Scope): Sql => {
  if (condition.op === 'in_cohort')
    throw invalidAt(`${path}.is`, 'Name another cohort by {"kind": "cohort", "cohort": ...}.');
  const field = parseField(condition.field, `${path}.is.field`);
  if (field.kind === 'time')
    throw invalidAt(
      `${path}.is.field`,
      'A time is no property. Use {"kind": "did"} with a filter, or "first_seen".',
    );
  const context = contextOf(scope);
  const { text, nullable } = textOf(field, context.columns);
  const isThere = nullable ? sql`isNotNull(${text})` : sql`${text} != ''`;
  const holds = filterSql(parseFilter(condition, `${path}.is`), context);
  const latest = sql`tupleElement(maxIf((time, position, toUInt8(${holds})), ${isThere}), 3) = 1`;
  return sql`if(countIf(${isThere}) = 0, ${holdsWhereAbsent(condition, field.kind === 'text') ? sql`1` : sql`0`}, ${latest})`;
};

/** What a condition says of an event without the field. In fields of the event an empty text is absence. */
const holdsWhereAbsent = (condition: Exclude<Condition, { op: 'in_cohort' }>, isText: boolean): boolean => {
  switch (condition.op) {
    case 'eq':
      return isText && condition.value === '';
    case 'neq':
      return !(isText && condition.value === '');
    case 'in':
      return isText && condition.values.includes('');
    case 'not_in':
      return !(isText && condition.values.includes(''));
    case 'not_exists':
      return true;
    default:
      return false;
  }
};

/** Throws ApiError `invalid_request` for a definition that cannot be evaluated. Cohorts that it names are not looked for. */
export const checkDefinition = (definition: CohortDefinition): void => {
  const everything = { asOf: undefined };
  const scope = { project: '', nowMs: 0, ...everything, asked: everything, columns: noPropertyColumns };
  definition.criteria.forEach((criterion, index) => {
    if (criterion.kind !== 'cohort') criterionSql(criterion, `definition.criteria.${index}`, scope, {});
  });
};
