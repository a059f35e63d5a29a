import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveAnswer, LiveRequest } from '../../../src/contract/live.ts';
import { LiveClient, type Socket, type World } from './live-client.ts';

/** A server and a clock in the hands of the test. */
class Bench implements World {
  readonly sockets: (Socket & { readonly sent: LiveRequest[]; isClosed: boolean })[] = [];
  losses = 0;
  chance = 0.999_999;
  #now = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  connect(): Socket {
    const sent: LiveRequest[] = [];
    const socket = {
      onmessage: null,
      onclose: null,
      sent,
      isClosed: false,
      send: (text: string) => {
        sent.push(JSON.parse(text) as LiveRequest);
      },
      close: () => {
        socket.isClosed = true;
      },
    };
    this.sockets.push(socket);
    return socket;
  }

  nowMs(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  random(): number {
    return this.chance;
  }

  onLost(): void {
    this.losses += 1;
  }

  get last() {
    const socket = this.sockets.at(-1);
    assert.ok(socket);
    return socket;
  }

  say(answer: LiveAnswer): void {
    this.last.onmessage?.({ data: JSON.stringify(answer) });
  }

  ready(): void {
    this.say({ op: 'ready', project: 'default', permissions: ['data:read'] });
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#now);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#now);
    for (const { run } of due) run();
  }
}

const opened = (): { bench: Bench; client: LiveClient } => {
  const bench = new Bench();
  const client = new LiveClient(bench);
  client.open();
  return { bench, client };
};

const stateOf = (client: LiveClient): string => client.connection.get().state;
const events = (id: string): LiveRequest => ({ op: 'subscribe', id, kind: 'events' });

test('subscriptions wait until the server is ready, and get what is theirs', () => {
  const { bench, client } = opened();
  const heard: string[] = [];
  client.subscribe(events, ({ op }) => heard.push(`one ${op}`));
  client.subscribe(events, ({ op }) => heard.push(`two ${op}`));
  assert.equal(bench.last.sent.length, 0);
  bench.ready();
  assert.equal(stateOf(client), 'open');
  assert.deepEqual(
    bench.last.sent.map((request) => request.op === 'subscribe' && request.id),
    ['s1', 's2'],
  );
  bench.say({ op: 'subscribed', id: 's2' });
  bench.say({ op: 'subscribed', id: 's9' });
  assert.deepEqual(heard, ['two subscribed']);
});

test('what is asked later is sent at once, what is ended is not asked again', () => {
  const { bench, client } = opened();
  bench.ready();
  const end = client.subscribe(events, () => {});
  client.subscribe(events, () => {});
  end();
  assert.deepEqual(bench.last.sent.at(-1), { op: 'unsubscribe', id: 's1' });
  bench.last.onclose?.();
  bench.pass(600);
  bench.ready();
  assert.deepEqual(bench.last.sent, [events('s2')]);
});

test('after a break it comes back with growing pauses, and asks anew from where it was', () => {
  const { bench, client } = opened();
  let position = '5';
  client.subscribe(
    (id) => ({ op: 'subscribe', id, kind: 'events', after: position }),
    () => {},
  );
  bench.ready();
  position = '9';
  bench.last.onclose?.();
  assert.equal(stateOf(client), 'waiting');
  bench.pass(599);
  assert.equal(bench.sockets.length, 1);
  bench.pass(1);
  assert.equal(bench.sockets.length, 2);
  bench.last.onclose?.();
  bench.pass(1199);
  assert.equal(bench.sockets.length, 2);
  bench.pass(1);
  bench.ready();
  assert.deepEqual(bench.last.sent, [{ op: 'subscribe', id: 's1', kind: 'events', after: '9' }]);
  assert.equal(bench.losses, 2);
  // Once it was open, pauses begin anew.
  bench.last.onclose?.();
  bench.pass(600);
  assert.equal(bench.sockets.length, 4);
});

test('a server that does not get ready is not waited for', () => {
  const { bench, client } = opened();
  bench.pass(10_000);
  assert.equal(stateOf(client), 'waiting');
  assert.equal(bench.last.isClosed, true);
});

test('somebody who does not want to wait need not', () => {
  const { bench, client } = opened();
  bench.last.onclose?.();
  client.retryNow();
  assert.equal(stateOf(client), 'connecting');
  bench.ready();
  client.retryNow();
  assert.equal(bench.sockets.length, 2);
  // The pause that was cut short does not connect once more.
  bench.pass(60_000);
  assert.equal(bench.sockets.length, 2);
});

test('a server that is silent though it was asked is gone', () => {
  const { bench, client } = opened();
  bench.ready();
  bench.pass(20_000);
  bench.say({ op: 'unsubscribed', id: 's1' });
  bench.pass(10_000);
  assert.equal(bench.last.sent.length, 0, 'it spoke lately');
  bench.pass(30_000);
  assert.equal(bench.last.sent.length, 1);
  bench.say({ op: 'error', id: 'are-you-there', code: 'not_found', message: '' });
  bench.pass(10_000);
  assert.equal(stateOf(client), 'open');
  bench.pass(30_000);
  bench.pass(10_000);
  assert.equal(stateOf(client), 'waiting');
});

test('once closed it stays closed', () => {
  const { bench, client } = opened();
  bench.ready();
  client.close();
  assert.equal(bench.last.isClosed, true);
  bench.pass(60_000);
  assert.equal(bench.sockets.length, 1);
  assert.equal(stateOf(client), 'closed');
});
