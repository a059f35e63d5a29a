/** The demo on the whole platform: its numbers are those that were generated, whatever is killed, and nobody else's change. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { readSetting } from '../../src/catalog/settings.ts';
import { dataLayout } from '../../src/config/data-layout.ts';
import type { DemoAnswer } from '../../src/contract/demo.ts';
import type { CreatedKey, KeysAnswer } from '../../src/contract/keys.ts';
import type { ProjectsAnswer } from '../../src/contract/projects.ts';
import { type DemoPlan, historyOf } from '../../src/demo/plan.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { createSimulation } from '../../src/simulate/simulation.ts';
import { type EngineHandle, startEngine } from '../../src/warehouse/engine/supervise.ts';
import { assertBalanced, Client, codeOf, type Reply } from '../support/client.ts';
import { aevum } from '../support/command.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { childrenOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Live events are at most six hours old when they are sent: before this, all is history. */
const LIVE_REACH_MS = 8 * HOUR_MS;

let folder: string;
let dataDir: string;
let platform: Platform;
let operator: Client;

const startPlatform = async (...args: string[]): Promise<void> => {
  platform = await Platform.start(dataDir, await freePort(), args);
  operator = new Client(platform.url);
};

const fresh = async (...args: string[]): Promise<void> => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-demo-'));
  dataDir = join(folder, 'data');
  await startPlatform(...args);
};

const away = async (): Promise<void> => {
  await platform?.kill('group');
  await rm(folder, { recursive: true, force: true });
};

const JSON_HEADERS = { 'content-type': 'application/json' };

const status = (): Promise<DemoAnswer> => operator.get<DemoAnswer>('/api/demo');

const startDemo = (wanted?: unknown, key = ADMIN_KEY): Promise<Reply> =>
  operator.ask('/api/demo', {
    method: 'POST',
    key,
    ...(wanted === undefined ? {} : { headers: JSON_HEADERS, body: JSON.stringify(wanted) }),
  });

const clear = (): Promise<Reply> => operator.ask('/api/demo', { method: 'DELETE', key: ADMIN_KEY });

const started = async (wanted: unknown): Promise<DemoAnswer> => {
  const reply = await startDemo(wanted);
  assert.equal(reply.status, 202, reply.text);
  return JSON.parse(reply.text) as DemoAnswer;
};

const isLive = (): Promise<DemoAnswer> =>
  until('the demo is live', async () => {
    const demo = await status();
    return demo.state === 'live' && demo.message === null && demo;
  });

/** Who reads and administers the demo's project. */
const demoClient = async (): Promise<Client> => {
  const words = ['--project', 'demo', '--scope', 'admin', '--name', 'test', '--data-dir', dataDir, '--json'];
  const { code, stdout, stderr } = await aevum(['keys', 'create', ...words]);
  assert.equal(code, 0, stderr);
  const { key } = JSON.parse(stdout) as CreatedKey;
  const client = new Client(platform.url, { admin: key });
  await until('the key is known', async () => (await client.ask('/api/demo')).status === 200);
  return client;
};

/** The plan as it stands in the catalogue. */
const planOf = async (): Promise<DemoPlan> => {
  const catalog = await openCatalog(dataLayout(dataDir).catalog);
  try {
    const setting = await readSetting<{ plan: DemoPlan }>(catalog, 'demo');
    assert.ok(setting !== undefined);
    return setting.value.plan;
  } finally {
    await catalog.close();
  }
};

const senderPid = (): number | undefined =>
  childrenOf(platform.pid).find(({ command }) => command.includes('src/demo/role'))?.pid;

const killSender = async (): Promise<void> => {
  const pid = await until('the process of the demo runs', senderPid);
  process.kill(pid, 'SIGKILL');
  await until('another one runs', () => {
    const next = senderPid();
    return next !== undefined && next !== pid;
  });
};

/** Events of history by type, up to a time that live events do not reach: as they were generated. */
interface Generated {
  readonly untilMs: number;
  readonly total: number;
  readonly upTo: Readonly<Record<string, number>>;
}

