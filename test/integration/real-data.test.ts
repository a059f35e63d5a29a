import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { StoredEvent } from '../../src/contract/event.ts';
import type { EventsAnswer } from '../../src/contract/events.ts';
import type { LifecycleAnswer } from '../../src/contract/lifecycle.ts';
import type { RetentionAnswer } from '../../src/contract/retention.ts';
import type { TrendAnswer, TrendSeries } from '../../src/contract/trend.ts';
import { monthlyCohorts, readOrderLines, revenueBy } from '../support/online-retail.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';

/**
 * Real data of others through the whole platform, as its users run it: files by `aevum import`, events by HTTP, answers by `POST /api/query` and `GET /api/events`.
 * The expected figures are published ones: see PROVENANCE.md beside the data.
 */

const DATA = join(import.meta.dirname, '../../../shared/data');
const MAIN = join(import.meta.dirname, '../../src/main.ts');
const RETAIL = join(DATA, 'online_retail_uci/online_retail.csv.gz');
const RETAIL_MAPPING = [
  ...['--type', 'order_line', '--timezone', 'Europe/London', '--map', 'timestamp=InvoiceDate'],
  ...['--map', 'user_id=CustomerID', '--map', 'value=Quantity*UnitPrice', '--map', "currency='GBP'"],
];
const IMPORT_TIMEOUT_MS = 300_000;
const SETTLE_TIMEOUT_MS = 180_000;
const BATCH_EVENTS = 1_000;

