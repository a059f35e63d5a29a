import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hashKey, makeShareToken } from '../access/key-format.ts';
import { PLATFORM } from '../access/audit-entry.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { type BoardAnswer, newBoardSchema } from '../contract/boards.ts';
import { type InsightAnswer, newInsightSchema } from '../contract/insights.ts';
import type { CreatedShare, Shared, SharedAnswers, SharesAnswer } from '../contract/shares.ts';
import { SHARE_LIMITS } from '../contract/shares.ts';
import type { TrendAnswer } from '../contract/trend.ts';
import { openTestWarehouse, type TestWarehouse } from '../query/testing/test-warehouse.ts';
import { boardDraft, insightDraft } from './content.ts';
import { ShareGuard } from './share-guard.ts';
import {
  HOUR_MS,
  NOW_MS,
  fails,
  openTestBoards,
  purchase,
  readPage,
  serveBoards,
  type Moving,
} from './testing/board-server.ts';

const DAY_MS = 24 * HOUR_MS;

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

const TREND = { kind: 'trend', interval: 'total', range: 'last 7 days' };
const at = (x: number) => ({ x, y: 0, w: 2, h: 2 });
const question = (id: string, x: number, more: object = {}) => ({
  ...{ id, kind: 'question', question: { ...TREND, ...more }, ...at(x) },
});

const VARIABLES = [
  { name: 'period', kind: 'range', default: 'last 30 days' },
  { name: 'zone', kind: 'timezone' },
  { name: 'country', kind: 'filter', field: 'country', ops: ['in'] },
  { name: 'plan', kind: 'choice', field: 'properties.plan', choices: [{ value: 'pro' }, { value: 'free' }] },
  { name: 'source', kind: 'choice', field: 'source', choices: [{ value: 'web' }] },
  { name: 'person', kind: 'choice', field: 'user_id', choices: [{ value: 'user-a' }] },
];

const totals = (answers: SharedAnswers): unknown[] => {
  assert.ok(answers.kind === 'board');
  return answers.tiles.map((tile) =>
    tile.state === 'answered' ? (tile.answer as TrendAnswer).series[0]?.total : tile.error.code,
  );
};

/** A board with everything that a link must not give away, and a link to it. */
const serveShare = async (t: Parameters<typeof serveBoards>[0], wanted: object = {}) => {
  const served = await serveBoards(t, bench, NOW_MS);
  const { project, moving, done, send } = served;
  await bench.load(
    'events',
    [purchase(project, 'a'), purchase(project, 'b', { country: 'FR', properties: '{"plan":"free"}' })],
    5,
  );
  moving.next = 6;
  const insight = await done<InsightAnswer>('POST', '/api/insights', {
    ...{ name: 'Inner', question: TREND, display: { as: 'area' } },
  });
  const tiles = [
    { id: 'insight', kind: 'insight', insight: insight.id, title: 'Shown', ...at(0) },
    question('asked', 2, { filter: { field: 'page', op: 'neq', value: 'a-secret-page' }, explain: true }),
    { id: 'words', kind: 'text', text: '# Words', ...at(4) },
  ];
  const board = await done<BoardAnswer>('POST', '/api/boards', {
    name: 'Shared',
    variables: VARIABLES,
    tiles,
  });
  const path = `/api/boards/${board.id}`;
  const share = await done<CreatedShare>('POST', `${path}/shares`, { name: 'Link', ...wanted });
  const shown = () => send<Shared>('GET', '/api/share', undefined, share.token);
  const ask = async (body: object = {}): Promise<SharedAnswers> => {
    const { status, json } = await send<SharedAnswers>('POST', '/api/share/query', body, share.token);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };
  const change = (more: object, version: number) =>
    done('PUT', path, { name: 'Shared', variables: VARIABLES, tiles, ...more, version });
  return { ...served, insight, board, path, share, shown, ask, change, tiles };
};

