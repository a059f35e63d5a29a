import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { sessionsRequestSchema } from '../contract/sessions.ts';
import { openTestWarehouse, testService } from './testing/test-warehouse.ts';

/**
 * Sessions of real page views and shop actions (see PROVENANCE.md beside the data). It counts 47 and 64 sessions, with the events that have none as one more. The other figures were counted from the files by a
 * script of another language.
 */

const DATA = join(import.meta.dirname, '../../../shared/data/snowplow');
const NOW_MS = Date.UTC(2026, 10, 20, 12);

const CASES = [
  {
    ...{ name: 'web', events: 157, published: 47, sessions: 46, views: 49, withViews: 17, bounces: 2 },
    ...{ durationMs: 22_125_777_133, eventsInSessions: 156 },
    countries: { GR: 26, GB: 13, AU: 3, DE: 1, IE: 1, ML: 1, NO: 1 },
    entries: { '/': 5, '/177234df-d425-412e-ad8d-8b97515b2807/getting-started': 5 },
    months: { '2020-07': 1, '2021-02': 26, '2021-03': 19 },
  },
  {
    ...{ name: 'ecommerce', events: 834, published: 64, sessions: 63, views: 0, withViews: 0, bounces: 0 },
    ...{ durationMs: 2_331_314, eventsInSessions: 824 },
    countries: { GR: 62, CZ: 1 },
    entries: {},
    months: { '2022-10': 16, '2022-11': 46, '2022-12': 1 },
  },
] as const;

type CsvRow = Readonly<Record<string, string>>;

/** The rows of a file, one an id, as the platform would store them. */
const rowsOf = (name: string) => {
  const file = join(DATA, `${name}/source/snowplow_${name}_events.csv.gz`);
  const rows = parse<CsvRow>(gunzipSync(readFileSync(file)), { columns: true });
  const byId = new Map<string, CsvRow>();
  for (const row of rows) if (!byId.has(row['event_id'] ?? '')) byId.set(row['event_id'] ?? '', row);
  return [...byId].map(([id, row]) => ({
    id,
    project: name,
    time: Date.parse(`${row['derived_tstamp']?.replace('+00:00', '')}Z`),
    received_at: NOW_MS,
    type: row['event_name'] ?? '',
    user_id: row['domain_userid'] ?? '',
    session_id: row['domain_sessionid'] ?? '',
    country: row['geo_country'] ?? '',
    page: row['page_urlpath'] ?? '',
    properties: '{}',
  }));
};

describe('real data', { skip: existsSync(DATA) ? false : `${DATA} is not here` }, () => {
  test('sessions of the files are those counted by others', { timeout: 300_000 }, async () => {
    const bench = await openTestWarehouse();
    try {
      for (const expected of CASES) {
        const rows = rowsOf(expected.name);
        assert.equal(rows.length, expected.events);
        assert.equal(new Set(rows.map(({ session_id }) => session_id)).size, expected.published);
        await bench.load('events', rows, 1);
        const service = testService(bench, { nowMs: NOW_MS });
        const request = sessionsRequestSchema.parse({
          ...{ kind: 'sessions', interval: '1M', range: 'all time', by: ['country'] },
        });
        const { total, series, entry_pages: entries, buckets } = await service.query(expected.name, request);
        assert.deepEqual(
          [total.sessions, total.with_views, total.bounces],
          [expected.sessions, expected.withViews, expected.bounces],
        );
        assert.equal(total.duration_avg_ms, expected.durationMs / expected.sessions);
        assert.equal(total.events_per_session, expected.eventsInSessions / expected.sessions);
        assert.equal(total.views_per_session, expected.views / expected.sessions);
        assert.deepEqual(
          Object.fromEntries(series.map(({ group, total: of }) => [group?.['country'], of.sessions])),
          expected.countries,
        );
        assert.deepEqual(
          Object.fromEntries(
            entries.filter(({ sessions }) => sessions > 2).map(({ page, sessions }) => [page, sessions]),
          ),
          expected.entries,
        );
        const months = buckets.map((bucket, at) => [
          bucket.slice(0, 7),
          series.reduce((sum, { values }) => sum + (values.sessions[at] ?? 0), 0),
        ]);
        assert.deepEqual(
          Object.fromEntries(months.filter(([, sessions]) => sessions !== 0)),
          expected.months,
        );
      }
    } finally {
      await bench.close();
    }
  });
});
