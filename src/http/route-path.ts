import { type OperationId, ROUTES } from '../contract/routes.ts';

/** The address of a route as Hono writes it: `:id` where the contract has `{id}`. */
export const pathOf = (name: OperationId): string => ROUTES[name].path.replace(/\{(\w+)\}/gu, ':$1');