const generate = (plan: DemoPlan): Generated => {
  const simulation = createSimulation(historyOf(plan));
  const untilMs = Math.floor((plan.startedMs - LIVE_REACH_MS) / HOUR_MS) * HOUR_MS;
  const upTo: Record<string, number> = {};
  let total = 0;
  for (let event = simulation.next(); event.atMs < plan.startedMs; event = simulation.next()) {
    const { type, timestamp } = JSON.parse(event.json) as { type: string; timestamp: string };
    total += 1;
    if (Date.parse(timestamp) < untilMs) upTo[type] = (upTo[type] ?? 0) + 1;
  }
  return { untilMs, total, upTo };
};

/** What was generated for the plans so far: a plan always comes out the same. */
const generatedSoFar = new Map<string, Generated>();

const generated = (plan: DemoPlan): Generated => {
  const key = JSON.stringify(plan);
  const known = generatedSoFar.get(key) ?? generate(plan);
  generatedSoFar.set(key, known);
  return known;
};

/** The history in the warehouse is what was generated, event types and all; and the books agree. */
const checkHistory = async (client: Client): Promise<void> => {
  const { backfilled, of } = await isLive();
  const plan = await planOf();
  const { untilMs, total, upTo } = generated(plan);
  assert.deepEqual([backfilled, of], [total, total]);
  assert.ok(total >= plan.events, `${total} events of history, ${plan.events} wanted`);
  const found = async (): Promise<Record<string, number>> => {
    const from = new Date(plan.startedMs - (plan.days + 2) * DAY_MS).toISOString();
    const range = { from, to: new Date(untilMs).toISOString() };
    const { series } = await client.trend({ measure: 'count', range, by: ['type'], top: 50 });
    return Object.fromEntries(series.map(({ group, total: count }) => [String(group?.['type']), count ?? 0]));
  };
  await until('all of it is queryable', async () => {
    const counts = await found();
    const sum = Object.values(counts).reduce((a, b) => a + b, 0);
    return sum >= Object.values(upTo).reduce((a, b) => a + b, 0);
  });
  assert.deepEqual(await found(), upTo);
  assertBalanced(await client.ledger());
};

const received = async (client: Client): Promise<number> => (await client.ledger()).total.received;

const goesOn = async (client: Client): Promise<void> => {
  const earlier = await received(client);
  await until('more live events have come', async () => (await received(client)) > earlier + 20);
};

