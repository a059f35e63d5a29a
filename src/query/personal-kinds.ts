import type { QueryRequest } from '../contract/query.ts';

/** Kinds of questions whose answers name single people: they need the permission `personal:read`, and are entered in the audit log. */
export const PERSONAL_KINDS: ReadonlySet<QueryRequest['kind']> = new Set(['funnel_users', 'metric_windows']);

/** Fields whose values are single people, visits and events: a break-down by one of them, or paths labelled by it, are a list of them. */
const PERSONAL_FIELDS: ReadonlySet<string> = new Set(['user_id', 'session_id', 'id']);

/** Where a question names the field whose values its answer lists. */
const LISTED_BY = ['by', 'label', 'channel', 'variant'] as const;

/** Whether the values of a field are single people, visits or events. */
export const isPersonalField = (field: string): boolean =>
  PERSONAL_FIELDS.has(field.replace(/^context\./u, ''));

/** Whether the answer to a question names single people. */
export const namesPeople = (request: QueryRequest): boolean => {
  if (PERSONAL_KINDS.has(request.kind)) return true;
  return LISTED_BY.flatMap((name): unknown => (name in request ? Reflect.get(request, name) : [])).some(
    (field) => typeof field === 'string' && isPersonalField(field),
  );
};
