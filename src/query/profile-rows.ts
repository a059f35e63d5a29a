import { USER_LIMITS } from '../contract/users.ts';
import { addDecimals, type Decimal, decimalOf, formatDecimal, parseDecimal } from '../lib/decimal.ts';
import { bind, sql, type Statement, toStatement } from './sql.ts';
import { type OrderReach, TRAITS } from './user-rows.ts';
import type { ProfileRow } from './users.ts';

/**
 * The profile of a user of few events, who are nearly all: their rows are read as they are, from the order of users and from what is not in it yet at the same time, and put together here. That takes the engine a
 * third of the time of the statement that does it all, most of which goes into planning.
 */

/** Users with more events than this are left to the engine. */
export const PROFILE_ROWS_MAX = 2_000;

/** A row of those statements: a JSON array of the texts of `FACTS`, in their order. */
export interface FactsRow {
  readonly facts: string;
}

/** An event as far as a profile needs it: texts, empty where there is none. */
export interface ProfileEvent {
  readonly ms: number;
  readonly position: number;
  readonly type: string;
  readonly session_id: string;
  readonly country: string;
  readonly region: string;
  readonly device_type: string;
  readonly os: string;
  readonly browser: string;
  readonly currency: string;
  readonly value: string;
  readonly traits: string;
}

/** As `user_events` keeps them, for events that are not in it yet. */
export const FACTS = sql`toJSONString([toString(toUnixTimestamp64Milli(time)), toString(position), type, session_id, country, region, device_type, os, browser, currency, ifNull(toString(value), ''), ${TRAITS}])`;

/** The event that a row tells of. */
export const eventOfFacts = ({ facts }: FactsRow): ProfileEvent => {
  const texts = JSON.parse(facts) as readonly string[];
  const [ms, position, type = '', session_id = '', country = '', region = ''] = texts;
  const [device_type = '', os = '', browser = '', currency = '', value = '', traits = ''] = texts.slice(6);
  return {
    ...{ ms: Number(ms), position: Number(position), type, session_id, country, region },
    ...{ device_type, os, browser, currency, value, traits },
  };
};

/** A statement for events of a user. Of its rows only those before the position `before` count. */
export interface ProfilePart {
  readonly statement: Statement;
  readonly before: number;
}

/**
 * The statements for the events of a user, each of one more than a profile may have: of the order of users, and of the loaded records behind it where any of these may name the user (`hasTail`). The order of users may have come further than it is known to be, and those rows
 * would be in both: to leave them out here costs the engine less than a condition.
 */
export const profileParts = (
  user: string,
  scope: OrderReach & { readonly project: string; readonly rowsMax: number },
): ProfilePart[] => {
  const { project, covered, hasTail = true, rowsMax } = scope;
  // The user first, all other columns only of the rows of that one: a quarter less than by what the engine would choose.
  const of = sql`PREWHERE user_id = ${bind('String', user)} WHERE project = ${bind('String', project)}`;
  // A second thread costs such a small statement more than it gives.
  const limit = sql`LIMIT ${bind('UInt64', rowsMax + 1)} SETTINGS max_threads = 1`;
  const seam = bind('UInt64', covered);
  const ordered = sql`SELECT facts FROM user_events ${of} ${limit}`;
  const behind = sql`SELECT ${FACTS} AS facts FROM events ${of} AND position >= ${seam} ${limit}`;
  return [
    ...(covered > 0 ? [{ statement: toStatement(ordered), before: covered }] : []),
    ...(hasTail ? [{ statement: toStatement(behind), before: Number.POSITIVE_INFINITY }] : []),
  ];
};

/** The events that the answers to those statements hold, in their order; undefined: more than may be read one by one. */
export const profileEvents = (
  parts: readonly ProfilePart[],
  answers: readonly (readonly FactsRow[])[],
  rowsMax: number,
): ProfileEvent[] | undefined => {
  // Before any is left out: an answer that was cut off may miss others.
  if (answers.some(({ length }) => length > rowsMax)) return undefined;
  const events = answers.flatMap((rows, index) =>
    rows.map(eventOfFacts).filter(({ position }) => position < (parts[index]?.before ?? 0)),
  );
  return events.length > rowsMax ? undefined : events;
};

const DAY_MS = 86_400_000;

/** As the engine compares texts. */
const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The latest text of a field so far. */
class Latest {
  text = '';
  #ms = Number.NEGATIVE_INFINITY;
  #position = 0;

  see(text: string, ms: number, position: number): void {
    if (text === '') return;
    const order = ms - this.#ms || position - this.#position || compareBytes(text, this.text);
    if (order <= 0) return;
    this.text = text;
    this.#ms = ms;
    this.#position = position;
  }
}

const LATEST = ['country', 'region', 'device_type', 'os', 'browser'] as const;

/** What the events tell of their user. */
export const profileOfEvents = (events: readonly ProfileEvent[]): ProfileRow => {
  const sessions = new Set<string>();
  const days = new Set<number>();
  const types = new Map<string, number>();
  const sums = new Map<string, { sum: Decimal; count: number }>();
  const latest = LATEST.map((name) => ({ name, of: new Latest() }));
  const told: [number, number, string][] = [];
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const event of events) {
    const { ms, position } = event;
    firstMs = Math.min(firstMs, ms);
    lastMs = Math.max(lastMs, ms);
    if (event.session_id !== '') sessions.add(event.session_id);
    days.add(Math.floor(ms / DAY_MS));
    types.set(event.type, (types.get(event.type) ?? 0) + 1);
    for (const { name, of } of latest) of.see(event[name], ms, position);
    if (event.traits.startsWith('{')) told.push([-ms, -position, event.traits]);
    const value = event.value === '' ? undefined : parseDecimal(event.value);
    if (value === undefined) continue;
    const { sum, count } = sums.get(event.currency) ?? { sum: decimalOf(0), count: 0 };
    sums.set(event.currency, { sum: addDecimals(sum, value), count: count + 1 });
  }
  told.sort((a, b) => a[0] - b[0] || a[1] - b[1] || compareBytes(a[2], b[2]));
  const texts = Object.fromEntries(latest.map(({ name, of }) => [name, of.text]));
  return {
    ...(texts as Record<(typeof LATEST)[number], string>),
    first_ms: firstMs,
    last_ms: lastMs,
    events: events.length,
    sessions: sessions.size,
    days: days.size,
    types: Object.fromEntries(types),
    sums: Object.fromEntries([...sums].map(([currency, { sum }]) => [currency, formatDecimal(sum)])),
    values: Object.fromEntries([...sums].map(([currency, { count }]) => [currency, count])),
    told: told.slice(0, USER_LIMITS.identifiesMax),
  };
};