const absent = [
  RETAIL,
  join(DATA, 'kibana_sample'),
  join(DATA, 'github_events'),
  join(DATA, 'jitsu_bulker'),
].find((path) => !existsSync(path));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('real data', {
  skip: absent === undefined ? false : `${absent} is not here`,
  timeout: 600_000,
}, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-real-data-'));
  let platform: Platform;
  let port = 0;

  before(async () => {
    port = await freePort();
  });
  after(async () => {
    await platform?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const aevum = (...args: string[]): Promise<Ended> =>
    run([...args, '--data-dir', dataDir, '--port', String(port)], {
      AEVUM_ADMIN_KEY: ADMIN_KEY,
      AEVUM_WRITE_KEY: WRITE_KEY,
    });

  let linesOfRetail: ReturnType<typeof readOrderLines> | undefined;
  const orderLines = () => (linesOfRetail ??= readOrderLines(RETAIL));

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${platform.url}${path}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as T;
  };

  const ask = async <T>(question: Readonly<Record<string, unknown>>): Promise<T> => {
    const response = await fetch(`${platform.url}/api/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as T;
  };
  const trend = async (question: Readonly<Record<string, unknown>>): Promise<TrendSeries[]> => {
    const common = { kind: 'trend', interval: 'total', range: 'all time', types: ['order_line'] };
    return [...(await ask<TrendAnswer>({ ...common, ...question })).series];
  };
  const total = async (question: Readonly<Record<string, unknown>>): Promise<number | null | undefined> =>
    (await trend(question))[0]?.total;
  const exact = async (question: Readonly<Record<string, unknown>>): Promise<string | undefined> =>
    (await trend(question))[0]?.total_exact;

  test('a dry run needs no server and keeps its hands off', async () => {
    const { code, stdout } = await aevum('import', RETAIL, '--dry-run', ...RETAIL_MAPPING);
    assert.equal(code, 0);
    assert.match(stdout, /Format: csv, gzip; delimiter: comma/u);
    assert.match(stdout, /"value":15\.3/u);
    assert.match(stdout, /Nothing was sent/u);
    assert.deepEqual(readdirSync(dataDir), []);
  });

  test('a file is imported without a running server, one bad option is refused', async () => {
    const wrong = await aevum('import', RETAIL, '--type', 'order_line', '--map', 'timestamp=InvoiceDat');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /Did you mean "InvoiceDate"/u);
    const { code, stdout, stderr } = await aevum('import', RETAIL, ...RETAIL_MAPPING);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /accepted {5}541,909\n {2}queryable {4}541,909\n {2}quarantined {2}0\n/u);
    assert.match(stdout, /2010-12-01T08:26:00\.000Z to 2011-12-09T12:50:00\.000Z/u);
  });

  test('the platform starts on what was imported; importing again does nothing', async () => {
    platform = await Platform.start(dataDir, port);
    const { code, stdout, stderr } = await aevum('import', RETAIL, ...RETAIL_MAPPING);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /All 541,909 rows of this file are there already/u);
  });

  test('online retail: the published counts and sums', async () => {
    assert.equal(await total({ measure: 'count' }), 541_909);
    assert.equal(await total({ measure: 'unique_users' }), 4_372);
    assert.equal(await total({ measure: 'count', filter: { field: 'user_id', op: 'exists' } }), 406_829);
    const sum = { kind: 'sum', of: 'value' };
    assert.equal(await exact({ measure: sum }), '9747747.934');
    const britain = { field: 'properties.Country', op: 'eq', value: 'United Kingdom' };
    assert.equal(await exact({ measure: sum, filter: britain }), '8187806.364');
    const countries = await trend({ measure: sum, by: ['properties.Country'], top: 3 });
    assert.equal(countries[0]?.total_exact, '8187806.364');
    const customers = await trend({
      measure: sum,
      by: ['user_id'],
      top: 3,
      filter: { field: 'user_id', op: 'exists' },
    });
    assert.deepEqual(
      customers.filter(({ other }) => !other).map(({ total_exact }) => total_exact),
      ['279489.02', '256438.49', '187482.17'],
    );
    assert.equal(await total({ measure: { kind: 'unique', of: 'properties.InvoiceNo' } }), 25_900);
    assert.equal(await total({ measure: { kind: 'unique', of: 'properties.StockCode' } }), 4_070);
  });

  test('online retail: the rollup and the raw events say the same', async () => {
    for (const measure of ['count', 'unique_users', { kind: 'sum', of: 'value' }]) {
      const [auto, raw] = [await trend({ measure }), await trend({ measure, source: 'events' })];
      assert.deepEqual(auto, raw);
    }
  });

  test('online retail: revenue by country and by customer is that of the file, to the last digit', async () => {
    const lines = orderLines();
    const sum = { kind: 'sum', of: 'value' };
    const countries = await trend({ measure: sum, by: ['properties.Country'], top: 100 });
    assert.deepEqual(
      countries.map(({ group, total_exact }) => [group?.['properties.Country'], total_exact]),
      revenueBy(lines, 'country').map(({ name, revenue }) => [name, revenue]),
    );
    const named = await trend({
      measure: sum,
      by: ['user_id'],
      top: 1_000,
      filter: { field: 'user_id', op: 'exists' },
    });
    assert.deepEqual(
      named.filter(({ other }) => !other).map(({ group, total_exact }) => [group?.['user_id'], total_exact]),
      revenueBy(lines, 'customer')
        .slice(0, 1_000)
        .map(({ name, revenue }) => [name, revenue]),
    );
  });

  test('online retail: which customers came back is what the file says', async () => {
    const months = 13;
    const cohorts = monthlyCohorts(orderLines(), months);
    assert.equal(cohorts.length, months);
    assert.deepEqual(cohorts[0], [948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260]);
    const question = {
      kind: 'retention',
      start: 'order_line',
      return: 'order_line',
      period: 'month',
      periods: months - 1,
      range: { from: '2010-12-01', to: '2011-12-31' },
      timezone: 'Europe/London',
    };
    for (const chosen of ['first_ever', 'first_in_range']) {
      const answer = await ask<RetentionAnswer>({ ...question, cohorts: chosen });
      const [series] = answer.series;
      assert.equal(series?.size, 4_372);
      assert.deepEqual(
        series?.cohorts.map(({ counts }) => counts),
        cohorts,
      );
    }
    const countries = await ask<RetentionAnswer>({ ...question, by: ['properties.Country'], top: 100 });
    const sizes = countries.series.map(({ size }) => size);
    assert.equal(
      sizes.reduce((a, b) => a + b, 0),
      4_372,
    );
    const lifecycle = await ask<LifecycleAnswer>({
      kind: 'lifecycle',
      period: 'month',
      types: ['order_line'],
      range: { from: '2010-12-01', to: '2011-12-31' },
      timezone: 'Europe/London',
    });
    assert.deepEqual(
      lifecycle.actors.new,
      cohorts.map(([size]) => size),
    );
    const everyMonth = Array.from({ length: months }, (_, month) =>
      cohorts.reduce((sum, cohort, first) => sum + (cohort[month - first] ?? 0), 0),
    );
    assert.deepEqual(lifecycle.actors.active, everyMonth);
  });

  const post = async (events: readonly unknown[], name: string): Promise<void> => {
    for (let at = 0; at < events.length; at += BATCH_EVENTS) {
      const response = await fetch(`${platform.url}/api/events/batch?backfill=${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(events.slice(at, at + BATCH_EVENTS)),
      });
      const answer = (await response.json()) as { accepted: number; rejected: unknown[] };
      assert.deepEqual([response.status, answer.rejected], [202, []]);
      assert.equal(answer.accepted, Math.min(BATCH_EVENTS, events.length - at));
    }
  };

  /** All stored events of a type, once there are as many as expected. */
  const readBack = async (type: string, expected: number): Promise<StoredEvent[]> => {
    const limit = Date.now() + SETTLE_TIMEOUT_MS;
    for (;;) {
      const events = await allEvents(type);
      if (events.length >= expected) return events;
      assert.ok(Date.now() < limit, `only ${events.length} of ${expected} events of type ${type}`);
      await delay(200);
    }
  };

  const allEvents = async (type: string): Promise<StoredEvent[]> => {
    const events: StoredEvent[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: EventsAnswer = await get(
        `/api/events?limit=1000&type=${encodeURIComponent(type)}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      events.push(...page.events);
      cursor = page.next_cursor;
    }
    return events;
  };

  test('kibana orders, sent as they are, come back field for field', async () => {
    const orders = ndjson('kibana_sample/ecommerce.json.gz');
    assert.equal(orders.length, 4_675);
    await post(orders, 'kibana-orders');
    const stored = await readBack('order', orders.length);
    const byOrder = new Map(stored.map((event) => [event.properties['order_id'], event]));
    assert.equal(byOrder.size, orders.length);
    for (const { type, currency, ...properties } of orders) {
      const event = byOrder.get(properties['order_id']);
      assert.deepEqual([event?.type, event?.currency, event?.properties], [type, currency, properties]);
    }
    const revenue = await total({
      types: ['order'],
      measure: { kind: 'sum', of: 'properties.taxful_total_price' },
    });
    assert.equal(Math.round((revenue ?? 0) * 100) / 100, 350_859.04);
    const countries = await trend({
      types: ['order'],
      measure: 'count',
      by: ['properties.geoip.country_iso_code'],
      top: 1,
    });
    assert.equal(countries[0]?.total, 1_206);
    for (const [country, count] of [
      ['US', 1_206],
      ['AE', 712],
      ['GB', 628],
      ['EG', 491],
      ['MA', 408],
    ] as const) {
      const filter = { field: 'properties.geoip.country_iso_code', op: 'eq', value: country };
      assert.equal(await total({ types: ['order'], measure: 'count', filter }), count, country);
    }
    assert.equal(
      await total({ types: ['order'], measure: { kind: 'unique', of: 'properties.customer_id' } }),
      46,
    );
  });

  test('kibana flights by import, with nested columns mapped', async () => {
    const file = join(DATA, 'kibana_sample/flights.json.gz');
    const { code, stdout, stderr } = await aevum(
      ...[
        'import',
        file,
        '--type',
        'flight',
        '--map',
        'timestamp=timestamp',
        '--map',
        'value=round(AvgTicketPrice, 6)',
      ],
      ...['--map', 'context.country=OriginCountry', '--map', 'properties.lat=number(OriginLocation.lat)'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /accepted {5}13,059/u);
    const count = (filter: unknown): Promise<number | null | undefined> =>
      total({ types: ['flight'], measure: 'count', filter });
    assert.equal(await count({ field: 'properties.Cancelled', op: 'eq', value: true }), 1_678);
    assert.equal(await count({ field: 'properties.FlightDelay', op: 'eq', value: true }), 3_280);
    const flights = ndjson('kibana_sample/flights.json.gz');
    const stored = await readBack('flight', flights.length);
    const byRow = new Map(stored.map((event) => [Number(event.id.split(':')[1]), event]));
    flights.forEach((flight, index) => {
      const event = byRow.get(index + 1);
      const { timestamp, OriginCountry, ...rest } = flight;
      const location = flight['OriginLocation'] as { lat: string };
      // Some are only a date: midnight. The others have no zone: UTC.
      const instant = `${timestamp as string}T00:00:00`.slice(0, '2018-01-01T00:00:00'.length);
      assert.equal(event?.timestamp, `${instant}.000Z`);
      assert.equal(event?.context?.country, OriginCountry);
      assert.deepEqual(event?.properties, { ...rest, lat: Number(location.lat) });
    });
  });

  test('github events, sent as they are, come back field for field', async () => {
    const file = join(DATA, 'github_events/simdjson_github_events.json');
    const events = JSON.parse(readFileSync(file, 'utf8')) as Row[];
    await post(events, 'github');
    const types = Map.groupBy(events, (event) => event['type'] as string);
    assert.deepEqual(
      Object.fromEntries([...types].map(([type, of]) => [type.replace('Event', ''), of.length])),
      {
        Push: 13,
        Watch: 6,
        Create: 3,
        Fork: 3,
        IssueComment: 2,
        Gollum: 2,
        Issues: 1,
      },
    );
    for (const [type, sent] of types) {
      const byId = new Map((await readBack(type, sent.length)).map((event) => [event.id, event]));
      for (const { id, type: _type, payload, ...others } of sent) {
        // The members of `payload` become properties of their own: docs/reference/event-shapes.md.
        const inner = Object.entries(payload as Row).map(([key, value]) => [`payload.${key}`, value]);
        assert.deepEqual(
          byId.get(id as string)?.properties,
          { ...others, ...Object.fromEntries(inner) },
          type,
        );
      }
    }
  });

  test('jitsu bulker files as properties of events come back field for field', async () => {
    for (const file of readdirSync(join(DATA, 'jitsu_bulker'))) {
      const rows = ndjson(`jitsu_bulker/${file}`);
      if (rows.length === 0) continue;
      const events = rows.map((properties, index) => ({
        id: `${file}-${index}`,
        type: `jitsu ${file}`,
        timestamp:
          typeof properties['_timestamp'] === 'string' ? properties['_timestamp'] : Date.UTC(2022, 7, 18),
        properties,
      }));
      await post(events, 'jitsu');
      const byId = new Map(
        (await readBack(`jitsu ${file}`, events.length)).map((event) => [event.id, event]),
      );
      for (const { id, timestamp, properties } of events) {
        assert.deepEqual(byId.get(id)?.properties, properties, `${file} ${id}`);
        assert.equal(byId.get(id)?.timestamp, new Date(timestamp).toISOString());
      }
    }
  });

  test('an import that is killed goes on when the same command is run again', async () => {
    const command = [
      'import',
      RETAIL,
      '--again',
      ...RETAIL_MAPPING.map((word) => (word === 'order_line' ? 'order_line_again' : word)),
    ];
    const again = { types: ['order_line_again'], measure: 'count' };
    for (const afterMs of [1_500, 3_000]) {
      await killAfter([...command, '--data-dir', dataDir, '--port', String(port)], afterMs);
    }
    const { code, stdout, stderr } = await aevum(...command);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /queryable {4}541,909/u);
    assert.equal(await total(again), 541_909);
    assert.equal(await exact({ ...again, measure: { kind: 'sum', of: 'value' } }), '9747747.934');
  });
});

type Row = Record<string, unknown>;

const ndjson = (name: string): Row[] => {
  const bytes = readFileSync(join(DATA, name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row);
};

const run = (args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...variables, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: IMPORT_TIMEOUT_MS,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

const killAfter = async (args: readonly string[], afterMs: number): Promise<void> => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, AEVUM_ADMIN_KEY: ADMIN_KEY, NO_COLOR: '1' },
    stdio: 'ignore',
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  await Promise.race([delay(afterMs), closed]);
  child.kill('SIGKILL');
  await closed;
};
