import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { PLATFORM } from '../access/audit-entry.ts';
import { DEFAULT_PROJECT } from '../access/principal.ts';
import { ANNOTATION_LIMITS, type AnnotationAnswer, type AnnotationsAnswer } from '../contract/annotations.ts';

import { DISPLAYS_OF, type InsightAnswer, type InsightsAnswer } from '../contract/insights.ts';
import type { QueryAnswer } from '../contract/query.ts';
import { newMetricSchema } from '../contract/metrics.ts';
import { SAVED_LIMITS, type SavedVersionsAnswer } from '../contract/saved.ts';
import type { CreatedShare } from '../contract/shares.ts';
import type { TrendAnswer } from '../contract/trend.ts';
import { createSimulation } from '../simulate/simulation.ts';
import { openTestWarehouse, type Row, type TestWarehouse } from '../query/testing/test-warehouse.ts';
import {
  type BoardAnswer,
  type BoardAnswers,
  type BoardsAnswer,
  newBoardSchema,
  TEMPLATES,
  type TemplatesAnswer,
} from '../contract/boards.ts';
import { BOARD_LIMITS } from '../contract/board-limits.ts';
import { HOUR_MS, NOW_MS, purchase, readPage, serveBoards } from './testing/board-server.ts';

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

const TREND = { kind: 'trend', interval: 'total', range: 'last 7 days' };
const at = (x: number, y: number, w = 4, h = 2) => ({ x, y, w, h });
const totalOf = (answer: QueryAnswer): number | null | undefined => (answer as TrendAnswer).series[0]?.total;

const headersOf = (token: string) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  accept: 'application/x-ndjson',
});

/** Reads an answer that is told line by line; undefined behind the last one. */
const linesOf = async (url: string, token: string, signal: AbortSignal = AbortSignal.timeout(120_000)) => {
  const { status, headers, body } = await fetch(url, {
    ...{ method: 'POST', body: '{}', headers: headersOf(token), signal },
  });
  assert.deepEqual([status, headers.get('content-type')], [200, 'application/x-ndjson; charset=utf-8']);
  assert.ok(body !== null);
  const reader = createInterface({ input: Readable.fromWeb(body) })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<unknown> => {
      const { done, value } = await reader.next();
      return done === true ? undefined : JSON.parse(value);
    },
  };
};

test('insights are saved, listed, asked, changed and removed over HTTP', async (t) => {
  const { done, refused, send, project, moving } = await serveBoards(t, bench, NOW_MS);
  await bench.load('events', [purchase(project, 'a'), purchase(project, 'b', { country: 'FR' })], 3);
  moving.next = 4;
  const wanted = {
    name: ' Purchases ',
    tags: ['weekly'],
    question: { ...TREND, types: ['purchase'], filter: { field: 'country', op: 'in', values: ['DE', 'FR'] } },
  };
  const made = await done<InsightAnswer>('POST', '/api/insights', wanted);
  assert.deepEqual(
    [made.name, made.version, made.display.as, made.created_by],
    ['Purchases', 1, 'line', made.updated_by],
  );
  assert.equal(made.question.range, 'last 7 days', 'relative ranges stay relative');
  const path = `/api/insights/${made.id}`;
  assert.deepEqual(await done('GET', path), made);
  const { insights } = await done<InsightsAnswer>('GET', '/api/insights');
  assert.deepEqual(
    insights.map(({ name, kind }) => `${name} ${kind}`),
    ['Purchases trend'],
  );
  const ask = async (body: object) => await done<TrendAnswer>('POST', `${path}/query`, body);
  assert.equal(totalOf(await ask({})), 2);
  const french = await ask({
    filter: { field: 'country', op: 'eq', value: 'FR' },
    timezone: 'Europe/Berlin',
  });
  assert.deepEqual([totalOf(french), french.range.timezone], [1, 'Europe/Berlin']);
  assert.equal(totalOf(await ask({ range: { from: '2026-11-01', to: '2026-11-02' } })), 0);
  const compared = await ask({ compare: 'previous_week' });
  assert.equal(compared.series[0]?.compared?.total, 0);
  assert.match(await refused('POST', `${path}/query`, { as_of: '99' }), /^422 position_not_loaded/u);
  assert.match(await refused('POST', `${path}/query`, { compare: true }), /^400 invalid_request compare/u);
  const csv = await send<string>('GET', `${path}/answer?format=csv&range=last%202%20days&as_of=3`);
  assert.equal(csv.status, 200);
  assert.match(csv.headers.get('content-type') ?? '', /text\/csv/u);
  assert.equal(csv.headers.get('x-aevum-as-of'), '3');
  await done('PUT', path, { ...wanted, name: 'Orders', version: 1 });
  assert.match(
    await refused('PUT', path, { ...wanted, version: 1 }),
    /^409 conflict "Orders" is at version 2, saved by \S.* at 2026-11-20T12:00:00.000Z \(name\); the change was made from version 1/u,
  );
  assert.equal((await done<{ removed: boolean }>('DELETE', path)).removed, true);
  for (const [method, address] of [
    ['GET', path],
    ['GET', `${path}/answer`],
    ['GET', `${path}/versions`],
    ['GET', `${path}/versions/1`],
    ['GET', `${path}/shares`],
    ['DELETE', path],
  ] as const)
    assert.match(await refused(method, address), /^404 not_found There is no insight of this id/u, address);
});