describe('a demo, begun by the API', { timeout: 300_000 }, () => {
  let demo: Client;
  before(() => fresh());
  after(away);

  test('there is none before somebody starts it', async () => {
    const { state, project, backfilled, message } = await status();
    assert.deepEqual([state, project, backfilled, message], ['absent', 'demo', 0, null]);
  });

  test('only who administers all projects starts it, with numbers within bounds', async () => {
    assert.equal((await startDemo({}, WRITE_KEY)).status, 403);
    for (const wanted of [{ days: 0 }, { events: 10 }, { rate: 5_000 }, { rate: 1.5 }, { dayz: 3 }, []]) {
      const reply = await startDemo(wanted);
      assert.deepEqual([reply.status, codeOf(reply)], [400, 'invalid_request'], JSON.stringify(wanted));
    }
    assert.equal((await status()).state, 'absent');
  });

  test('goes on without a gap and without doubling when its process is killed while history comes in', async () => {
    await operator.send({ id: 'mine', type: 'order' });
    const first = await started({ days: 10, events: 200_000, rate: 50 });
    assert.deepEqual([first.days, first.rate, first.of], [10, 50, 200_000]);
    const again = await started({ days: 3 });
    assert.deepEqual([again.days, again.rate], [10, 50], 'a second start changed it');
    demo = await demoClient();
    await until('some history is in', async () => {
      const { state, backfilled } = await status();
      assert.notEqual(state, 'live', 'all of history was in before anything could be killed');
      return state === 'backfilling' && backfilled > 20_000;
    });
    await killSender();
    await checkHistory(demo);
  });

  test('only its own project has its events', async () => {
    const ledger = await operator.settled();
    assertBalanced(ledger);
    assert.equal(ledger.total.received, 1);
    assert.equal(await operator.count(), 1);
    const reply = await startDemo({}, await keyOfDemo());
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'wrong_project']);
  });

  test('live events flow, and go on when its process is killed', async () => {
    await goesOn(demo);
    await killSender();
    await goesOn(demo);
    await checkHistory(demo);
    assert.equal((await status()).message, null);
  });

  test('goes on after a restart', async () => {
    const { stdout } = await aevum(['demo', 'status', '--port', String(platform.port), '--key', ADMIN_KEY]);
    assert.match(stdout, /^The demo is live at 50 events\/s/);
    assert.equal(await platform.stop(), 0);
    await startPlatform();
    demo = await demoClient();
    await checkHistory(demo);
    await goesOn(demo);
    await checkHistory(demo);
  });

  test('its keys are not handed out, and none is left over', async () => {
    const { keys } = await demo.get<KeysAnswer>('/api/keys');
    assert.equal(keys.filter(({ name }) => name === 'key of the demo').length, 1);
    assert.doesNotMatch(platform.output, /aev_a_/);
  });

  test('says so when it is refused, rests, and is taken up again when it is started again', async () => {
    await revokeKeyOfSender(demo);
    const { message } = await until('it has failed', async () => {
      const answer = await status();
      return answer.state === 'failed' && answer;
    });
    assert.match(message ?? '', /refuses the key.*start the demo again/);
    await until('its process is gone', () => senderPid() === undefined);
    const { state } = await started({});
    assert.notEqual(state, 'failed');
    await checkHistory(demo);
    await goesOn(demo);
  });

  test('goes wholly when it is removed, by a word on the command line, and another one can be started at once', async () => {
    await operator.send({ id: 'kept', type: 'kept' });
    const books = await operator.settled();
    const words = ['--port', String(platform.port), '--key', ADMIN_KEY];
    const { code, stdout, stderr } = await aevum(['demo', '--clear', ...words]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^(The demo is being removed|There is no demo)/);
    await until('its process is gone', () => senderPid() === undefined);
    assert.equal((await demo.ask('/api/demo')).status, 401);
    const second = await started({ events: 2_000, days: 2, rate: 50 });
    assert.ok(second.of < 3_000, JSON.stringify(second));
    demo = await demoClient();
    await checkHistory(demo);
    assert.equal((await clear()).status, 202);
    await until('there is none', async () => (await status()).state === 'absent');
    const { projects } = await operator.get<ProjectsAnswer>('/api/projects');
    assert.deepEqual(
      projects.map(({ name }) => name),
      ['default'],
    );
    assert.equal((await clear()).text.includes('"absent"'), true, 'removed twice is removed once');
    const afterwards = await operator.settled();
    assertBalanced(afterwards);
    assert.deepEqual(afterwards.total, books.total);
  });

  test('a removal that kill -9 interrupts goes on at the next start', async () => {
    await started({ events: 20_000, days: 3, rate: 50 });
    await isLive();
    assert.equal((await clear()).status, 202);
    await platform.kill('group');
    await startPlatform();
    await until('there is none', async () => (await status()).state === 'absent');
    assert.equal(senderPid(), undefined);
    const { projects } = await operator.get<ProjectsAnswer>('/api/projects');
    assert.deepEqual(
      projects.map(({ name }) => name),
      ['default'],
    );
  });
});

/** Takes the key away with which the demo sends. */
const revokeKeyOfSender = async (client: Client): Promise<void> => {
  const { keys } = await client.get<KeysAnswer>('/api/keys');
  const key = keys.find(({ name, revoked_at }) => name === 'key of the demo' && revoked_at === null);
  assert.ok(key !== undefined);
  assert.equal((await client.ask(`/api/keys/${key.id}`, { method: 'DELETE' })).status, 200);
};

