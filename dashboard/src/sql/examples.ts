/** A statement to begin with. All of them work in any project, also an empty one. */
export interface Example {
  readonly title: string;
  readonly sql: string;
}

/** From what is asked most to what is asked last. */
export const EXAMPLES: readonly Example[] = [
  {
    title: 'Events by type, last 30 days',
    sql: `SELECT type, count() AS events, uniq(user_id) AS users
FROM events
WHERE time >= now() - INTERVAL 30 DAY
GROUP BY type
ORDER BY events DESC`,
  },
  {
    title: 'Events and users a day',
    sql: `SELECT toDate(time) AS day, count() AS events, uniq(user_id) AS users
FROM events
WHERE time >= now() - INTERVAL 30 DAY
GROUP BY day
ORDER BY day`,
  },
  {
    title: 'Users an hour, from the rollup',
    sql: `SELECT toStartOfHour(pane) AS hour, sum(events) AS events, uniqMerge(users) AS users
FROM rollup_10s
WHERE pane >= now() - INTERVAL 7 DAY
GROUP BY hour
ORDER BY hour`,
  },
  {
    title: 'Days by country',
    sql: `SELECT toDate(time) AS day, country, count() AS events
FROM events
WHERE time >= now() - INTERVAL 14 DAY
  AND country IN (
    SELECT country FROM events WHERE country != '' GROUP BY country ORDER BY count() DESC LIMIT 5
  )
GROUP BY day, country
ORDER BY day, country`,
  },
  {
    title: 'Keys of properties',
    sql: `SELECT arrayJoin(JSONExtractKeys(properties)) AS key, count() AS events, uniq(type) AS types
FROM events
WHERE time >= now() - INTERVAL 7 DAY
GROUP BY key
ORDER BY events DESC
LIMIT 50`,
  },
  {
    title: 'The last events of one user',
    sql: `SELECT time, type, page, properties
FROM events
WHERE user_id = {user:String}
ORDER BY time DESC
LIMIT 100`,
  },
  {
    title: 'Why events were refused',
    sql: `SELECT outcome, reason, count() AS events, max(received_at) AS last
FROM refused
GROUP BY outcome, reason
ORDER BY events DESC`,
  },
];
