import { connect, type Socket } from 'node:net';

/** What a load generator is told. */
export interface LoadOrder {
  readonly port: number;
  readonly authorization: string;
  readonly path: string;
  readonly eventsPerRequest: number;
  readonly connections: number;
  readonly seconds: number;
}

/** What it found. Only the second half of the time is counted. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

const eventText = (id: number): string =>
  JSON.stringify({
    id: `evt-${process.pid}-${id.toString().padStart(9, '0')}`,
    type: 'page_view',
    user_id: `user-${id % 5000}`,
    session_id: `session-${id % 9000}`,
    properties: { plan: 'pro', page: '/pricing', button: 'buy now', position: id % 10, beta: true },
    context: { device_type: 'mobile', os: 'iOS', browser: 'Safari', country: 'DE' },
  });

/** A closed loop over raw sockets: each connection sends its next request when the answer to the last one has come. */
class Connection {
  readonly #order: LoadOrder;
  readonly #socket: Socket;
  readonly latenciesMs: number[] = [];
  failures = 0;
  isCounting = false;
  #sentMs = 0;
  #next: number;
  #expected = 0;
  #received = 0;

  constructor(order: LoadOrder, index: number) {
    this.#order = order;
    this.#next = index * 10_000_000;
    this.#socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', () => this.failures++);
    this.#socket.on('connect', () => this.#send());
  }

  end(): void {
    this.#socket.destroy();
  }

  #send(): void {
    const { path, authorization, eventsPerRequest } = this.#order;
    const events = Array.from({ length: eventsPerRequest }, () => eventText(this.#next++));
    const body = eventsPerRequest === 1 ? events[0] : `[${events.join(',')}]`;
    this.#sentMs = performance.now();
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body?.length}\r\n\r\n${body}`,
    );
  }

  #onData(chunk: Buffer): void {
    if (this.#expected === 0) this.#begin(chunk.toString('latin1'));
    this.#received += chunk.length;
    if (this.#received < this.#expected) return;
    this.#expected = 0;
    this.#received = 0;
    if (this.isCounting) this.latenciesMs.push(performance.now() - this.#sentMs);
    this.#send();
  }

  #begin(head: string): void {
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    this.#expected = head.indexOf('\r\n\r\n') + 4 + length;
    if (!head.startsWith('HTTP/1.1 20')) this.failures++;
  }
}

const run = async (order: LoadOrder): Promise<LoadResult> => {
  const connections = Array.from({ length: order.connections }, (_, index) => new Connection(order, index));
  const halfMs = (order.seconds * 1000) / 2;
  await new Promise((resolve) => setTimeout(resolve, halfMs));
  for (const connection of connections) connection.isCounting = true;
  const startedMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, halfMs));
  const seconds = (performance.now() - startedMs) / 1000;
  const latencies = connections.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const failures = connections.reduce((sum, connection) => sum + connection.failures, 0);
  for (const connection of connections) connection.end();
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { requestsPerSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), failures };
};

process.once('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result, () => process.exit(0)));
});