test('what cannot be asked, drawn or laid out cannot be saved, and the problem is told where it stands', async (t) => {
  const { refused, done } = await serveBoards(t, bench, NOW_MS);
  const insight = (question: object, more: object = {}) => ({ name: 'X', question, ...more });
  const insights: readonly (readonly [object, RegExp])[] = [
    [insight({ ...TREND, range: 'last 5 bananas' }), /question\.range: "bananas" is not a unit/u],
    [
      insight({ ...TREND, range: 'last 5 bananas', kind: 'tend' }),
      /question\.kind: "tend" is not understood/u,
    ],
    [insight({ ...TREND, timezone: 'Europe/Atlantis' }), /question\.timezone: "Europe\/Atlantis"/u],
    [insight({ ...TREND, by: ['contry'] }), /question\.by\.0: .*country/u],
    [insight({ ...TREND, range: 'all time', by: ['contry'] }), /question\.by\.0: .*country/u],
    [insight({ ...TREND, as_of: '3' }), /question\.as_of: A saved question is asked as of any moment/u],
    [
      insight({ ...TREND, filter: { op: 'in_cohort', cohort: 'coh_0000000000000000' } }),
      /question\.filter\.cohort: There is no cohort/u,
    ],
    [
      insight(TREND, { display: { as: 'funnel' } }),
      /display\.as: Answers to "trend" cannot be drawn as "funnel"/u,
    ],
    [insight(TREND, { name: ' ' }), /name/u],
    [
      insight(TREND, { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }),
      /tags: must have at most 20/u,
    ],
    [
      insight({
        ...TREND,
        filter: {
          field: 'page',
          op: 'in',
          values: Array.from({ length: 300 }, (_, n) => `${n}`.padEnd(90, 'x')),
        },
      }),
      /characters; at most 20,000 are taken/u,
    ],
  ];
  for (const [body, message] of insights) {
    const told = await refused('POST', '/api/insights', body);
    assert.match(told, /^400 invalid_request/u);
    assert.match(told, message);
  }
  const question = { kind: 'question', question: TREND };
  const tile = (id: string, place: object, more: object = question) => ({ id, ...place, ...more });
  const board = (tiles: readonly object[], variables: readonly object[] = []) => ({
    name: 'X',
    tiles,
    variables,
  });
  const period = { name: 'period', kind: 'range', default: 'last 30 days' };
  const choice = { name: 'plan', kind: 'choice', field: 'properties.plan', choices: [{ value: 'pro' }] };
  const boards: readonly (readonly [object, RegExp])[] = [
    [board([tile('a', at(0, 0)), tile('b', at(3, 1))]), /tiles\.1: The tile "b" overlaps "a"/u],
    [board([tile('a', at(9, 0))]), /tiles\.0: The tile "a" reaches beyond column 12/u],
    [board([tile('a', at(0, 499))]), /reaches beyond row 500/u],
    [board([tile('a', at(0, 0)), tile('a', at(4, 0))]), /two tiles with the id "a"/u],
    [board([tile('a b', at(0, 0))]), /tiles\.0\.id/u],
    [
      board([tile('a', at(0, 0), { kind: 'insight', insight: 'ins_none' })]),
      /tiles\.0\.insight: There is no insight "ins_none"/u,
    ],
    [
      board([tile('a', at(0, 0), { kind: 'question', question: { ...TREND, by: ['contry'] } })]),
      /tiles\.0\.question\.by\.0/u,
    ],
    [
      board([tile('a', at(0, 0), { ...question, ignores: ['period'] })]),
      /tiles\.0\.ignores: The board has no variable "period"/u,
    ],
    [board([tile('a', at(0, 0), { ...question, display: { as: 'flow' } })]), /tiles\.0\.display\.as/u],
    [
      board(Array.from({ length: 41 }, (_, n) => tile(`t${n}`, at(0, n, 1, 1)))),
      /tiles: must have at most 40/u,
    ],
    [board([], [period, period]), /variables\.1\.name: There are two variables "period"/u],
    [
      board([], [period, { ...period, name: 'other' }]),
      /variables\.1\.kind: A board has one variable of the kind "range"/u,
    ],
    [board([], [{ ...period, default: 'last 5 bananas' }]), /variables\.0\.default\.range: "bananas"/u],
    [board([], [{ name: 'zone', kind: 'timezone', default: 'Nowhere' }]), /variables\.0\.default\.timezone/u],
    [board([], [{ name: 'X!', kind: 'timezone' }]), /variables\.0\.name: is not a name/u],
    [board([], [{ ...choice, field: 'contry' }]), /variables\.0\.field.*country/u],
    [
      board([], [{ ...choice, default: 'free' }]),
      /variables\.0\.default: "free" is not among its choices: "pro"/u,
    ],
    [
      board(
        [],
        [{ name: 'c', kind: 'filter', field: 'country', ops: ['eq'], default: { op: 'in', values: ['DE'] } }],
      ),
      /variables\.0\.default\.op: "in" is not/u,
    ],
    [
      board([], [{ name: 'c', kind: 'filter', field: 'country', default: { op: 'eq' } }]),
      /variables\.0\.default\.value/u,
    ],
    [{ template: 'wob' }, /template: "wob" is not understood/u],
    [{ template: 'web', parameters: { veiw: 'x' } }, /parameters\.veiw: .*Did you mean "view"/u],
  ];
  for (const [body, message] of boards) {
    const told = await refused('POST', '/api/boards', body);
    assert.match(told, /^400 invalid_request/u, JSON.stringify(body));
    assert.match(told, message);
  }
  assert.deepEqual((await done<BoardsAnswer>('GET', '/api/boards')).boards, []);
});

