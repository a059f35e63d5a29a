import type { CohortCondition, Filter } from '../contract/question.ts';
import { membershipOf, unknownCohort } from './cohort-membership.ts';
import type { BoundCohort, FilterContext, Membership } from './filter.ts';
import type { CohortSource, CohortTree, PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { sql, type Statement, toStatement } from './sql.ts';

/** Cohorts that one request may name. */
const COHORTS_MAX = 10;

/** A membership that tells what it depends on: names of answers are made of the request as JSON. */
class NamedMembership implements Membership {
  readonly #tree: CohortTree;
  readonly #membership: Membership;

  constructor(tree: CohortTree, project: string) {
    this.#tree = tree;
    this.#membership = membershipOf(tree, project);
  }

  sql(context: FilterContext) {
    return this.#membership.sql(context);
  }

  /** Live ones depend on the moment of the question too, which "now" says. */
  toJSON(): unknown {
    return { tree: this.#tree, asOf: this.#tree.frozen === null ? 'now' : 'then' };
  }
}

/** Looks up the cohorts that a request names anywhere in its filters. The request itself where it names none. Throws ApiError `invalid_request` for one that is not there. */
export const bindCohorts = async <Request>(
  request: Request,
  project: string,
  source: CohortSource,
): Promise<Request> => {
  const named = conditionsIn(request, '');
  if (named.length === 0) return request;
  const ids = [...new Set(named.map(({ condition }) => condition.cohort))];
  if (ids.length > COHORTS_MAX)
    throw invalidAt(
      named[0]?.path ?? '',
      `The request names ${ids.length} cohorts; at most ${COHORTS_MAX} are taken. Save one that joins them.`,
    );
  const memberships = new Map<string, Membership>();
  for (const { condition, path } of named) {
    const id = condition.cohort;
    const tree = memberships.has(id) ? undefined : await source.treeOf(project, id);
    if (tree !== undefined) memberships.set(id, new NamedMembership(tree, project));
    if (!memberships.has(id)) throw invalidAt(`${path}.cohort`, unknownCohort(id));
  }
  return withMemberships(request, memberships) as Request;
};

const isNamed = (value: object): value is CohortCondition =>
  'op' in value && value.op === 'in_cohort' && 'cohort' in value && typeof value.cohort === 'string';

interface Named {
  readonly condition: CohortCondition;
  readonly path: string;
}

const conditionsIn = (value: unknown, path: string): Named[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (isNamed(value)) return [{ condition: value, path }];
  return Object.entries(value).flatMap(([key, part]) =>
    conditionsIn(part, path === '' ? key : `${path}.${key}`),
  );
};

const withMemberships = (value: unknown, memberships: ReadonlyMap<string, Membership>): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => withMemberships(part, memberships));
  const membership = isNamed(value) ? memberships.get(value.cohort) : undefined;
  if (membership !== undefined) return { ...(value as CohortCondition), membership } satisfies BoundCohort;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withMemberships(part, memberships)]),
  );
};

/** The same for a filter that stands alone. */
export const bindFilter = async (
  filter: Filter | undefined,
  project: string,
  source: CohortSource,
): Promise<Filter | undefined> => (await bindCohorts({ filter }, project, source)).filter;

/** The statement that counts who belongs to a cohort. */
export const sizeStatement = (
  tree: CohortTree,
  project: string,
  { columns, nowMs }: { readonly columns: PropertyColumns; readonly nowMs: number },
): Statement => {
  const members = membershipOf(tree, project).sql({ columns, nowMs, asOf: undefined, timeZone: 'UTC' });
  return toStatement(sql`SELECT count() AS size FROM ${members}`);
};