/** An admin key of the demo's project, which administers no other. */
const keyOfDemo = async (): Promise<string> => {
  const words = [
    '--project',
    'demo',
    '--scope',
    'admin',
    '--name',
    'confined',
    '--data-dir',
    dataDir,
    '--json',
  ];
  const { stdout } = await aevum(['keys', 'create', ...words]);
  const { key } = JSON.parse(stdout) as CreatedKey;
  await until('the key is known', async () => (await operator.ask('/api/demo', { key })).status === 200);
  return key;
};

describe('a demo, begun with the server', { timeout: 300_000 }, () => {
  before(() => fresh('--demo'));
  after(away);

  test('is what it is without a word, and the link leads to it', async () => {
    const [link = ''] =
      (await until(
        'the link is printed',
        () => /http\S+login\?token=\S+/.exec(platform.output) ?? undefined,
      )) ?? [];
    const opened = await fetch(link, { redirect: 'manual' });
    assert.deepEqual([opened.status, opened.headers.get('location')], [303, '/?project=demo']);
    const { state, of, days, rate } = await status();
    assert.notEqual(state, 'absent');
    assert.deepEqual([of, days, rate], [2_000_000, 30, 20]);
    const demo = await demoClient();
    await until('events can be asked for', async () => (await demo.count({ range: 'last 1 hour' })) > 0);
  });
});

describe('a demo, killed with the whole platform while history comes in', { timeout: 300_000 }, () => {
  before(() => fresh());
  after(away);

  test('goes on by itself, without a gap and without doubling', async () => {
    await started({ days: 10, events: 200_000, rate: 50 });
    await until('some history is in', async () => (await status()).backfilled > 20_000);
    await platform.kill('group');
    await startPlatform();
    assert.notEqual((await status()).state, 'absent');
    await checkHistory(await demoClient());
  });
});

describe('a demo on a ClickHouse that the platform did not start', { timeout: 300_000 }, () => {
  let engine: EngineHandle;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aevum-demo-'));
    dataDir = join(folder, 'data');
    const clickhouse = { dataDir: join(folder, 'clickhouse'), memoryBytesMax: 512 * 1024 ** 2 };
    engine = await startEngine({ ...clickhouse, secret: 'of-somebody-else', telemetry: quietTelemetry() });
    await startPlatform('--warehouse', engine.url.replace('//', `//${engine.username}:of-somebody-else@`));
  });
  after(async () => {
    await platform?.kill('group');
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('is the same', async () => {
    const words = ['start', '--days', '3', '--events', '20000', '--port', String(platform.port), '--json'];
    const { code, stdout, stderr } = await aevum(['demo', ...words, '--data-dir', dataDir]);
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as DemoAnswer).days, 3);
    await checkHistory(await demoClient());
  });
});

test('mistakes on the command line say what to do', async () => {
  const port = String(await freePort());
  const tries: readonly (readonly [readonly string[], RegExp])[] = [
    [['start', '--days', '0'], /--days must be a whole number from 1 to 90, not "0"/],
    [['start', '--events', 'many'], /--events must be a whole number/],
    [['begin'], /Allowed choices are start, status, clear/],
    [[], /say what to do: aevum demo start\|status\|clear/],
    [['start', '--clear'], /--clear removes the demo, "start" does not/],
    [['status', '--port', '123456'], /must be from 0 to 65535/],
    [['status', '--url', 'localhost'], /--url must be an address/],
  ];
  for (const [words, expected] of tries) {
    const { code, stderr } = await aevum(['demo', ...words, '--key', 'any']);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, expected);
  }
  const alone = await aevum(['demo', 'status', '--port', port, '--key', 'any']);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /no server answers at http:\/\/127\.0\.0\.1:\d+\. Start it with "npm start"/);
  const keyless = await aevum(['demo', 'status', '--data-dir', join(tmpdir(), 'aevum-is-not-here')]);
  assert.equal(keyless.code, 1);
  assert.match(keyless.stderr, /--data-dir.*--key or AEVUM_ADMIN_KEY/);
});