test('variables go into the questions of the tiles, except where a tile ignores them', async (t) => {
  const { done, refused, project, moving } = await serveBoards(t, bench, NOW_MS);
  const old = { time: NOW_MS - 20 * 24 * HOUR_MS, received_at: NOW_MS };
  await bench.load(
    'events',
    [
      purchase(project, 'v1'),
      purchase(project, 'v2', { country: 'FR' }),
      purchase(project, 'v3', { ...old, properties: '{"plan":"free"}' }),
    ],
    10,
  );
  moving.next = 11;
  const insight = await done<InsightAnswer>('POST', '/api/insights', {
    ...{ name: 'By country', question: { ...TREND, filter: { field: 'type', op: 'eq', value: 'purchase' } } },
  });
  const board = await done<BoardAnswer>('POST', '/api/boards', {
    name: 'Board',
    variables: [
      { name: 'period', kind: 'range', default: 'last 30 days' },
      { name: 'zone', kind: 'timezone' },
      { name: 'country', kind: 'filter', field: 'country', ops: ['in', 'neq'] },
      {
        ...{ name: 'plan', kind: 'choice', field: 'properties.plan', multiple: true },
        choices: [{ value: 'pro', label: 'Pro' }, { value: 'free' }],
      },
    ],
    tiles: [
      { id: 'insight', kind: 'insight', insight: insight.id, ...at(0, 0) },
      { id: 'still', kind: 'question', question: TREND, ignores: ['period', 'country', 'plan'], ...at(4, 0) },
      { id: 'words', kind: 'text', text: '# Hello <script>', ...at(8, 0) },
    ],
  });
  const read = async (body: object) => {
    const answer = await done<BoardAnswers>('POST', `/api/boards/${board.id}/query`, body);
    return answer.tiles.map((tile) => (tile.state === 'answered' ? totalOf(tile.answer) : tile.error));
  };
  assert.deepEqual(await read({}), [3, 2]);
  assert.deepEqual(await read({ variables: { period: null } }), [2, 2]);
  assert.deepEqual(await read({ variables: { period: { from: '2026-10-30', to: '2026-11-02' } } }), [1, 2]);
  assert.deepEqual(await read({ variables: { country: { op: 'in', values: ['FR'] } } }), [1, 2]);
  assert.deepEqual(await read({ variables: { country: { op: 'neq', value: 'FR' }, plan: 'free' } }), [1, 2]);
  assert.deepEqual(await read({ variables: { plan: ['free', 'pro'] } }), [3, 2]);
  assert.deepEqual(await read({ tiles: ['still'] }), [2]);
  const { variables, tiles } = await done<BoardAnswers>('POST', `/api/boards/${board.id}/query`, {
    variables: { zone: 'Asia/Tokyo' },
  });
  assert.deepEqual(variables, { period: 'last 30 days', zone: 'Asia/Tokyo', country: null, plan: null });
  assert.ok(tiles.every((tile) => tile.state === 'answered' && tile.answer.range.timezone === 'Asia/Tokyo'));
  for (const [body, message] of [
    [{ variables: { perod: 'today' } }, /variables\.perod: .*Did you mean "period"/u],
    [{ variables: { period: 'last 5 bananas' } }, /variables\.period\.range: "bananas"/u],
    [{ variables: { period: 7 } }, /variables\.period/u],
    [{ variables: { zone: 'Nowhere' } }, /variables\.zone\.timezone/u],
    [{ variables: { zone: 1 } }, /variables\.zone: takes the name of a time zone/u],
    [{ variables: { country: 'DE' } }, /variables\.country: takes a condition/u],
    [{ variables: { country: { op: 'eq', value: 'DE' } } }, /variables\.country\.op: "eq" is not offered/u],
    [{ variables: { country: { op: 'in' } } }, /variables\.country\.values/u],
    [{ variables: { country: { op: 'in', values: ['DE'], field: 'user_id' } } }, /variables\.country/u],
    [{ variables: { plan: 'gold' } }, /variables\.plan: "gold" is not among its choices/u],
    [{ tiles: ['words'] }, /tiles: The board has no tile "words" that asks/u],
    [{ as_of: '99' }, /position_not_loaded/u],
  ] as const)
    assert.match(await refused('POST', `/api/boards/${board.id}/query`, body), message);
});

