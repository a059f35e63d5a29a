/** The audit log on the whole platform: what is changed and what is read is entered, beside a running server it is verified, and nothing is lost but counts of a minute. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { AuditAnswer } from '../../src/contract/audit.ts';
import type { CreatedKey } from '../../src/contract/keys.ts';
import { Client } from '../support/client.ts';
import { aevum, type Ended } from '../support/command.ts';
import { ADMIN_KEY, freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

let folder: string;
let dataDir: string;
let platform: Platform;
let http: Client;

const start = async (): Promise<void> => {
  platform = await Platform.start(dataDir, await freePort());
  http = new Client(platform.url);
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-audit-'));
  dataDir = join(folder, 'data');
  await start();
});

after(async () => {
  await platform?.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const JSON_HEADERS = { 'content-type': 'application/json' };

const change = async (method: string, path: string, body?: unknown): Promise<string> => {
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_HEADERS };
  const reply = await http.ask(path, { method, ...init });
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.text}`);
  return reply.text;
};

/** All entries, oldest first. */
const entries = async (query = ''): Promise<AuditAnswer['entries']> => {
  const answer = await http.get<AuditAnswer>(`/api/audit?all=true&limit=1000&${query}`);
  return answer.entries.toReversed();
};

/** Each once, however often it is entered: what is read again is counted until a minute of the server ends, and entered anew after that. */
const distinct = <T>(told: readonly T[]): T[] => [
  ...new Map(told.map((each) => [JSON.stringify(each), each])).values(),
];

const verify = (...flags: readonly string[]): Promise<Ended> =>
  aevum(['verify', '--data-dir', dataDir, ...flags]);

const intact = async (...flags: readonly string[]): Promise<number> => {
  const { code, stdout, stderr } = await verify('--json', ...flags);
  assert.equal(code, 0, stdout + stderr);
  return (JSON.parse(stdout) as { entries: number }).entries;
};

/** What the log may never hold. */
const forbidden = new Set<string>([ADMIN_KEY, 'somebody-secret', 'property-secret']);

test('every change is entered with who made it', async () => {
  const made = JSON.parse(
    await change('POST', '/api/keys', { scopes: ['read', 'sql'], name: 'report' }),
  ) as CreatedKey;
  const next = JSON.parse(await change('POST', `/api/keys/${made.info.id}/rotate`)) as CreatedKey;
  await change('DELETE', `/api/keys/${next.info.id}`);
  await change('POST', '/api/projects', { name: 'shop' });
  await change('DELETE', '/api/projects/shop');
  await change('PUT', '/api/properties/plan/promotion');
  await change('DELETE', '/api/properties/plan/promotion');
  const words = ['--scope', 'ingest', '--name', 'by hand', '--data-dir', dataDir, '--json'];
  const byHand = JSON.parse((await aevum(['keys', 'create', ...words])).stdout) as {
    id: string;
    key: string;
  };
  for (const key of [made.key, next.key, byHand.key]) forbidden.add(key);
  const event = { type: 'old', id: 'h1', timestamp: '2026-01-01T00:00:00Z' };
  await change('POST', '/api/events/batch?backfill=history-1', [event]);
  await change('POST', '/api/events/batch?backfill=history-1', [{ ...event, id: 'h2' }]);
  await until('the project is gone', async () => (await entries('action=project.emptied')).length === 1);
  const admin = (await entries('action=key.revoked'))[0]?.actor.id;
  const told = (await entries()).map(
    ({ actor, action, object }) =>
      `${actor.kind === 'key' ? (actor.id === admin ? 'admin' : '?') : actor.kind} ${action} ${object}`,
  );
  const expected = [
    `admin key.created ${made.info.id}`,
    `admin key.rotated ${made.info.id}`,
    `admin key.revoked ${next.info.id}`,
    'admin project.created shop',
    'admin project.removed shop',
    'system project.emptied shop',
    'admin property.promoted plan',
    'admin property.demoted plan',
    `cli key.created ${byHand.id}`,
  ];
  for (const entry of expected) assert.equal(told.filter((each) => each === entry).length, 1, entry);
  assert.ok(told.includes('admin import.declared history-1'), 'counted, as reads are');
});