test('a link shows a board and its answers, counts, and is good for nothing once it is revoked', async (t) => {
  const { done, refused, catalog, path, share, shown, ask, board, insight, boards } = await serveShare(t, {
    variables: { country: { op: 'in', values: ['FR'] }, source: null },
  });
  assert.match(share.token, /^aev_s_[0-9A-Za-z]{33}$/u);
  const { json } = await shown();
  assert.ok(json.kind === 'board');
  assert.deepEqual(
    json.tiles.map(({ id, kind, text }) => [id, kind, text]),
    [
      ['insight', 'answer', undefined],
      ['asked', 'answer', undefined],
      ['words', 'text', '# Words'],
    ],
  );
  assert.deepEqual(
    json.variables.map(({ name }) => name),
    ['plan'],
    'what may be chosen',
  );
  assert.deepEqual(
    json.tiles.map(({ display }) => display?.as),
    ['area', 'line', undefined],
    'a tile without a display is drawn as its insight is',
  );
  const answers = await ask();
  assert.deepEqual([totals(answers), answers.as_of], [[1, 1], '5']);
  assert.ok(answers.kind === 'board');
  assert.deepEqual(answers.variables, { plan: null });
  assert.deepEqual(totals(await ask({ variables: { plan: 'pro' } })), [0, 0]);
  assert.deepEqual(totals(await ask({ tiles: ['asked'] })), [1]);
  const told = JSON.stringify([json, answers]);
  for (const secret of [insight.id, board.id, 'a-secret-page', '"sql"', 'country', 'Inner', 'user-a'])
    assert.ok(!told.includes(secret), `${secret} is in ${told}`);
  const [listed] = (await done<SharesAnswer>('GET', `${path}/shares`)).shares;
  assert.ok(listed !== undefined && !('token' in listed));
  assert.deepEqual(
    [listed.id, listed.uses, listed.last_used_at, listed.expired],
    [share.id, 3, '2026-11-20T12:00:00.000Z', false],
  );
  const [kept] = await catalog.db.selectFrom('shares').selectAll().execute();
  assert.deepEqual((await done<SharesAnswer>('GET', '/api/shares')).shares, [listed]);
  assert.equal(kept?.hash, hashKey(share.token));
  assert.ok(!JSON.stringify(kept).includes(share.token.slice(0, 20)));
  await done('DELETE', `${path}/shares/${share.id}`);
  assert.match(await refused('GET', '/api/share', undefined, share.token), /^404 unknown_link/u);
  assert.match(await refused('DELETE', `${path}/shares/${share.id}`), /^404 not_found/u);
  await boards.close();
  const entered = await catalog.db
    .selectFrom('audit')
    .select(['action', 'object', 'detail'])
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    entered
      .filter(({ action }) => action.startsWith('share.'))
      .map(({ action, detail }) => `${action} ${detail}`),
    [
      `share.created {"of":"${board.id}","name":"Link","pinned":null,"expires_at":null}`,
      `share.revoked {"of":"${board.id}","name":"Link","uses":3}`,
    ],
  );
});

test('reading by a link is entered: the first of a minute at once, with where it came from', async (t) => {
  const { server, board, share, shown, ask } = await serveShare(t);
  await shown();
  await ask();
  const answer = await server.get('/api/audit?action=share.read', server.credentials.admin_key);
  const { entries } = (await answer.json()) as {
    entries: { actor: object; object: string; detail: object }[];
  };
  assert.deepEqual(
    entries.map(({ actor, object, detail }) => ({ actor, object, detail })),
    [
      {
        actor: { kind: 'share', id: share.id, name: 'Link' },
        ...{ object: board.id, detail: { from: '127.0.0.1' } },
      },
    ],
  );
});