test('all tiles agree while events arrive, and a board can be read as it was', async (t) => {
  const { done, project, moving } = await serveBoards(t, bench, NOW_MS);
  await bench.load('events', [purchase(project, 'x0')], 20);
  moving.next = 21;
  const tiles = Array.from({ length: 6 }, (_, index) => ({
    // Different questions with the same answer, so that none is given again.
    ...{ id: `t${index}`, kind: 'question', ...at((index % 3) * 4, Math.floor(index / 3) * 2) },
    question: { ...TREND, filter: { field: 'type', op: 'neq', value: `nothing-${index}` } },
  }));
  const board = await done<BoardAnswer>('POST', '/api/boards', { name: 'Busy', tiles });
  let position = 20;
  moving.beforeRead = async () => {
    position += 1;
    const loading = position;
    await bench.load('events', [purchase(project, `x${loading}`)], loading);
    moving.next = Math.max(moving.next, loading + 1);
    moving.nowMs += 7_000;
  };
  const read = async (body: object) => {
    const answer = await done<BoardAnswers>('POST', `/api/boards/${board.id}/query`, body);
    const totals = answer.tiles.map((tile) =>
      tile.state === 'answered' ? totalOf(tile.answer) : tile.error,
    );
    const positions = answer.tiles.map((tile) => (tile.state === 'answered' ? tile.answer.as_of : null));
    const ranges = answer.tiles.map((tile) => (tile.state === 'answered' ? tile.answer.range.to : null));
    assert.deepEqual(new Set(positions), new Set([answer.as_of]));
    assert.equal(new Set(ranges).size, 1, 'all tiles mean the same by "now"');
    assert.equal(new Set(totals).size, 1, JSON.stringify(totals));
    return { asOf: answer.as_of, at: answer.at, total: totals[0] };
  };
  const first = await read({});
  assert.deepEqual([first.asOf, first.total], ['20', 1]);
  const second = await read({});
  assert.ok(Number(second.asOf) > 20 && Number(second.total) > 1, JSON.stringify(second));
  const again = await read({ as_of: { position: first.asOf, at: first.at } });
  assert.deepEqual(again, first);
});

test('a tile that fails spoils no other, and whoever goes away stops the rest', async (t) => {
  const { done, refused, send, server, project, moving } = await serveBoards(t, bench, NOW_MS);
  await bench.load('events', [purchase(project, 'f1')], 60);
  moving.next = 61;
  const question = (id: string, more: object, place: object) => ({
    ...{ id, kind: 'question', question: { ...TREND, ...more }, ...place },
  });
  const people = { by: ['user_id'] };
  const broken = { filter: { field: 'type', op: 'neq', value: 'broken' } };
  const board = await done<BoardAnswer>('POST', '/api/boards', {
    name: 'Half',
    tiles: [
      question('fine', {}, at(0, 0)),
      question('people', people, at(4, 0)),
      question('broken', broken, at(8, 0)),
    ],
  });
  moving.beforeRead = (params) => {
    if (Object.values(params).includes('broken')) throw new Error('a bug, with a secret');
  };
  const path = `/api/boards/${board.id}/query`;
  const states = (json: BoardAnswers) =>
    json.tiles.map((tile) => (tile.state === 'answered' ? tile.id : `${tile.id}: ${tile.error.code}`));
  const own = await done<BoardAnswers>('POST', path, {});
  assert.deepEqual(states(own), ['fine', 'people', 'broken: internal']);
  assert.doesNotMatch(JSON.stringify(own), /a secret/u);
  const viewer = await server.keys.create({
    ...{
      project: server.credentials.project,
      name: 'sends',
      scopes: ['ingest'],
      by: { kind: 'system', id: 'x', name: 'x' },
    },
  });
  assert.match(await refused('POST', path, {}, viewer.key), /^403 missing_scope/u);
  const gone = new AbortController();
  let reads = 0;
  moving.beforeRead = async (_params, signal) => {
    reads += 1;
    gone.abort();
    if (signal?.aborted === false) await once(signal, 'abort', { signal: AbortSignal.timeout(120_000) });
  };
  const many = await done<BoardAnswer>('POST', '/api/boards', {
    name: 'Many',
    tiles: Array.from({ length: 30 }, (_, n) =>
      question(`t${n}`, { filter: { field: 'page', op: 'neq', value: `${n}` } }, at(0, n, 1, 1)),
    ),
  });
  await assert.rejects(send('POST', `/api/boards/${many.id}/query`, {}, undefined, gone.signal), /abort/iu);
  await done('GET', '/api/boards');
  assert.ok(reads <= BOARD_LIMITS.askedAtOnce, `${reads} tiles were begun for nobody`);
});

