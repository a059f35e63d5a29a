import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { announce } from '../http/child.ts';
import { nowMs } from './subscribers.ts';
import { eventAt } from './event.ts';

/** What one writes first: each event is sent to each client as it comes, as JSON made for that client. Makes the events itself, so it has no other work. */
const [, , rate = '200'] = process.argv;
const BEAT_MS = 10;

const server = createServer();
const sockets = new WebSocketServer({ server });
server.listen(0, '127.0.0.1', () => announce(server.address(), 'none'));

const startedMs = nowMs();
let sent = 0;
setInterval(() => {
  const due = ((nowMs() - startedMs) * Number(rate)) / 1000;
  for (; sent < due; sent++) {
    const event = eventAt(sent, nowMs());
    for (const client of sockets.clients) client.send(JSON.stringify({ op: 'event', event }));
  }
}, BEAT_MS);