test('what is no good token is answered alike, whatever it is', async (t) => {
  const { server, done, send, share, board, moving } = await serveShare(t, {
    expires_at: '2026-11-20T13:00:00Z',
  });
  const removed = await done<BoardAnswer>('POST', '/api/boards', { name: 'Removed' });
  const gone = await done<CreatedShare>('POST', `/api/boards/${removed.id}/shares`, { name: 'x' });
  await done('DELETE', `/api/boards/${removed.id}`);
  const { token } = share;
  const other = token.endsWith('A') ? 'B' : 'A';
  const bad = [
    ...[token.slice(0, -1), `${token}A`, token.slice(0, -1) + other, token.toLowerCase(), makeShareToken()],
    ...[gone.token, share.id, board.id, hashKey(token), 'x'.repeat(5_000), '%00', "' OR 1 --", 'aev_s_'],
    ...[server.credentials.admin_key, server.credentials.write_key],
  ];
  const answers = new Set<string>();
  for (const each of bad)
    for (const [method, path, body] of [
      ['GET', '/api/share', undefined],
      ['POST', '/api/share/query', {}],
    ] as const) {
      const { status, json } = await send(method, path, body, each);
      answers.add(`${status} ${JSON.stringify(json)}`);
    }
  const nobody = await fetch(`${server.url}/api/share`);
  answers.add(`${nobody.status} ${await nobody.text()}`);
  const inAddress = await fetch(`${server.url}/api/share?token=${token}&key=${token}`);
  answers.add(`${inAddress.status} ${await inAddress.text()}`);
  moving.nowMs += 2 * HOUR_MS;
  const expired = await send('POST', '/api/share/query', {}, token);
  answers.add(`${expired.status} ${JSON.stringify(expired.json)}`);
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.match([...answers].join(), /^404 .*unknown_link/u);
});

test('a token reads this one thing: no other route, verb, thing, range, filter or cohort', async (t) => {
  const { server, send, refused, share, board, path, insight, ask } = await serveShare(t, {
    variables: { plan: 'pro' },
  });
  for (const [method, address] of [
    ...['', '/query', '/shares', '/versions'].map(
      (end) => [end === '/query' ? 'POST' : 'GET', path + end] as const,
    ),
    ...(['PUT', 'DELETE'] as const).map((verb) => [verb, path] as const),
    ['GET', '/api/boards'],
    ['GET', '/api/boards/templates'],
    ['POST', '/api/boards'],
    ['GET', `/api/insights/${insight.id}/answer`],
    ['GET', '/api/annotations'],
    ['GET', '/api/audit'],
    ['POST', '/api/keys'],
  ] as const)
    assert.match(
      await refused(method, address, method === 'GET' || method === 'DELETE' ? undefined : {}, share.token),
      /^401 unknown_key/u,
      `${method} ${address}`,
    );
  const { status } = await send('POST', '/api/events', { type: 'x' }, share.token);
  assert.equal(status, 401);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
    assert.match(
      await refused(method, '/api/share', method === 'POST' ? {} : undefined, share.token),
      /^405/u,
    );
  for (const end of ['/query/x', '/boards', `/${board.id}`, '/../boards'])
    assert.match(await refused('GET', `/api/share${end}`, undefined, share.token), /^40[145]/u);
  for (const body of [
    { variables: { period: 'all time' } },
    { variables: { zone: 'Asia/Tokyo' } },
    { variables: { country: { op: 'in', values: ['DE', 'FR'] } } },
    { variables: { plan: 'free' } },
    { variables: { plan: null } },
    { variables: { person: 'user-a' } },
    { variables: { source: 'app' } },
    { variables: { source: { op: 'neq', value: 'web' } } },
    { variables: { source: ['web', 'web', 'app'] } },
    { variables: { nothing: 1 } },
    JSON.parse('{"variables": {"__proto__": "x", "constructor": "y"}}') as object,
    { range: 'all time' },
    { filter: { op: 'in_cohort', cohort: 'coh_0000000000000000' } },
    { as_of: '3' },
    { timezone: 'UTC' },
    { explain: true },
    { question: TREND },
    { insight: insight.id },
    { url: 'http://127.0.0.1:1/' },
    { tiles: ['words'] },
    { tiles: [insight.id] },
    { tiles: [] },
    [],
    'x',
  ])
    assert.match(
      await refused('POST', '/api/share/query', body, share.token),
      /^400 invalid_request/u,
      JSON.stringify(body),
    );
  // What stands in the address chooses nothing.
  const { json } = await send<SharedAnswers>(
    'POST',
    `/api/share/query?project=other&board=x&format=csv`,
    {},
    share.token,
  );
  assert.deepEqual(totals(json), totals(await ask()));
  assert.equal(
    server.lines.some(({ message }) => message.includes(share.token)),
    false,
  );
});

