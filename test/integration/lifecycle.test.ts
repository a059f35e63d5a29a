/** What can become of an event, from POST to trace; and what the platform tells of itself meanwhile. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { QuarantineAnswer, TraceReceipt } from '../../src/contract/events.ts';
import type { LedgerAnswer } from '../../src/contract/ledger.ts';
import type { MetricsAnswer, ReadyAnswer } from '../../src/contract/system.ts';
import { assertBalanced, Client, type Refusal } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const PANE_MS = 10_000;

describe('the life of an event', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-lifecycle-'));
  let platform: Platform;
  let client: Client;

  before(async () => {
    platform = await Platform.start(dataDir, await freePort());
    client = new Client(platform.url);
  });
  after(async () => {
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const receiptOf = async (id: string, index = 0): Promise<TraceReceipt> => {
    const { receipts } = await client.trace(id);
    const receipt = receipts[index];
    assert.ok(receipt !== undefined, `${id} has ${receipts.length} receipts`);
    return receipt;
  };

  test('stored: received, logged, decided, loaded, counted in a pane', async () => {
    const sentMs = Date.now();
    const timestamp = sentMs - HOUR_MS;
    const event = { id: 'e-1', type: 'purchase', timestamp, value: 12.5, currency: 'EUR', user_id: 'u' };
    const { position } = await client.send(event);
    const pending = await client.trace('e-1');
    assert.ok(['pending', 'stored'].includes(pending.state));
    assert.equal(pending.receipts[0]?.logged?.position, position, 'unknown right after the answer');
    await client.settled();
    assert.equal((await client.trace('e-1')).state, 'stored');
    const receipt = await receiptOf('e-1');
    assert.equal(receipt.type, 'purchase');
    assert.equal(receipt.timestamp, new Date(timestamp).toISOString());
    const receivedMs = Date.parse(receipt.received_at);
    assert.ok(receivedMs >= sentMs && receivedMs <= Date.now(), receipt.received_at);
    assert.equal(receipt.logged?.position, position);
    assert.ok(receipt.logged.at !== null && receipt.logged.at >= receipt.received_at);
    assert.ok((receipt.decided?.configuration ?? 0) >= 1);
    assert.equal(receipt.decided?.reason, null);
    assert.ok(receipt.loaded !== null);
    const start = new Date(Math.floor(timestamp / PANE_MS) * PANE_MS).toISOString();
    const [pane, ...others] = receipt.panes;
    assert.deepEqual([pane?.start, pane?.type, pane?.currency, others.length], [start, 'purchase', 'EUR', 0]);
    const { receive_to_log_ms, log_to_decide_ms, decide_to_load_ms, total_ms } = receipt.stages;
    for (const ms of [receive_to_log_ms, log_to_decide_ms, decide_to_load_ms, total_ms])
      assert.ok(ms !== null && ms >= 0 && ms <= Date.now() - sentMs, JSON.stringify(receipt.stages));
    const [stored] = await client.events({ type: 'purchase' });
    assert.equal(stored?.position, receipt.decided?.position);
    const { series, source } = await client.trend({
      measure: { kind: 'sum', of: 'value' },
      types: ['purchase'],
    });
    assert.deepEqual([series[0]?.total_exact, series[0]?.currency, source], ['12.5', 'EUR', 'rollup_10s']);
  });

  test('duplicate: names the position of the first, whether in one request, later, or with other contents', async () => {
    await client.send({ id: 'e-2', type: 'a' }, { id: 'e-2', type: 'b' });
    await client.settled();
    assert.equal((await client.send({ id: 'e-2', type: 'c' })).accepted, 1, 'decided later, not at the door');
    await client.settled();
    const { state, receipts } = await client.trace('e-2');
    assert.equal(state, 'stored');
    assert.deepEqual(receipts.map((each) => each.state).sort(), ['duplicate', 'duplicate', 'stored']);
    const first = receipts.find((each) => each.state === 'stored');
    assert.equal(first?.type, 'a');
    for (const receipt of receipts.filter((each) => each.state === 'duplicate')) {
      assert.equal(receipt.decided?.reason, 'duplicate_id');
      assert.equal(receipt.duplicate_of?.position, first?.decided?.position);
      assert.equal(receipt.duplicate_of?.received_at, first?.received_at);
      assert.deepEqual(receipt.panes, []);
    }
    assert.equal(await client.count({ types: ['a', 'b', 'c'] }), 1);
  });

  test('stale: refused with advice, counted, traceable', async () => {
    const reply = await client.post('{"id":"e-3","type":"t","timestamp":"2022-03-01T00:00:00Z"}');
    assert.equal(reply.status, 422);
    const { error } = JSON.parse(reply.text) as Refusal;
    assert.deepEqual([error.code, error.details?.code], ['event_refused', 'too_old']);
    assert.match(error.message, /2022-03-01.*aevum import/);
    const future = new Date(Date.now() + HOUR_MS).toISOString();
    const { accepted, rejected } = await client.send(
      { id: 'e-4', type: 't', timestamp: future },
      { id: 'e-5', type: 't' },
    );
    assert.equal(accepted, 1);
    assert.deepEqual(
      rejected.map(({ index, id, code }) => [index, id, code]),
      [[0, 'e-4', 'too_far_in_future']],
    );
    await client.settled();
    const receipt = await receiptOf('e-3');
    assert.deepEqual([receipt.state, receipt.decided?.reason], ['stale', 'too_old']);
    assert.match(receipt.decided?.detail ?? '', /aevum import/);
  });

  test('declared as backfill, the same event is stored', async () => {
    const body = '[{"id":"e-6","type":"old","timestamp":"2022-03-01T00:00:00Z"}]';
    const headers = { 'content-type': 'application/json' };
    const path = '/api/events/batch?backfill=history';
    const reply = await client.ask(path, { method: 'POST', body, headers });
    assert.equal(reply.status, 202, reply.text);
    await client.settled();
    assert.equal((await client.events({ type: 'old' }))[0]?.timestamp, '2022-03-01T00:00:00.000Z');
  });

  test('malformed: kept with reason and original bytes', async () => {
    const bodies = [
      '{ "type" : 5,  "id":"e-7" }',
      '{"id":"e-8","properties":{"caf\\u00e9":"é\\ud800"}}',
      '{"type":"t","timestamp":"yesterday", "x" : [ 1 , 2 ] }',
      '"only text"',
    ];
    const reply = await client.post(`[${bodies.join(' ,\n ')}, {"type":"good","id":"e-9"}]`, '/batch');
    assert.equal(reply.status, 202, reply.text);
    const { accepted, rejected } = JSON.parse(reply.text) as {
      accepted: number;
      rejected: { code: string }[];
    };
    assert.equal(accepted, 1);
    const codes = ['invalid_field', 'missing_type', 'invalid_timestamp', 'not_an_object'];
    assert.deepEqual(
      rejected.map(({ code }) => code),
      codes,
    );
    await client.settled();
    const { rows } = await client.get<QuarantineAnswer>('/api/quarantine');
    for (const [index, body] of bodies.entries()) {
      const row = rows.find((each) => each.body === body);
      assert.ok(row !== undefined, `${body} is not among ${JSON.stringify(rows.map((each) => each.body))}`);
      assert.equal(row.reason, codes[index]);
    }
    const receipt = await receiptOf('e-7');
    assert.deepEqual([receipt.state, receipt.decided?.reason], ['quarantined', 'invalid_field']);
  });

  test('an id that nobody sent', async () => {
    const reply = await client.ask('/api/events/nobody/trace');
    assert.equal(reply.status, 404);
    assert.match((JSON.parse(reply.text) as Refusal).error.message, /"nobody"/);
  });

  test('the ledger adds up, and to the same over a restart', async () => {
    const ledger = await client.settled();
    assertBalanced(ledger);
    const { stored, duplicate, stale, quarantined, reasons } = ledger.total;
    assert.deepEqual(
      { stored, duplicate, stale, quarantined },
      { stored: 5, duplicate: 2, stale: 2, quarantined: 4 },
    );
    assert.deepEqual(reasons, {
      duplicate_id: 2,
      too_old: 1,
      too_far_in_future: 1,
      invalid_field: 1,
      missing_type: 1,
      invalid_timestamp: 1,
      not_an_object: 1,
    });
    const perMinute = await client.get<LedgerAnswer>('/api/ledger?by=minute');
    const sum = perMinute.minutes?.reduce((total, { received }) => total + received, 0);
    assert.equal(sum, ledger.total.received);
    assert.equal(await platform.stop(), 0, platform.output);
    platform = await Platform.start(dataDir, platform.port);
    assert.deepEqual((await client.settled()).total, ledger.total);
    assert.equal((await client.trace('e-2')).receipts.length, 3);
  });

  test('metrics count what happened, for Prometheus and as JSON', async () => {
    await client.send({ id: 'm-1', type: 't' }, { id: 'm-1', type: 't' }, { id: 'm-2' });
    await client.settled();
    const sumOf = async (name: string): Promise<number> => {
      const { metrics } = await client.get<MetricsAnswer>('/api/metrics');
      return metrics.filter((each) => each.name === name).reduce((sum, { value }) => sum + value, 0);
    };
    assert.equal(await sumOf('aevum_collect_accepted_total'), 2);
    assert.equal(await sumOf('aevum_collect_rejected_total'), 1);
    await until(
      'the processor has told its metrics',
      async () => (await sumOf('aevum_process_stored_total')) === 1,
    );
    const { text: exposition } = await client.ask('/metrics');
    assert.match(exposition, /^aevum_collect_accepted_total(?:\{.*\})? 2$/m);
    assert.match(
      exposition,
      /^aevum_http_requests_total\{.*route="\/api\/events\/batch".*status="202".*\} 1$/m,
    );
    for (const line of exposition.trimEnd().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? (-?[\d.e+-]+|NaN|[+-]Inf))$/);
    assert.equal((await client.ask('/metrics', { key: 'nobody' })).status, 401);
  });

  test('healthy and ready while it runs; not ready while it stops', async () => {
    const { checks } = await until('it is healthy', async () => {
      const health = await client.health();
      return health.status === 'green' && health;
    });
    assert.ok(
      ['log', 'processor', 'engine', 'warehouse', 'disk'].every((name) =>
        checks.some((each) => each.name === name),
      ),
    );
    assert.deepEqual(await client.get<ReadyAnswer>('/api/ready'), { ready: true, waiting_for: [] });
    // A connection whose request is not finished outlives the end of listening.
    const socket = connect(platform.port, '127.0.0.1');
    socket.write('GET /api/ready HTTP/1.1\r\nHost: a\r\n');
    await until('the server has the beginning', () => socket.bytesWritten > 0 && !socket.connecting);
    const stopped = platform.stop();
    await until('it takes no more connections', async () => {
      return fetch(`${platform.url}/api/ready`).then(
        () => false,
        () => true,
      );
    });
    socket.write('Connection: close\r\n\r\n');
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 503 /);
    assert.deepEqual(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), {
      ready: false,
      waiting_for: ['stop'],
    });
    assert.equal(await stopped, 0);
  });
});
