import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { openTestEngine, type TestEngine } from '../testing/engine.ts';

/** The protocol, against the real engine and by the client that the product uses. */

/** Longer than a machine under load stands still. */
const PATIENCE_MS = 300_000;

let running: TestEngine;
let client: ClickHouseClient;

const connect = (password: string, options: object = {}): ClickHouseClient =>
  createClient({
    url: running.engine.url,
    username: 'default',
    password,
    log: { level: ClickHouseLogLevel.OFF },
    // Which limit ends a statement is the engine's to say, however slow the machine.
    request_timeout: PATIENCE_MS,
    ...options,
  });

before(async () => {
  running = await openTestEngine();
  client = connect(running.engine.password);
});

after(async () => {
  await client.close();
  await running[Symbol.asyncDispose]();
});

const rowsOf = async <Row>(
  query: string,
  query_params?: Record<string, unknown>,
  clickhouse_settings = {},
): Promise<Row[]> =>
  (
    await client.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings,
      ...(query_params && { query_params }),
    })
  ).json<Row>();

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

const post = (body: string, search = '', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${running.engine.url}/?${search}`, {
    method: 'POST',
    body,
    headers: { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': running.engine.password, ...headers },
  });

test('ping needs no secret, everything else does', async () => {
  assert.equal(await (await fetch(`${running.engine.url}/ping`)).text(), 'Ok.\n');
  assert.equal((await client.ping({ select: true })).success, true);
  for (const password of ['', 'wrong', `${running.engine.password}x`]) {
    const stranger = connect(password);
    assert.equal(await codeOf(stranger.query({ query: 'SELECT 1' })), '516');
    await stranger.close();
  }
  const other = connect(running.engine.password, { username: 'admin' });
  assert.equal(await codeOf(other.query({ query: 'SELECT 1' })), '516');
  await other.close();
  assert.equal((await fetch(running.engine.url, { method: 'POST', body: 'SELECT 1' })).status, 403);
});

test('parameters of every kind arrive as they were', async () => {
  const nasty = 'a\'b\\c"d`e\n\t\r{x:String}--/*;\0 ü 日本 \u{1f600} ’‘';
  const [values] = await rowsOf<Record<string, unknown>>(
    "SELECT {s:String} AS s, {e:String} AS e, {i:Int64} AS i, {u:UInt64} AS u, {f:Float64} AS f, {b:Bool} AS b, {n:Nullable(String)} AS n, {d:Date} AS d, {t:DateTime64(3, 'UTC')} AS t, {a:Array(String)} AS a, {g:Array(Int64)} AS g, {c:Decimal(38, 6)} AS c, {uuid:UUID} AS uuid, {l:LowCardinality(String)} AS l, {x:Identifier} AS x FROM (SELECT 7 AS `odd name`) LIMIT {k:UInt64}",
    {
      s: nasty,
      e: '',
      i: -5,
      u: '18446744073709551615',
      f: 1.5e-7,
      b: true,
      n: null,
      d: '2026-11-20',
      t: new Date(Date.UTC(2026, 10, 20, 1, 2, 3, 45)),
      a: [nasty, '', '\\N'],
      g: [1, -2],
      c: '12345678901234567890.123456',
      uuid: '00000000-0000-7000-8000-000000000001',
      l: nasty,
      x: 'odd name',
      k: 1,
    },
    { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
  );
  assert.deepEqual(values, {
    s: nasty,
    e: '',
    i: '-5',
    u: '18446744073709551615',
    f: 1.5e-7,
    b: true,
    n: null,
    d: '2026-11-20',
    t: '2026-11-20 01:02:03.045',
    a: [nasty, '', '\\N'],
    g: ['1', '-2'],
    c: '12345678901234567890.123456',
    uuid: '00000000-0000-7000-8000-000000000001',
    l: nasty,
    x: 7,
  });
});

test('a level of a quantile may be a parameter', async () => {
  assert.deepEqual(
    await rowsOf('SELECT quantileExact({p:Float64})(number) AS q FROM numbers(11)', { p: 0.5 }),
    [{ q: 5 }],
  );
});

test('errors carry their number and the next statement is clean', async () => {
  const failing: [string, string][] = [
    ['SELEC 1', '62'],
    ['SELECT nope', '47'],
    ['SELECT * FROM nope', '60'],
    ['SELECT throwIf(number = 3) FROM numbers(10)', '395'],
    ['SELECT {missing:String}', '456'],
    ['SELECT 1; SELECT 2', '62'],
    ["SELECT * FROM file('/etc/passwd', 'LineAsString')", '497'],
    ["SELECT * FROM (SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString'))", '497'],
    ["SELECT * FROM remote('127.0.0.1', system.one)", '497'],
    ["INSERT INTO FUNCTION file('/tmp/x', 'TSV', 'a UInt8') SELECT 1", '497'],
    ['CREATE TABLE nope.t (a UInt8) ENGINE = Memory', '81'],
  ];
  for (let round = 0; round < 5; round += 1) {
    for (const [query, code] of failing) {
      assert.equal(
        await codeOf(client.query({ query, format: 'JSONEachRow' }).then((answer) => answer.text())),
        code,
        query,
      );
      assert.deepEqual(await rowsOf('SELECT {n:UInt8} AS n', { n: round }), [{ n: round }]);
    }
  }
  const raw = await post('SELECT throwIf(1)', 'query_id=q1');
  assert.equal(raw.status, 500);
  assert.equal(raw.headers.get('x-clickhouse-exception-code'), '395');
  assert.equal(raw.headers.get('x-clickhouse-query-id'), 'q1');
});

test('readers cannot change anything', async () => {
  const lane = { 'X-Aevum-Lane': 'read' };
  for (const sql of [
    'CREATE TABLE default.w (a UInt8) ENGINE = Memory',
    'SYSTEM DROP MARK CACHE',
    "INSERT INTO system.one SELECT '1'",
  ]) {
    const answer = await post(sql, '', lane);
    assert.equal(answer.headers.get('x-clickhouse-exception-code'), '164', sql);
    await answer.text();
  }
  assert.equal(
    (await post('SELECT 1 SETTINGS readonly = 0')).headers.get('x-clickhouse-exception-code'),
    '164',
  );
  assert.equal(
    (await post('SELECT 1 SETTINGS max_threads = 1', 'readonly=1')).headers.get(
      'x-clickhouse-exception-code',
    ),
    '164',
  );
  assert.equal(await (await post('SELECT 1 SETTINGS max_threads = 1')).text(), '1\n');
});

test('settings last for one statement', async () => {
  const sql = "SELECT getSetting('max_result_rows') AS a, getSetting('log_comment') != '' AS b";
  assert.deepEqual(await rowsOf(sql, undefined, { max_result_rows: '77' }), [{ a: 77, b: 1 }]);
  assert.deepEqual(await rowsOf(sql), [{ a: 0, b: 1 }]);
  assert.equal(
    await codeOf(
      client.query({ query: 'SELECT 1', clickhouse_settings: JSON.parse('{"no_such_setting":1}') }),
    ),
    '115',
  );
  assert.equal((await post('SELECT 1', 'a%20b=1')).status, 404);
  assert.deepEqual(await rowsOf(sql), [{ a: 0, b: 1 }]);
});

test('compression both ways', async () => {
  const zipped = connect(running.engine.password, { compression: { request: true, response: true } });
  await client.command({
    query: 'CREATE TABLE IF NOT EXISTS zipped (a UInt64, b String) ENGINE = MergeTree ORDER BY a',
  });
  const values = Array.from({ length: 5_000 }, (_unused, a) => ({ a, b: `ü${a}` }));
  await zipped.insert({ table: 'zipped', values, format: 'JSONEachRow' });
  const answer = await zipped.query({ query: 'SELECT * FROM zipped ORDER BY a', format: 'JSONEachRow' });
  assert.deepEqual(await answer.json(), values);
  await zipped.close();
  const raw = await fetch(`${running.engine.url}/?query=SELECT%201&enable_http_compression=1`, {
    headers: { 'X-ClickHouse-Key': running.engine.password, 'Accept-Encoding': 'gzip' },
  });
  assert.equal(raw.headers.get('content-encoding'), 'gzip');
  assert.equal(await raw.text(), '1\n');
  const broken = await fetch(
    `${running.engine.url}/?query=${encodeURIComponent('INSERT INTO zipped FORMAT Native')}`,
    {
      method: 'POST',
      body: gzipSync('x'.repeat(1_000)).subarray(0, 20),
      headers: { 'X-ClickHouse-Key': running.engine.password, 'Content-Encoding': 'gzip' },
    },
  );
  assert.ok(broken.status >= 400);
  assert.equal(gunzipSync(gzipSync('x')).toString(), 'x');
});

test('a body in chunks, and nothing left of it', async () => {
  await client.command({
    query: 'CREATE TABLE IF NOT EXISTS chunked (a UInt64) ENGINE = MergeTree ORDER BY a',
  });
  const lines = Readable.from(
    Array.from({ length: 1_000 }, (_unused, a) => `{"a":${a}}\n`),
    { objectMode: false },
  );
  await client
    .exec({ query: 'INSERT INTO chunked FORMAT JSONEachRow', values: lines })
    .then(({ stream }) => stream.resume());
  assert.deepEqual(await rowsOf('SELECT count() AS n, sum(a) AS s FROM chunked'), [{ n: 1_000, s: 499_500 }]);
  const bad = Readable.from(['{"a":1}\n{"a":"x"}\n'], { objectMode: false });
  assert.notEqual(
    await codeOf(client.exec({ query: 'INSERT INTO chunked FORMAT JSONEachRow', values: bad })),
    undefined,
  );
  assert.deepEqual(await readdir(join(running.dataDir, 'tmp')), []);
});

test('a statement that is too long is said to be, and one that breaks off is forgotten', async () => {
  const long = await post(`SELECT 1 /* ${'x'.repeat(17 * 1024 * 1024)} */`);
  assert.ok(long.status >= 400);
  assert.match(await long.text(), /longer than 16777216 bytes/);
  const { hostname, port } = new URL(running.engine.url);
  const secret = `X-ClickHouse-User: default\r\nX-ClickHouse-Key: ${running.engine.password}\r\n`;
  const broken = connectSocket(Number(port), hostname);
  broken.write(`POST / HTTP/1.1\r\nHost: x\r\n${secret}Content-Length: 100\r\n\r\nSELECT`);
  broken.end();
  broken.resume();
  await once(broken, 'close');
  assert.deepEqual(await rowsOf('SELECT 1 AS one'), [{ one: 1 }]);
});

test('whole documents: JSON, CSVWithNames, Parquet', async () => {
  const json = await (
    await client.query({ query: 'SELECT number AS a FROM numbers(200000)', format: 'JSON' })
  ).json<{ a: number }>();
  assert.equal(json.data.length, 200_000);
  const csv = await (
    await client.query({ query: 'SELECT number AS a FROM numbers(200000)', format: 'CSVWithNames' })
  ).text();
  assert.equal(csv.split('\n').filter((line) => line === '"a"').length, 1);
  const parquet = Buffer.from(
    await (await post('SELECT number FROM numbers(200000) FORMAT Parquet')).arrayBuffer(),
  );
  assert.equal(parquet.subarray(0, 4).toString(), 'PAR1');
  assert.equal(parquet.indexOf('PAR1', 4), parquet.length - 4);
});

test('answers that are held whole are bounded', async () => {
  const query = "SELECT repeat('x', 1000 + number % 2) AS a FROM numbers(90000)";
  assert.equal(await codeOf(client.query({ query, format: 'JSON' })), '396');
  let rows = 0;
  const stream = (await client.query({ query, format: 'JSONEachRow' })).stream();
  for await (const batch of stream) rows += batch.length;
  assert.equal(rows, 90_000);
});

test('an error in the middle of a stream is not taken for its end', async () => {
  const query = 'SELECT throwIf(number = 900000) AS t, number FROM numbers(2000000)';
  const answer = await client.query({
    query,
    format: 'JSONEachRow',
    clickhouse_settings: { max_block_size: '10000' },
  });
  await assert.rejects(async () => {
    for await (const _batch of answer.stream()) continue;
  });
  assert.deepEqual(await rowsOf('SELECT 1 AS a'), [{ a: 1 }]);
});

/** Takes hours. */
const SLOW = 'SELECT sum(sipHash64(number)) AS s FROM numbers(100000000000000)';

const untilSlowStatementsAre = async (wanted: number): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const [row] = await rowsOf<{ n: number }>(
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'",
    );
    if (row?.n === wanted) return;
    assert.ok(performance.now() < deadline, `${row?.n} slow statements go on, not ${wanted}`);
    await sleep(10);
  }
};

test('whoever hangs up ends the statement, streamed or not', async () => {
  for (const format of ['JSON', 'JSONEachRow'] as const) {
    const abort = new AbortController();
    const asked = client.query({
      query: SLOW,
      format,
      abort_signal: abort.signal,
      clickhouse_settings: { max_execution_time: (2 * PATIENCE_MS) / 1_000 },
    });
    await untilSlowStatementsAre(1);
    abort.abort();
    await assert.rejects(asked);
    await untilSlowStatementsAre(0);
    assert.deepEqual(await rowsOf('SELECT 2 AS a'), [{ a: 2 }]);
  }
});

test('nothing is killed of whom nobody hung up on: the next statement of the lane would be hit', async () => {
  const selects = async (): Promise<number> => {
    const sql = "SELECT value AS n FROM system.events WHERE event = 'SelectQuery'";
    const answer = await client.query({ query: sql, format: 'JSON' });
    return (await answer.json<{ n: string }>()).data.map(({ n }) => Number(n))[0] ?? 0;
  };
  const selectsBefore = await selects();
  for (let n = 0; n < 20; n += 1) assert.deepEqual(await rowsOf('SELECT 1 AS a'), [{ a: 1 }]);
  // A KILL looks for the statement by a SELECT of its own.
  assert.equal((await selects()) - selectsBefore, 21);
});

test('after somebody hung up, nobody else is killed', async () => {
  const ask = async (format: 'JSON' | 'JSONEachRow'): Promise<void> => {
    for (let round = 0; round < 12; round += 1) {
      const abort = new AbortController();
      const given = client.query({
        query: 'SELECT sleepEachRow(0.005) AS s FROM numbers(20)',
        format,
        abort_signal: abort.signal,
        clickhouse_settings: { max_block_size: '1' },
      });
      setTimeout(() => abort.abort(), round * 8);
      await given.then((answer) => answer.text()).catch(() => undefined);
      const answer = await client.query({
        query: 'SELECT {n:UInt8} AS n',
        format,
        query_params: { n: round },
      });
      assert.match(await answer.text(), new RegExp(`"n": ?${round}\\b`));
    }
  };
  await Promise.all([ask('JSON'), ask('JSONEachRow'), ask('JSON'), ask('JSONEachRow')]);
});

test('there is always a time limit', async () => {
  assert.deepEqual(
    await rowsOf("SELECT toFloat64(getSetting('max_execution_time')) > 0 AS ok", undefined, {
      max_execution_time: 0,
    }),
    [{ ok: 1 }],
  );
  await assert.rejects(
    client.query({ query: SLOW, format: 'JSON', clickhouse_settings: { max_execution_time: 1 } }),
    { code: '159', message: /maximum: 1000 ms/ },
  );
});

test('over the memory limit: error 241, and the engine lives', async () => {
  const { pid } = running.engine;
  const query = 'SELECT length(groupArray(randomPrintableASCII(1000))) AS n FROM numbers(3000000)';
  assert.equal(await codeOf(client.query({ query, format: 'JSON' })), '241');
  const tooMuch = { max_memory_usage: '0', max_bytes_before_external_group_by: '0' };
  assert.equal(await codeOf(client.query({ query, format: 'JSON', clickhouse_settings: tooMuch })), '241');
  assert.deepEqual(await rowsOf('SELECT 3 AS a'), [{ a: 3 }]);
  assert.equal(running.engine.pid, pid);
});

test('no answer goes to the wrong question', async () => {
  const mixed = Array.from({ length: 120 }, async (_unused, index) => {
    if (index % 3 === 0) {
      const settings = { max_execution_time: 0.05 };
      await codeOf(
        client.query({
          query: `SELECT number, sleepEachRow(0.01) FROM numbers(20)`,
          format: 'JSON',
          clickhouse_settings: settings,
        }),
      );
      return;
    }
    assert.deepEqual(
      await rowsOf('SELECT {i:UInt32} AS i, count() AS n FROM numbers({i:UInt32})', { i: index }),
      [{ i: index, n: index }],
    );
  });
  await Promise.all(mixed);
});
