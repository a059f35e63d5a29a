import type { CohortDefinition, Criterion } from '../../contract/cohorts.ts';
import type { Condition, Selector } from '../../contract/question.ts';
import type { CohortTree } from '../ports.ts';
import type { PeriodEvent } from './periods-model.ts';
import { holds } from './trend-model.ts';

/** Who belongs to a cohort, written down naively: every user is looked at with all of its events. */

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** Of durations as the tests write them. */
const msOf = (text: string): number => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? Number.NaN);

const isMeant = (selector: Selector, event: PeriodEvent): boolean =>
  typeof selector === 'string'
    ? event.type === selector
    : (selector.types?.includes(event.type) ?? true) &&
      (selector.filter === undefined || holds(selector.filter, event));

const hasField = (condition: Condition, event: PeriodEvent): boolean =>
  holds({ field: condition.field, op: 'exists' }, event);

/** The condition by the latest event that has the field, and by an event without it where there is none. */
const holdsNow = (condition: Condition, own: readonly PeriodEvent[]): boolean => {
  const having = own.filter((event) => hasField(condition, event));
  if (having.length === 0) {
    const [any] = own;
    return any !== undefined && holds(condition, any);
  }
  const lastMs = Math.max(...having.map(({ timeMs }) => timeMs));
  const atLast = having.filter(({ timeMs }) => timeMs === lastMs);
  const position = Math.max(...atLast.map((event) => event.position));
  return atLast.some((event) => event.position === position && holds(condition, event));
};

const meets = (
  criterion: Criterion,
  user: string,
  own: readonly PeriodEvent[],
  world: World,
  nested: CohortTree['nested'],
): boolean => {
  const { nowMs } = world;
  switch (criterion.kind) {
    case 'did':
    case 'did_not': {
      const sinceMs =
        criterion.within === undefined ? Number.NEGATIVE_INFINITY : nowMs - msOf(criterion.within);
      const times = own.filter((event) => event.timeMs > sinceMs && isMeant(criterion.event, event)).length;
      return criterion.kind === 'did' ? times >= criterion.at_least : times === 0;
    }
    case 'property':
      if (criterion.is.op === 'in_cohort') throw new Error('not a property');
      return holdsNow(criterion.is, own);
    case 'first_seen': {
      const firstMs = Math.min(...own.map(({ timeMs }) => timeMs));
      return (
        (criterion.within === undefined || firstMs > nowMs - msOf(criterion.within)) &&
        (criterion.before === undefined || firstMs <= nowMs - msOf(criterion.before))
      );
    }
    case 'cohort': {
      const other = nested[criterion.cohort];
      return other !== undefined && modelMembers(other, world).has(user) === criterion.member;
    }
  }
};

/** What there is to be seen. */
export interface World {
  readonly events: readonly PeriodEvent[];
  readonly project: string;
  readonly nowMs: number;
  /** Only what was loaded up to there; absent: everything. */
  readonly position?: number;
}

const meetsAll = ({ match }: CohortDefinition, met: readonly boolean[]): boolean =>
  match === 'all' ? met.every(Boolean) : met.some(Boolean);

/** Users that belong to a cohort. A static one has the same wherever it is named, in another static one too. */
export const modelMembers = ({ definition, frozen, nested }: CohortTree, outer: World): Set<string> => {
  const world =
    frozen === null ? outer : { ...outer, nowMs: frozen.atMs, position: Number(frozen.position ?? -1) };
  const seen = world.events.filter(
    (event) =>
      event.project === world.project &&
      event.user_id !== '' &&
      event.timeMs <= world.nowMs &&
      event.position <= (world.position ?? Number.POSITIVE_INFINITY),
  );
  const users = Map.groupBy(seen, ({ user_id }) => user_id);
  const members = [...users].filter(([user, own]) =>
    meetsAll(
      definition,
      definition.criteria.map((criterion) => meets(criterion, user, own, world, nested)),
    ),
  );
  return new Set(members.map(([user]) => user));
};
