/** SQL of users on the whole platform: who may ask, what comes back in which form, and that nobody else waits for it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AuditAnswer } from '../../src/contract/audit.ts';
import type { CreatedKey } from '../../src/contract/keys.ts';
import type { CreatedProjectAnswer } from '../../src/contract/projects.ts';
import { type RunningQueryAnswer, runningQueriesSchema } from '../../src/contract/running.ts';
import { TABLE_MEDIA } from '../../src/contract/formats.ts';
import { type SqlAnswer, sqlAnswerSchema, sqlSchemaAnswerSchema } from '../../src/contract/sql.ts';
import { Client, codeOf, type Reply } from '../support/client.ts';
import { aevum } from '../support/command.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

let folder: string;
let platform: Platform;
let http: Client;
let otherKey: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-sql-'));
  platform = await Platform.start(join(folder, 'data'), await freePort());
  http = new Client(platform.url);
  await http.send(
    { id: 'a', type: 'page_view', user_id: 'ada', properties: { plan: 'pro' } },
    { id: 'b', type: 'purchase', user_id: 'ada', value: 12.5, currency: 'EUR' },
    { id: 'c', type: 'page_view', user_id: 'bob "the, builder"' },
  );
  const reply = await http.ask('/api/projects', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'other' }),
  });
  assert.equal(reply.status, 201, reply.text);
  const { write_key: write, admin_key: admin } = JSON.parse(reply.text) as CreatedProjectAnswer & {
    admin_key?: string;
  };
  otherKey = admin ?? (await keyOf('other', 'admin'));
  await new Client(platform.url, { write, admin: otherKey }).send({
    id: 'z',
    type: 'hidden',
    user_id: 'eve',
  });
  await http.settled();
  await new Client(platform.url, { admin: otherKey }).settled();
});

after(async () => {
  await platform?.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const keyOf = async (project: string, scope: string): Promise<string> => {
  const place = ['--data-dir', join(folder, 'data'), '--json'];
  const { code, stdout, stderr } = await aevum([
    'keys',
    'create',
    '--project',
    project,
    '--scope',
    scope,
    '--name',
    scope,
    ...place,
  ]);
  assert.equal(code, 0, stderr);
  const { key } = JSON.parse(stdout) as CreatedKey;
  // The platform looks every second for keys that a command made.
  await until(
    'the key is known',
    async () =>
      (await http.ask('/api/session', { key })).status !== 401 ||
      (await sql('SELECT 1', { key })).status !== 401,
  );
  return key;
};

const sql = (
  text: string,
  { key = ADMIN_KEY, ...more }: { key?: string; [field: string]: unknown } = {},
): Promise<Reply> =>
  http.ask('/api/sql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql: text, ...more }),
    key,
  });

const answered = async (text: string, more: Readonly<Record<string, unknown>> = {}): Promise<SqlAnswer> => {
  const reply = await sql(text, more);
  assert.equal(reply.status, 200, reply.text);
  return sqlAnswerSchema.parse(JSON.parse(reply.text));
};

test('an answer has names, types, rows, and says how fresh it is', async () => {
  const answer = await answered(
    'SELECT type, count() AS n, sum(value) AS v FROM events WHERE user_id = {u:String} GROUP BY type ORDER BY type',
    {
      parameters: { u: 'ada' },
    },
  );
  assert.deepEqual(
    answer.columns.map(({ name }) => name),
    ['type', 'n', 'v'],
  );
  assert.deepEqual(answer.rows, [
    ['page_view', 1, null],
    ['purchase', 1, '12.5'],
  ]);
  assert.equal(answer.truncated, false);
  assert.match(answer.as_of ?? '', /^\d+$/);
  assert.equal(answer.freshness.pending_events, 0);
});

test('each project sees its own', async () => {
  assert.deepEqual((await answered('SELECT DISTINCT type FROM events ORDER BY type')).rows, [
    ['page_view'],
    ['purchase'],
  ]);
  assert.deepEqual((await answered('SELECT type, user_id FROM events', { key: otherKey })).rows, [
    ['hidden', 'eve'],
  ]);
  assert.deepEqual(
    (await answered('SELECT sum(events), uniqMerge(users) FROM rollup_10s', { key: otherKey })).rows,
    [[1, 1]],
  );
});

test('scope sql asks, reading and writing keys do not', async () => {
  assert.equal((await sql('SELECT 1', { key: await keyOf('default', 'sql') })).status, 200);
  for (const key of [WRITE_KEY, await keyOf('default', 'read')]) {
    const reply = await sql('SELECT 1', { key });
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'missing_scope'], reply.text);
  }
  assert.equal((await sql('SELECT 1', { key: 'nobody' })).status, 401);
});

test('CSV and NDJSON, cut at the limit', async () => {
  const text = 'SELECT user_id, [1, 2] AS list, NULL AS nothing FROM events ORDER BY user_id, id';
  const csv = await sql(text, { format: 'csv' });
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
  assert.equal(csv.headers.get('x-aevum-truncated'), 'false');
  assert.equal(
    csv.text,
    'user_id,list,nothing\r\nada,"[1,2]",\r\nada,"[1,2]",\r\n"bob ""the, builder""","[1,2]",\r\n',
  );
  const lines = await sql(text, { format: 'ndjson', limit: 1 });
  assert.equal(lines.headers.get('x-aevum-truncated'), 'true');
  assert.equal(lines.text, '{"user_id":"ada","list":[1,2],"nothing":null}\n');
});

test('Parquet and Arrow, as files', async () => {
  for (const [format, mark] of [
    ['parquet', 'PAR1'],
    ['arrow', 'ARROW1'],
  ] as const) {
    const file = await sql('SELECT user_id, [1, 2] AS list FROM events', { format });
    assert.equal(file.status, 200, file.text);
    assert.equal(file.headers.get('content-type'), TABLE_MEDIA[format]);
    assert.equal(file.headers.get('content-disposition'), `attachment; filename="answer.${format}"`);
    assert.equal(file.headers.get('x-aevum-truncated'), 'false');
    assert.ok(file.text.startsWith(mark));
  }
});

test('whoever reads learns which names there are, and each of the columns can be asked for', async () => {
  const reply = await http.ask('/api/sql/schema', { key: await keyOf('default', 'read') });
  assert.equal(reply.status, 200, reply.text);
  const { tables, functions, combinators, limits } = sqlSchemaAnswerSchema.parse(JSON.parse(reply.text));
  for (const { name, columns } of tables)
    await answered(`SELECT ${columns.map((column) => column.name).join(', ')} FROM ${name} LIMIT 1`, {
      limit: 1,
    });
  assert.ok(functions.some(({ title, names }) => title === 'Aggregates' && names.includes('uniq')));
  assert.ok(combinators.includes('If'));
  assert.deepEqual(limits, { rows_max: 100_000, timeout_ms_max: 30_000 });
});

test('errors have the place; what is too slow ends', async () => {
  const wrong = await sql('SELECT usr_id FROM events');
  assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'invalid_sql']);
  const refused = await sql("SELECT * FROM file('/etc/passwd')");
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'sql_refused']);
  const slow = await sql('SELECT count() FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b', {
    timeout_ms: 300,
  });
  assert.deepEqual([slow.status, codeOf(slow)], [504, 'query_timeout'], slow.text);
});

test('whoever runs the platform sees what is asked, and ends it', async () => {
  const path = '/api/system/queries';
  const long =
    "SELECT sum(sipHash64(a.number, b.number)), 'ada' FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b";
  const asked = sql(long);
  const found = async (): Promise<RunningQueryAnswer | undefined> => {
    const { queries } = runningQueriesSchema.parse(JSON.parse((await http.ask(path)).text));
    return queries.find(
      ({ kind, rows_read: rows, statement }) =>
        kind === 'sql' && rows > 0 && statement?.startsWith('SELECT') === true,
    );
  };
  await until('it is seen to run', async () => (await found()) !== undefined);
  const { id = '', way, project, asker, statement } = (await found()) ?? {};
  assert.deepEqual([way, project, asker?.kind], ['request', 'default', 'key']);
  assert.match(statement ?? '', /^SELECT sum\(sipHash64\(/u);
  assert.ok(!statement?.includes('ada'));
  const refused = await http.ask(path, { key: otherKey });
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'wrong_project']);
  const kept = await http.ask(`${path}/${id}`, { method: 'DELETE', key: otherKey });
  assert.equal(kept.status, 403);
  const ended = await http.ask(`${path}/${id}`, { method: 'DELETE' });
  assert.deepEqual([ended.status, JSON.parse(ended.text)], [200, { id, state: 'ending' }]);
  const told = await asked;
  assert.deepEqual([told.status, codeOf(told)], [409, 'query_ended']);
  const again = await http.ask(`${path}/${id}`, { method: 'DELETE' });
  assert.deepEqual([again.status, codeOf(again)], [404, 'not_found']);
  const { entries } = JSON.parse((await http.ask('/api/audit?action=query.ended')).text) as AuditAnswer;
  assert.deepEqual(
    entries.map(({ object, detail }) => [object, detail['kind'], detail['asker']]),
    [[id, 'sql', asker?.id]],
  );
});

test('statements that take long hold up nobody else, and end with their asker', async () => {
  const long =
    'SELECT sum(sipHash64(a.number, b.number)) FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b';
  const abort = new AbortController();
  const asked = Array.from({ length: 4 }, () =>
    fetch(`${platform.url}/api/sql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sql: long }),
      signal: abort.signal,
    }).then(
      () => 'answered',
      () => 'left',
    ),
  );
  for (let round = 0; round < 5; round += 1) assert.equal(await http.count(), 3);
  abort.abort();
  assert.deepEqual(await Promise.all(asked), ['left', 'left', 'left', 'left']);
  // Both lanes are free again, long before the statements would have ended by themselves.
  assert.deepEqual((await answered('SELECT 1')).rows, [[1]]);
});

test('the command asks, and shows rows, CSV, and where a statement is wrong', async () => {
  const access = ['--url', platform.url, '--key', ADMIN_KEY];
  const text = 'SELECT type, count() AS n FROM events WHERE user_id = {u:String} GROUP BY type ORDER BY type';
  const table = await aevum(['sql', text, '--param', 'u=ada', ...access]);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^type {7}n\npage_view {2}1\npurchase {3}1\n2 rows \([\d.]+ ms\)\n$/);
  const csv = await aevum(['sql', '--csv', text, '--param', 'u=ada', ...access]);
  assert.equal(csv.stdout, 'type,n\r\npage_view,1\r\npurchase,1\r\n');
  const json = await aevum(['sql', '--json', 'SELECT 1 AS one', ...access]);
  assert.deepEqual((JSON.parse(json.stdout) as SqlAnswer).rows, [[1]]);
  const wrong = await aevum(['sql', 'SELECT usr_id FROM events', ...access]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /Did you mean user_id\?\n\nSELECT usr_id FROM events\n {7}\^{6}\n$/);
  for (const words of [
    [],
    [text, '--file', 'x'],
    [text, '--param', 'u'],
    [text, '--limit', 'many'],
    [text, '--csv', '--json'],
  ])
    assert.equal((await aevum(['sql', ...words, ...access])).code, 2, words.join(' '));
});

test('a restart changes nothing', async () => {
  assert.equal(await platform.stop(), 0, platform.output);
  platform = await Platform.start(join(folder, 'data'), await freePort());
  http = new Client(platform.url);
  assert.deepEqual((await answered('SELECT count() FROM events')).rows, [[3]]);
});
