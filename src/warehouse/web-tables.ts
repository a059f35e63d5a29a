/**
 * The tables of settled sessions: what web analytics know of each, so that questions need not put sessions together. Filled by `web-sessions.ts`; why, and what they cost: `docs/decisions/024-settled-sessions.md`.
 *
 * Rows of all of them belong to a generation, and count from when its mark is in `web_steps`. Nothing is changed in place: a row of `web_sessions` ends when its id and generation are in `web_replaced`.
 */

const FEW = 'LowCardinality(String)';
const NUMBER = 'Int64 CODEC(Delta, ZSTD(1))';
const COUNT = 'UInt64 CODEC(T64, ZSTD(1))';

/**
 * A row a session. `id` is the hash of project and `session_id`, `visitor` that of the visitor, `level` how many zeros the latter ends with: every level holds half of the visitors of the one before, so that many visitors can be counted from few rows.
 * `full_channel` is how it came, `own_channel` how it came if its referrer is the site itself.
 */
const SESSIONS = (settings: string) => `CREATE TABLE IF NOT EXISTS web_sessions (
  project ${FEW},
  level UInt8,
  began ${NUMBER},
  id UInt64 CODEC(NONE),
  generation ${FEW},
  duration UInt32 CODEC(T64, ZSTD(1)),
  views UInt32 CODEC(T64, ZSTD(1)),
  bounced UInt8,
  visitor UInt64 CODEC(NONE),
  referring ${FEW},
  full_channel ${FEW},
  own_channel ${FEW},
  utm_source ${FEW},
  utm_medium ${FEW},
  utm_campaign ${FEW},
  utm_term ${FEW},
  utm_content ${FEW},
  entry ${FEW},
  exit ${FEW},
  seen Array(${FEW}),
  seen_views Array(UInt32),
  of_country ${FEW},
  of_device ${FEW},
  of_browser ${FEW},
  of_system ${FEW}
) ENGINE = MergeTree ORDER BY (project, level, began) SETTINGS ${settings}`;

/** Rows of `web_sessions` that count no more since the generation `by`. */
const REPLACED = (settings: string) => `CREATE TABLE IF NOT EXISTS web_replaced (
  project ${FEW},
  id UInt64 CODEC(NONE),
  generation ${FEW},
  day Int32,
  by ${FEW}
) ENGINE = MergeTree ORDER BY (project, id) SETTINGS ${settings}`;

/** Sessions that lasted longer than a day, and the hours in which they had events: they have no row, each question puts them together. */
const LONG = (settings: string) => `CREATE TABLE IF NOT EXISTS web_long (
  project ${FEW},
  hour ${NUMBER},
  id UInt64 CODEC(NONE),
  generation ${FEW}
) ENGINE = MergeTree ORDER BY (project, hour) SETTINGS ${settings}`;

/** The entries of the lists, by day (UTC, days since 1970), without visitors. Sources and channels together: `value` is the referrer's host. */
const DAYS = (settings: string) => `CREATE TABLE IF NOT EXISTS web_days (
  project ${FEW},
  day Int32,
  generation ${FEW},
  list UInt8,
  value String,
  full_channel ${FEW},
  own_channel ${FEW},
  sessions_n ${COUNT},
  views_n ${COUNT},
  viewed_n ${COUNT},
  bounces_n ${COUNT},
  duration_n ${COUNT}
) ENGINE = MergeTree ORDER BY (project, day, list, value) SETTINGS ${settings}`;

/**
 * What was done. `mark`, of no project: a generation counts from now on; sessions that began before `settled` have their rows, as of the events before `position`. `changed`: rows of a day came or went with it. `pane`: `web_days` holds that day as it was as of the generation
 * `base`. `rules`: by which version of the program.
 */
const STEPS = (settings: string) => `CREATE TABLE IF NOT EXISTS web_steps (
  project ${FEW},
  kind ${FEW},
  day Int32,
  generation ${FEW},
  base ${FEW},
  position UInt64,
  settled Int64,
  rules ${FEW}
) ENGINE = MergeTree ORDER BY (project, kind, day) SETTINGS ${settings}`;

/** The statements that make them. */
export const webTables = (settings: string): readonly string[] =>
  [SESSIONS, REPLACED, LONG, DAYS, STEPS].map((table) => table(settings));

/** Their names; marks first, without which the others hold nothing that counts. */
export const WEB_TABLES = ['web_steps', 'web_days', 'web_replaced', 'web_long', 'web_sessions'] as const;