test('a choice that has a default cannot be left open: only what the author wrote down is shown', async (t) => {
  const { ask, change, refused, share } = await serveShare(t);
  assert.deepEqual(totals(await ask({ variables: { plan: null } })), [2, 2], 'nothing is chosen by default');
  const variables = VARIABLES.map((each) => (each.name === 'plan' ? { ...each, default: 'pro' } : each));
  await change({ variables }, 1);
  assert.deepEqual(totals(await ask()), [1, 1]);
  assert.deepEqual(totals(await ask({ variables: { plan: 'free' } })), [1, 1]);
  assert.match(
    await refused('POST', '/api/share/query', { variables: { plan: null } }, share.token),
    /^400 invalid_request .*One of its choices must be taken/u,
  );
});

test('single people stay hidden, when a link is made and whatever the board becomes', async (t) => {
  const { done, refused, ask, change, tiles, path, send } = await serveShare(t, {
    variables: { plan: 'pro' },
  });
  const people = { by: ['user_id'] };
  for (const [kind, body] of [
    ['insights', { question: { ...TREND, ...people } }],
    ['insights', { question: { kind: 'funnel_users', steps: ['a', 'b'], step: 1, outcome: 'dropped' } }],
    ['insights', { question: { kind: 'attribution', conversion: 'purchase', channel: 'user_id' } }],
    ['insights', { question: { kind: 'paths', label: 'context.session_id' } }],
    ['boards', { tiles: [question('people', 0, people)] }],
  ] as const) {
    const name = JSON.stringify(body).slice(0, 90);
    const { id } = await done<{ id: string }>('POST', `/api/${kind}`, { name, ...body });
    const told = await refused('POST', `/api/${kind}/${id}/shares`, { name: 'x' });
    assert.match(told, /^400 invalid_request .*lists single people/u);
  }
  await change(
    {
      tiles: [
        ...tiles,
        question('people', 6, people),
        question('broken', 8, { filter: { field: 'country', op: 'eq', value: 'XX' } }),
      ],
    },
    1,
  );
  const answers = await ask();
  assert.deepEqual(totals(answers).slice(0, 3), [1, 1, 'missing_scope']);
  assert.doesNotMatch(JSON.stringify(answers), /user-a/u);
  // Without the variable that the link fixes, more would be shown than was meant.
  await change({ variables: [] }, 2);
  const told = await send(
    'POST',
    '/api/share/query',
    {},
    (await done<CreatedShare>('POST', `${path}/shares`, { name: 'later' })).token,
  );
  assert.equal(told.status, 200);
  await assert.rejects(ask(), /409/u);
});

test('what is pinned stays, whatever arrives and however time goes on; what is not, follows', async (t) => {
  const { done, project, moving, ask, path, send } = await serveShare(t);
  const pinned = await done<CreatedShare>('POST', `${path}/shares`, { name: 'Pinned', pinned: true });
  assert.deepEqual(pinned.pinned, { as_of: '5', at: '2026-11-20T12:00:00.000Z' });
  const stays = async () => (await send<SharedAnswers>('POST', '/api/share/query', {}, pinned.token)).json;
  const first = await stays();
  assert.deepEqual(totals(first), [2, 2]);
  await bench.load('events', [purchase(project, 'c')], 6);
  moving.next = 7;
  assert.deepEqual(totals(await ask()), [3, 3]);
  assert.deepEqual(totals(await stays()), [2, 2]);
  const earlier = await done<CreatedShare>('POST', `${path}/shares`, { name: 'Earlier', pinned: '5' });
  moving.nowMs += 40 * DAY_MS;
  assert.deepEqual(totals(await ask()), [0, 0]);
  const later = await stays();
  assert.deepEqual([totals(later), later.as_of, later.at], [[2, 2], '5', '2026-11-20T12:00:00.000Z']);
  const { json } = await send<SharedAnswers>('POST', '/api/share/query', {}, earlier.token);
  assert.deepEqual([totals(json), json.as_of], [[2, 2], '5']);
  const moment = { position: '5', at: '2026-11-20T11:59:00.000Z' };
  const then = await done<CreatedShare>('POST', `${path}/shares`, { name: 'Then', pinned: moment });
  const { json: seen } = await send<SharedAnswers>('POST', '/api/share/query', {}, then.token);
  assert.deepEqual([totals(seen), seen.as_of, seen.at], [[2, 2], moment.position, moment.at]);
  for (const [wrong, code] of [
    ['99', 422],
    [{ ...moment, position: '99' }, 422],
    [{ ...moment, at: 'now-1d' }, 400],
  ] as const)
    assert.equal((await send('POST', `${path}/shares`, { name: 'x', pinned: wrong })).status, code);
});

