import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as forward,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A request that came by. */
export interface PassedRequest {
  readonly method: string;
  readonly path: string;
  /** What the client was answered; 0 if its connection was cut. */
  readonly status: number;
}

/**
 * Stands before the platform and makes trouble: what is sent next is answered 503 with Retry-After, or is passed on and the answer lost, as in an outage. Only POSTs
 * to addresses that `path` matches are troubled.
 */
export class FlakyProxy {
  readonly requests: PassedRequest[] = [];
  refusals = 0;
  lostAnswers = 0;
  path = /./;
  /** Other statuses to refuse with. */
  status = 503;
  readonly #server: Server;
  readonly #target: string;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  /** Starts one that is gone when the test is over. */
  static async start(t: Pick<TestContext, 'after'>, target: string): Promise<FlakyProxy> {
    const proxy = new FlakyProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.after(() => {
      proxy.#server.closeAllConnections();
      proxy.#server.close();
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The POSTs that came by, as `path status`. */
  get posts(): string[] {
    return this.requests
      .filter(({ method }) => method === 'POST')
      .map(({ path, status }) => `${path} ${status}`);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const isTroubled = request.method === 'POST' && this.path.test(request.url ?? '');
    if (isTroubled && this.refusals > 0) {
      this.refusals--;
      this.#refuse(request, response);
    } else {
      const losesAnswer = isTroubled && this.lostAnswers > 0;
      if (losesAnswer) this.lostAnswers--;
      this.#pass(request, response, losesAnswer);
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    this.#note(request, this.status);
    const { origin = '*' } = request.headers;
    response
      .writeHead(this.status, {
        'retry-after': '1',
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
      })
      .end('{}');
  }

  #pass(request: IncomingMessage, response: ServerResponse, losesAnswer: boolean): void {
    const { method, url = '/', headers } = request;
    const onward = forward(this.#target + url, { method, headers }, (answer) => {
      this.#note(request, losesAnswer ? 0 : (answer.statusCode ?? 0));
      if (losesAnswer) {
        answer.resume();
        answer.on('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  #note(request: IncomingMessage, status: number): void {
    this.requests.push({ method: request.method ?? '', path: request.url ?? '', status });
  }
}
