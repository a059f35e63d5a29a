import type { DerivedDefinition } from './derived.ts';

/** The events of users in the order of users: `user_events`, derived from `events`. Why, with measurements: `docs/decisions/019-user-order.md`. */

/** The columns of `user_events` that are those of `events`. `traits` is the one more. */
export const USER_EVENT_COLUMNS =
  'project, user_id, time, position, id, type, session_id, country, region, device_type, os, browser, currency, value';

/** The traits that an event tells of its user, as JSON: of those of the type `identify`. */
export const TRAITS_SQL = "if(type = 'identify', JSONExtractRaw(properties, 'traits'), '')";

/**
 * What a profile needs of a row in one text, a JSON array of texts: a column is named in the plan of each part and looked for in each granule, so that reading twelve of them takes the engine half as long again as reading one. Whatever the settings of the statement that makes it, it is the same.
 * `query/profile-rows.ts` reads it.
 */
export const FACTS_SQL =
  "toJSONString([toString(toUnixTimestamp64Milli(time)), toString(position), type, session_id, country, region, device_type, os, browser, currency, ifNull(toString(value), ''), traits])";

/** A share of half a core, or of a fiftieth while the machine has no time. */
const REST = { calm: 1, busy: 49 } as const;

/** How `user_events` is filled. */
export const USER_ORDER: DerivedDefinition = {
  table: 'user_events',
  token: 'user-events',
  where: "user_id != ''",
  insert: `user_events (${USER_EVENT_COLUMNS}, traits) SELECT ${USER_EVENT_COLUMNS}, ${TRAITS_SQL} FROM events WHERE {rows} ORDER BY position`,
  mark: "INSERT INTO user_events (project, position) SELECT '', {position:UInt64}",
  stepRowsMax: 250_000,
  rest: REST,
};