test('a link may show an insight; what a link takes is checked', async (t) => {
  const { done, refused, insight, path, send } = await serveShare(t);
  const own = `/api/insights/${insight.id}/shares`;
  const { token, id } = await done<CreatedShare>('POST', own, { name: 'One number' });
  const shown = (await send<Shared>('GET', '/api/share', undefined, token)).json;
  assert.deepEqual([shown.kind, shown.name], ['insight', 'Inner']);
  const { json } = await send<SharedAnswers>('POST', '/api/share/query', {}, token);
  assert.ok(json.kind === 'insight');
  assert.equal((json.answer as TrendAnswer).series[0]?.total, 2);
  assert.match(await refused('POST', '/api/share/query', { tiles: ['a'] }, token), /^400 invalid_request/u);
  for (const [address, body, message] of [
    [own, { name: 'x', variables: { period: 'today' } }, /^400 .*has no variables/u],
    [`${path}/shares`, { name: 'x', variables: { plan: 'gold' } }, /^400 .*variables\.plan: "gold"/u],
    [own, { name: 'x', expires_at: '2026-11-20T11:00:00Z' }, /^400 .*expires_at: lies in the past/u],
    [own, { name: 'x', expires_at: 'soon' }, /^400 .*expires_at: "soon"/u],
    [own, { name: '' }, /^400 .*name/u],
    [own, { name: 'x', token: 'mine' }, /^400 .*"token" is not known/u],
    ['/api/boards/brd_none/shares', { name: 'x' }, /^404 not_found/u],
    // A link is to what it was made for.
    [`${path.replace('boards', 'insights')}/shares`, { name: 'x' }, /^404 not_found/u],
  ] as const)
    assert.match(await refused('POST', address, body), message);
  assert.match(await refused('DELETE', `${path}/shares/${id}`), /^404 not_found/u);
  for (let made = 1; made < SHARE_LIMITS.sharesMax; made++) await done('POST', own, { name: `${made}` });
  assert.match(await refused('POST', own, { name: 'x' }), /^409 conflict There are 50 share links/u);
});

test('the page says the bounds that there are, and its example works', async (t) => {
  const { page, bodies } = readPage('sharing');
  const { share } = await serveShare(t, bodies[0] as object);
  assert.deepEqual([share.name, share.pinned?.as_of], ['Board meeting', '5']);
  const { projectMax, atOncePerLink, readsPerLink, readsPerAddress, missesPerAddress, sharesMax } =
    SHARE_LIMITS;
  for (const bound of [
    `A link takes ${readsPerLink} requests a minute, ${atOncePerLink} of them at a time, a network address ${readsPerAddress} and, with tokens that are not good, ${missesPerAddress};`,
    `at most ${sharesMax} links to one thing, and ${projectMax.toLocaleString('en')} in a project`,
  ])
    assert.ok(page.includes(bound), bound);
});

test('links and addresses are bounded, and tokens that are no good most of all', async () => {
  const catalog = await openCatalog(':memory:');
  const moving: Moving = { nowMs: NOW_MS, next: 1, beforeRead: () => undefined };
  const { boards } = openTestBoards(bench, catalog, moving, 'bounded');
  const saving = { project: 'bounded', by: PLATFORM };
  const checks = { service: boards.service, project: 'bounded', nowMs: NOW_MS };
  const { id: object } = await boards.boards.create(
    await boardDraft(newBoardSchema.parse({ name: 'Bounded' }), checks),
    saving,
  );
  const draft = { object, name: 'x', variables: {}, pinned: null, expiresAtMs: null };
  const [one, two] = [await boards.shares.create(draft, saving), await boards.shares.create(draft, saving)];
  assert.ok(one !== undefined && two !== undefined);
  let monotonicMs = 0;
  const guard = new ShareGuard(boards.shares, { nowMs: () => NOW_MS, monotonicMs: () => monotonicMs });
  const busy = fails('too_many_reads', /more often than it may/u);
  const unknown = fails('unknown_link', /not good any more/u);
  for (let read = 0; read < SHARE_LIMITS.readsPerLink; read++)
    await guard.admit(one.token, `10.0.0.${read % 9}`);
  await assert.rejects(guard.admit(one.token, '10.0.1.1'), busy);
  await guard.admit(two.token, '10.0.1.1');
  for (let miss = 0; miss < SHARE_LIMITS.missesPerAddress; miss++)
    await assert.rejects(guard.admit(makeShareToken(), '10.0.2.1'), unknown);
  await assert.rejects(guard.admit(undefined, '10.0.2.1'), busy);
  await assert.rejects(guard.admit(two.token, '10.0.2.1'), busy, 'guessing does not go on beside');
  monotonicMs += SHARE_LIMITS.withinMs;
  await guard.admit(one.token, '10.0.2.1');
  const ends: (() => void)[] = [];
  const reading = () => guard.during(one.share, () => new Promise<void>((resolve) => ends.push(resolve)));
  const underWay = Array.from({ length: SHARE_LIMITS.atOncePerLink }, reading);
  await assert.rejects(reading(), busy);
  assert.equal(await guard.during(two.share, async () => 'another link'), 'another link');
  ends.shift()?.();
  await underWay.shift();
  underWay.push(reading());
  for (const end of ends) end();
  await Promise.all(underWay);
  await boards.close();
  await catalog.close();
});

