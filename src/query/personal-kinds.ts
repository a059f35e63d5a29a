import type { QueryRequest } from '../contract/query.ts';

/** Kinds of questions whose answers name single people: they need the permission `personal:read`, and are entered in the audit log. */
export const PERSONAL_KINDS: ReadonlySet<QueryRequest['kind']> = new Set(['funnel_users']);

/** Fields whose values are single people, visits and events: a break-down by one of them, or paths labelled by it, are a list of them. */
const PERSONAL_FIELDS: ReadonlySet<string> = new Set(['user_id', 'session_id', 'id']);

/** Whether the answer to a question names single people. */
export const namesPeople = (request: QueryRequest): boolean => {
  if (PERSONAL_KINDS.has(request.kind)) return true;
  const by: unknown = 'by' in request ? request.by : undefined;
  const label: unknown = 'label' in request ? request.label : undefined;
  return [by, label]
    .flat()
    .some((field) => typeof field === 'string' && PERSONAL_FIELDS.has(field.replace(/^context\./u, '')));
};