test('a board is told line by line, each tile as soon as it is answered, all as of one position', async (t) => {
  const { done, send, server, project, moving } = await serveBoards(t, bench, NOW_MS);
  await bench.load('events', [purchase(project, 'l1')], 65);
  moving.next = 66;
  const tile = (id: string, x: number, of = id) => ({
    ...{ id, kind: 'question', ...at(x, 0, 2), title: id },
    question: { ...TREND, filter: { field: 'page', op: 'neq', value: of } },
  });
  const board = await done<BoardAnswer>('POST', '/api/boards', {
    name: 'Lines',
    tiles: [tile('slow', 0), tile('quick', 2), tile('broken', 4), tile('last', 6), tile('over', 8)],
  });
  const share = await done<CreatedShare>('POST', `/api/boards/${board.id}/shares`, { name: 'Link' });
  const ways = [
    [`/api/boards/${board.id}/query`, server.credentials.admin_key, 'internal'],
    ['/api/share/query', share.token, 'conflict'],
  ] as const;
  for (const [path, token, code] of ways) {
    const slow = Promise.withResolvers<void>();
    moving.beforeRead = async (params) => {
      if (Object.values(params).includes('slow')) await slow.promise;
      if (Object.values(params).includes('broken')) throw new Error('a bug');
    };
    const lines = await linesOf(server.url + path, token);
    const head = (await lines.next()) as BoardAnswers;
    assert.deepEqual([head.as_of, head.tiles], [String(moving.next - 1), []]);
    const told = [await lines.next(), await lines.next(), await lines.next(), await lines.next()];
    await bench.load('events', [purchase(project, `l${moving.next}`)], moving.next);
    moving.next += 1;
    slow.resolve();
    told.push(await lines.next());
    const tiles = told as BoardAnswers['tiles'];
    assert.equal(tiles.at(-1)?.id, 'slow');
    assert.deepEqual(tiles.map(({ id }) => id).toSorted(), ['broken', 'last', 'over', 'quick', 'slow']);
    for (const each of tiles)
      if (each.state === 'answered') assert.equal(each.answer.as_of, head.as_of, each.id);
      else assert.deepEqual([each.id, each.error.code], ['broken', code]);
    assert.deepEqual([await lines.next(), await lines.next()], [{ state: 'end' }, undefined]);
  }
  const bad = await fetch(server.url + ways[0][0], {
    ...{ method: 'POST', body: '{"tiles":["nothing"]}' },
    headers: headersOf(server.credentials.admin_key),
  });
  assert.deepEqual([bad.status, bad.headers.get('content-type')], [400, 'application/json']);
  assert.match(await bad.text(), /The board has no tile/u);
  const plain = await send<BoardAnswers>('POST', ways[0][0], {});
  assert.deepEqual([plain.json.tiles.length, plain.headers.get('vary')], [5, 'Accept']);
});

test('whoever goes away while lines are told stops the rest', async (t) => {
  const { done, server, moving } = await serveBoards(t, bench, NOW_MS);
  const tiles = Array.from({ length: 12 }, (_, n) => ({
    ...{ id: `t${n}`, kind: 'question', ...at(0, n, 1, 1) },
    question: { ...TREND, filter: { field: 'page', op: 'neq', value: `gone ${n}` } },
  }));
  const board = await done<BoardAnswer>('POST', '/api/boards', { name: 'Left', tiles });
  const ended = Promise.withResolvers<void>();
  let reads = 0;
  moving.beforeRead = async (_params, signal) => {
    reads += 1;
    if (signal?.aborted === false) await once(signal, 'abort', { signal: AbortSignal.timeout(120_000) });
    ended.resolve();
  };
  const gone = new AbortController();
  const path = `${server.url}/api/boards/${board.id}/query`;
  const lines = await linesOf(path, server.credentials.admin_key, gone.signal);
  await lines.next();
  gone.abort();
  await ended.promise;
  await done('GET', '/api/boards');
  assert.ok(reads <= BOARD_LIMITS.askedAtOnce, `${reads} tiles were begun for nobody`);
});