test('all of it survives a restart, and a project that is being removed takes nothing more', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-boards-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const moving: Moving = { nowMs: NOW_MS, next: 6, beforeRead: () => undefined };
  const open = async () => {
    const catalog = await openCatalog(join(dir, 'catalog.sqlite'));
    return { catalog, ...openTestBoards(bench, catalog, moving, 'kept') };
  };
  const project = 'kept';
  const saving = { project, by: PLATFORM };
  const first = await open();
  const checks = { service: first.boards.service, project, nowMs: NOW_MS };
  const insight = await first.boards.insights.create(
    await insightDraft(newInsightSchema.parse({ name: 'Kept', question: TREND }), checks),
    saving,
  );
  const board = await first.boards.boards.create(
    await boardDraft(
      newBoardSchema.parse({
        name: 'Kept',
        tiles: [{ id: 'a', kind: 'insight', insight: insight.id, ...at(0) }],
      }),
      checks,
    ),
    saving,
  );
  const made = await first.boards.shares.create(
    {
      object: board.id,
      name: 'x',
      variables: {},
      pinned: { position: '5', atMs: NOW_MS },
      expiresAtMs: null,
    },
    saving,
  );
  assert.ok(made !== undefined);
  const note = await first.boards.annotations.create(
    { text: 'x', startsAtMs: 1, endsAtMs: null, object: null },
    saving,
  );
  first.boards.shares.used(made.share);
  await first.boards.close();
  await first.catalog.close();
  const { catalog, boards } = await open();
  assert.deepEqual(await boards.insights.find(project, insight.id), insight);
  assert.deepEqual(await boards.boards.find(project, board.id), board);
  assert.deepEqual(await boards.shares.find(made.token), { ...made.share, uses: 1, lastUsedAtMs: NOW_MS });
  const [noted] = await boards.annotations.list(project, { fromMs: 0, toMs: 2, objects: [] });
  assert.deepEqual({ ...noted }, note);
  assert.equal((await boards.boards.versions(project, board.id))?.length, 1);
  // Nothing of it is there for another project.
  assert.equal(await boards.boards.find('other', board.id), undefined);
  assert.equal(await boards.insights.remove(insight.id, { project: 'other', by: PLATFORM }), undefined);
  assert.deepEqual(await boards.shares.list('other', board.id), []);
  assert.equal(
    await boards.shares.revoke(board.id, made.share.id, { project: 'other', by: PLATFORM }),
    false,
  );
  await catalog.db
    .insertInto('projects')
    .values({ id: project, name: project, created_at: 1, removing_at: 2 })
    .execute();
  const going = fails('conflict', /being removed/u);
  await assert.rejects(boards.boards.create({ name: 'X', content: board.content }, saving), going);
  await assert.rejects(
    boards.annotations.create({ text: 'x', startsAtMs: 1, endsAtMs: null, object: null }, saving),
    going,
  );
  assert.equal(await boards.shares.create({ ...made.share }, saving), undefined);
  await boards.close();
  await catalog.close();
});
