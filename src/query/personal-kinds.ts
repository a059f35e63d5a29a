import type { QueryRequest } from '../contract/query.ts';

/** Kinds of questions whose answers name single people: they need the permission `personal:read`, and are entered in the audit log. */
export const PERSONAL_KINDS: ReadonlySet<QueryRequest['kind']> = new Set(['funnel_users']);