test('a metric or an insight that is gone shows in its tile, with what to do', async (t) => {
  const { done, refused, project, metrics, boards, moving } = await serveBoards(t, bench, NOW_MS);
  await bench.load('events', [purchase(project, 'm1'), purchase(project, 'm2')], 70);
  moving.next = 71;
  const saving = { project, by: PLATFORM };
  const metric = await metrics.create(
    newMetricSchema.parse({ name: 'orders', title: 'Orders', events: 'purchase' }),
    saving,
  );
  const asked = { kind: 'metric', metric: 'orders', interval: 'total', range: 'last 7 days' };
  assert.match(
    await refused('POST', '/api/insights', { name: 'X', question: { ...asked, metric: 'odrers' } }),
    /^400 invalid_request question\.metric: There is no metric "odrers"/u,
  );
  const insight = await done<InsightAnswer>('POST', '/api/insights', { name: 'Orders', question: asked });
  const tiles = [
    { id: 'metric', kind: 'insight', insight: insight.id, ...at(0, 0) },
    { id: 'plain', kind: 'question', question: TREND, ...at(4, 0) },
  ];
  const board = await done<BoardAnswer>('POST', '/api/boards', { name: 'Metrics', tiles });
  const read = async () => (await done<BoardAnswers>('POST', `/api/boards/${board.id}/query`, {})).tiles;
  assert.deepEqual(
    (await read()).map(({ state }) => state),
    ['answered', 'answered'],
  );
  await metrics.remove(metric.id, saving);
  const [gone, plain] = await read();
  assert.ok(gone?.state === 'failed' && plain?.state === 'answered');
  assert.match(gone.error.message, /There is no metric "orders".*Change what this tile asks/u);
  const missing = await boards.boards.find(DEFAULT_PROJECT, board.id);
  assert.ok(missing !== undefined);
  const content = newBoardSchema.parse({ name: 'x', tiles: [{ ...tiles[0], insight: 'ins_gone' }] });
  const { tiles: told } = await boards.reader.read({
    ...{ project: DEFAULT_PROJECT, board: { ...missing, content }, values: {} },
    ...{ moment: boards.reader.moment(DEFAULT_PROJECT), allow: () => Promise.resolve() },
    signal: new AbortController().signal,
  });
  assert.ok(told[0]?.state === 'failed');
  assert.match(
    told[0].error.message,
    /"ins_gone" that this tile shows is not there any more. Choose another one/u,
  );
});

test('the page says what may be drawn how, and the limits that there are; its examples work', async (t) => {
  const { page, bodies } = readPage('boards');
  const { done } = await serveBoards(t, bench, NOW_MS);
  const [insight, board] = bodies;
  assert.equal((await done<InsightAnswer>('POST', '/api/insights', insight)).display.stacked, true);
  assert.equal((await done<BoardAnswer>('POST', '/api/boards', board)).name, 'Shop');
  const rows = [...page.matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) \| ((?:`[a-z]+`(?:, )?)+) \|$/gmu)];
  const names = (text = ''): string[] => [...text.matchAll(/`([a-z_]+)`/gu)].map(([, name = '']) => name);
  const told = rows.flatMap(([, kinds, displays]) => names(kinds).map((kind) => [kind, names(displays)]));
  assert.deepEqual(Object.fromEntries(told), DISPLAYS_OF);
  const count = (number: number): string => number.toLocaleString('en');
  for (const limit of [
    `${count(SAVED_LIMITS.insightsMax)} insights and ${SAVED_LIMITS.boardsMax} boards a project`,
    `${count(SAVED_LIMITS.insightMax)} characters an insight, ${count(SAVED_LIMITS.boardMax)} a board`,
    `${BOARD_LIMITS.tilesMax} tiles, ${BOARD_LIMITS.variablesMax} variables and ${BOARD_LIMITS.choicesMax} choices`,
    `${count(BOARD_LIMITS.textMax)} characters a text; ${SAVED_LIMITS.versionsMax} versions`,
    `${count(ANNOTATION_LIMITS.annotationsMax)} annotations a project, ${count(ANNOTATION_LIMITS.textMax)} characters each`,
  ])
    assert.ok(page.includes(limit), limit);
});

test('the order of names within a tile is no change of it', async (t) => {
  const { done } = await serveBoards(t, bench, NOW_MS);
  const tile = { id: 'a', kind: 'text', text: 'Hello', ...at(0, 0) };
  const turned = Object.fromEntries(Object.entries(tile).reverse());
  const { id } = await done<BoardAnswer>('POST', '/api/boards', { name: 'One', tiles: [tile] });
  await done('PUT', `/api/boards/${id}`, { name: 'Two', tiles: [turned], version: 1 });
  await done('PUT', `/api/boards/${id}`, { name: 'Two', tiles: [{ ...tile, text: 'Bye' }], version: 2 });
  const { versions } = await done<SavedVersionsAnswer>('GET', `/api/boards/${id}/versions`);
  assert.deepEqual(
    versions.map(({ changed }) => changed),
    [['tiles'], ['name'], []],
  );
});