test('every read of personal data is entered, by whatever way, and no other read', async () => {
  await http.send({
    type: 'seen',
    id: 'e1',
    user_id: 'somebody-secret',
    properties: { a: 'property-secret' },
  });
  await http.settled();
  const entered = async () => distinct((await entries()).map(({ action, object }) => `${action} ${object}`));
  const known = await entered();
  await http.count();
  await http.ledger();
  await http.health();
  assert.deepEqual(await entered(), known, 'sums are nobody');
  await http.events();
  await http.events({ user_id: 'somebody-secret' });
  await http.trace('e1');
  await http.get('/api/quarantine');
  const stream = await fetch(`${platform.url}/api/events/stream`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  await stream.body?.cancel();
  const { ticket } = JSON.parse(await change('POST', '/api/live/ticket')) as { ticket: string };
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/ws/events?ticket=${ticket}`);
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', reject, { once: true });
    });
    socket.send(JSON.stringify({ op: 'subscribe', kind: 'events', id: 's' }));
    await until('following is entered', async () =>
      (await entries('action=personal.read')).some(({ object }) => object === 'followEvents'),
    );
  } finally {
    socket.close();
  }
  const reads = await entries('action=personal.read');
  assert.deepEqual(
    distinct(reads.map(({ object, project, actor }) => `${actor.kind} ${project} ${object}`)),
    ['listEvents', 'traceEvent', 'quarantine', 'streamEvents', 'followEvents'].map(
      (operation) => `key default ${operation}`,
    ),
  );
});

test('who is refused to sign in is entered, and counted from then on', async () => {
  const body = JSON.stringify({ key: 'key-that-is-secret-too' });
  forbidden.add('key-that-is-secret-too');
  for (let times = 0; times < 3; times++) {
    const headers = { ...JSON_HEADERS, origin: platform.url };
    const init = { method: 'POST', body, headers, signal: AbortSignal.timeout(120_000) };
    assert.equal((await fetch(`${platform.url}/api/session`, init)).status, 401);
  }
  await fetch(`${platform.url}/login?token=none`, { signal: AbortSignal.timeout(120_000) });
  const refused = await entries('action=session.refused');
  assert.deepEqual(
    distinct(
      refused.map(({ actor, object, outcome, detail }) => [actor.id, object, outcome, detail['from']]),
    ),
    [
      ['unknown', 'key', 'refused', '127.0.0.1'],
      ['unknown', 'link', 'refused', '127.0.0.1'],
    ],
  );
});

test('it is intact, beside the server and without it, and holds no secrets', async () => {
  const earlier = (await entries()).length;
  const entered = await intact();
  // Counts are entered meanwhile if a minute of the server ends.
  assert.ok(entered >= earlier && entered <= (await entries()).length);
  const { stdout: head } = await verify('--head');
  assert.match(head, /^\d+:[0-9a-f]{64}\n$/);
  assert.equal(await platform.stop(), 0);
  assert.ok((await intact('--expect', head.trim())) >= entered);
  // A clean end enters what was counted: no read is missing.
  const database = new DatabaseSync(join(dataDir, 'catalog.sqlite'));
  try {
    const counted = database.prepare(
      "SELECT sum(coalesce(json_extract(detail, '$.more'), 1)) AS times FROM audit WHERE action = ? AND object = ?",
    );
    assert.equal(counted.get('personal.read', 'listEvents')?.['times'], 2);
    assert.equal(counted.get('session.refused', 'key')?.['times'], 3);
    const text = JSON.stringify(database.prepare('SELECT * FROM audit').all());
    for (const secret of forbidden) assert.ok(!text.includes(secret), 'a secret stands in the log');
  } finally {
    database.close();
  }
  await start();
  await intact('--expect', head.trim());
});

test('a kill loses no entry', async () => {
  const known = await intact();
  const keys = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const text = await change('POST', '/api/keys', { kind: 'read', name: `key ${at}` });
      return (JSON.parse(text) as CreatedKey).info.id;
    }),
  );
  await http.events();
  await platform.kill('group');
  assert.equal(await intact(), known + 20 + 1);
  await start();
  const made = (await entries('action=key.created')).map(({ object }) => object);
  for (const id of keys) assert.ok(made.includes(id));
  await intact();
});

test('what somebody changed in the file is found, and named', async () => {
  await platform.stop();
  const database = new DatabaseSync(join(dataDir, 'catalog.sqlite'));
  database.exec("UPDATE audit SET actor_name = 'Mallory' WHERE sequence = 3");
  database.close();
  const { code, stdout } = await verify();
  assert.equal(code, 1);
  assert.match(stdout, /^Not intact\. Entry 3 was changed\.\nThe 2 entries before fit\./);
  const { code: told, stdout: json } = await verify('--json');
  assert.deepEqual(
    [told, (JSON.parse(json) as { fault: { kind: string; sequence: number } }).fault.kind],
    [1, 'changed'],
  );
});