test('versions are kept, compared, and brought back; insights on boards stay', async (t) => {
  const { done, refused, catalog } = await serveBoards(t, bench, NOW_MS);
  const insight = await done<InsightAnswer>('POST', '/api/insights', { name: 'One', question: TREND });
  const path = `/api/insights/${insight.id}`;
  const second = { name: 'Two', question: { ...TREND, range: 'today' }, version: 1 };
  await done('PUT', path, second);
  const { versions } = await done<SavedVersionsAnswer>('GET', `${path}/versions`);
  assert.deepEqual(
    versions.map(({ version, name, changed, restored }) => [version, name, changed, restored]),
    [
      [2, 'Two', ['name', 'question'], null],
      [1, 'One', [], null],
    ],
  );
  assert.equal((await done<InsightAnswer>('GET', `${path}/versions/1`)).question.range, 'last 7 days');
  assert.match(await refused('GET', `${path}/versions/9`), /^404 not_found Version 9 is not kept/u);
  assert.match(
    await refused('GET', `${path}/versions/x`),
    /^400 invalid_request version: is not the number/u,
  );
  assert.match(
    await refused('POST', `${path}/versions/1/restore`, { version: 1 }),
    /^409 conflict "Two" is at version 2/u,
  );
  const restored = await done<InsightAnswer>('POST', `${path}/versions/1/restore`, { version: 2 });
  assert.deepEqual([restored.name, restored.version, restored.question.range], ['One', 3, 'last 7 days']);
  const [newest] = (await done<SavedVersionsAnswer>('GET', `${path}/versions`)).versions;
  assert.deepEqual([newest?.version, newest?.restored], [3, 1]);
  assert.match(
    await refused('POST', '/api/insights', { name: 'One', question: TREND }),
    /^409 conflict There is a saved insight "One"/u,
  );
  const tile = { id: 'a', kind: 'insight', insight: insight.id, ...at(0, 0) };
  const board = await done<BoardAnswer>('POST', '/api/boards', { name: 'One', tiles: [tile] });
  assert.match(await refused('DELETE', path), /^409 conflict The board "One" shows this insight/u);
  const odd = { name: 'Odd', tiles: [{ ...tile, display: { as: 'funnel' } }] };
  assert.match(await refused('POST', '/api/boards', odd), /^400 invalid_request tiles\.0\.display\.as: /u);
  await done('PUT', `/api/boards/${board.id}`, { name: 'One', tiles: [], version: 1 });
  await done('DELETE', path);
  assert.match(
    await refused('POST', `/api/boards/${board.id}/versions/1/restore`, { version: 2 }),
    /^400 invalid_request tiles\.0\.insight: There is no insight/u,
  );
  for (let version = 2; version < 35; version++)
    await done('PUT', `/api/boards/${board.id}`, { name: `Board ${version}`, version });
  const kept = (await done<SavedVersionsAnswer>('GET', `/api/boards/${board.id}/versions`)).versions;
  assert.deepEqual([kept.length, kept[0]?.version, kept.at(-1)?.version], [30, 35, 6]);
  await done('DELETE', `/api/boards/${board.id}`);
  const left = await catalog.db.selectFrom('saved_versions').select('id').execute();
  assert.deepEqual(left, []);
  const entered = await catalog.db
    .selectFrom('audit')
    .select(['action', 'detail'])
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    entered.slice(0, 5).map(({ action, detail }) => `${action} ${detail}`),
    [
      'insight.created {"name":"One","version":1}',
      'insight.changed {"name":"Two","version":2,"changed":"name question"}',
      'insight.changed {"name":"One","version":3,"changed":"name question","restored":1}',
      'board.created {"name":"One","version":1}',
      'board.changed {"name":"One","version":2,"changed":"tiles"}',
    ],
  );
});

test('annotations are notes in time, of the project or of one board or insight', async (t) => {
  const { done, refused } = await serveBoards(t, bench, NOW_MS);
  const board = await done<BoardAnswer>('POST', '/api/boards', { name: 'Noted' });
  const make = (body: object) => done<AnnotationAnswer>('POST', '/api/annotations', body);
  const release = await make({ text: 'Release', from: '2026-11-10T08:00:00Z' });
  assert.deepEqual(
    [release.from, release.to, release.board, release.version],
    ['2026-11-10T08:00:00.000Z', null, null, 1],
  );
  await make({ text: 'Outage', from: '2026-11-01', to: '2026-11-05', board: board.id });
  const list = async (query: string) => {
    const { annotations } = await done<AnnotationsAnswer>('GET', `/api/annotations${query}`);
    return annotations.map(({ text }) => text);
  };
  assert.deepEqual(await list(''), ['Release']);
  assert.deepEqual(await list(`?board=${board.id}`), ['Outage', 'Release']);
  assert.deepEqual(await list(`?board=${board.id}&from=2026-11-04&to=2026-11-06`), ['Outage']);
  assert.deepEqual(await list(`?board=${board.id}&from=2026-11-05&to=2026-11-06`), []);
  assert.deepEqual(await list('?from=2026-11-10T08:00:00Z&to=2026-11-10T08:00:01Z'), ['Release']);
  assert.deepEqual(await list('?to=2026-11-10T08:00:00Z'), []);
  const path = `/api/annotations/${release.id}`;
  const moved = await done<AnnotationAnswer>('PUT', path, { text: 'Release 2', from: 'now-1h', version: 1 });
  assert.deepEqual([moved.text, moved.from, moved.version], ['Release 2', '2026-11-20T11:00:00.000Z', 2]);
  for (const [method, address, body, message] of [
    ['PUT', path, { text: 'x', from: 0, version: 1 }, /^409 conflict The annotation is at version 2/u],
    ['POST', '/api/annotations', { text: ' ', from: 0 }, /^400 invalid_request text/u],
    [
      'POST',
      '/api/annotations',
      { text: 'x', from: 'then' },
      /^400 invalid_request from: "then" is not an instant/u,
    ],
    ['POST', '/api/annotations', { text: 'x', from: 1, to: 1 }, /^400 invalid_request to: must lie behind/u],
    [
      'POST',
      '/api/annotations',
      { text: 'x', from: 1, board: 'brd_none' },
      /^400 invalid_request board: There is no board/u,
    ],
    [
      'POST',
      '/api/annotations',
      { text: 'x', from: 1, board: 'a', insight: 'b' },
      /^400 invalid_request insight/u,
    ],
    ['GET', '/api/annotations?from=now&to=now-1d', undefined, /^400 invalid_request to: must lie behind/u],
    ['PUT', '/api/annotations/ann_none', { text: 'x', from: 0, version: 1 }, /^404 not_found/u],
  ] as const)
    assert.match(await refused(method, address, body), message);
  await done('DELETE', path);
  assert.match(await refused('DELETE', path), /^404 not_found There is no annotation/u);
  await done('DELETE', `/api/boards/${board.id}`);
  assert.deepEqual(await list(`?board=${board.id}`), []);
});

interface ShopEvent extends Record<string, unknown> {
  readonly timestamp: string;
  readonly context: Row;
  readonly value?: number;
}

/** An event of the shop that the demo shows, as a row. */
const rowOfShop = (project: string, json: string): Row => {
  const { context, properties, timestamp, value, ...event } = JSON.parse(json) as ShopEvent;
  const time = Date.parse(timestamp);
  return {
    ...{ project, ...context, ...(event as Row), value: value === undefined ? null : String(value) },
    ...{ time, received_at: time, properties: JSON.stringify(properties) },
  };
};

const rowsIn = (answer: QueryAnswer): number => Math.max(0, ...listsIn(answer).map((list) => list.length));

function* listsOf(value: unknown): Generator<readonly unknown[]> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) yield value;
  for (const part of Object.values(value)) yield* listsOf(part);
}
const listsIn = (value: unknown): (readonly unknown[])[] => [...listsOf(value)];

/** Numbers of an answer that are not 0, beside those of its frame. */
const numbersIn = (answer: QueryAnswer): number[] => {
  const numbers: number[] = [];
  JSON.stringify(answer, (key, value: unknown) => {
    if (key === 'statistics' || key === 'freshness') return undefined;
    if (typeof value === 'number' && value !== 0) numbers.push(value);
    return value;
  });
  return numbers;
};

test('a board of a template has its description, unless it is given another one', async (t) => {
  const { done } = await serveBoards(t, bench, NOW_MS);
  const { templates } = await done<TemplatesAnswer>('GET', '/api/boards/templates');
  const made = async (more: object): Promise<string> =>
    (await done<BoardAnswer>('POST', '/api/boards', { template: 'web', ...more })).description;
  const own = templates.find(({ template }) => template === 'web')?.description;
  assert.notEqual(own, '');
  assert.equal(await made({ name: 'One' }), own);
  assert.equal(await made({ name: 'Two', description: 'Ours.' }), 'Ours.');
  assert.equal(await made({ name: 'Three', description: '' }), '');
});

test('every tile of every template is answered with rows on the shop of the demo', async (t) => {
  const { done, project, moving } = await serveBoards(t, bench, NOW_MS);
  const startMs = NOW_MS - 10 * 24 * HOUR_MS;
  const simulation = createSimulation({
    seed: 7,
    startMs,
    ratePerSecond: 8_000 / (10 * 24 * 3_600),
    rhythm: 'daily',
  });
  const rows: Row[] = [];
  for (let event = simulation.next(); event.atMs < NOW_MS; event = simulation.next())
    if (event.outcome === 'stored') rows.push(rowOfShop(project, event.json));
  await bench.load('events', rows, 80);
  moving.next = 81;
  const { templates } = await done<TemplatesAnswer>('GET', '/api/boards/templates');
  assert.deepEqual(
    templates.map(({ template }) => template),
    [...TEMPLATES],
  );
  for (const { template, tiles, description } of templates) {
    const parameters = template === 'operations' ? { failure: 'search' } : {};
    const body = { template, name: `My ${template}`, tags: ['made'], parameters };
    const board = await done<BoardAnswer>('POST', '/api/boards', body);
    assert.deepEqual(
      [board.name, board.description, board.tags, board.tiles.length],
      [`My ${template}`, description, ['made'], tiles.length],
    );
    const chosen = { country: { op: 'in', values: ['DE', 'US'] }, timezone: 'Europe/Berlin' };
    for (const variables of template === 'commerce' ? [{}, chosen] : [{}]) {
      const { tiles: answers } = await done<BoardAnswers>('POST', `/api/boards/${board.id}/query`, {
        variables,
      });
      assert.equal(answers.length, tiles.length);
      for (const tile of answers) {
        assert.ok(tile.state === 'answered', `${template} ${JSON.stringify(tile)}`);
        assert.ok(rowsIn(tile.answer) > 0, `${template} ${tile.id} has no rows`);
        // Everybody is somebody in the shop.
        if (tile.id !== 'anonymous')
          assert.ok(numbersIn(tile.answer).length > 0, `${template} ${tile.id} is all zero`);
      }
    }
  }
});
