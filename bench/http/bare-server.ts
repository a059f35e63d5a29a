import { createServer } from 'node:http';
import { announce } from './child.ts';

/** The yardstick: reads the body, answers 204. Nothing in Node can be faster and still speak HTTP. */
const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(204);
    response.end();
  });
});

server.listen(0, '127.0.0.1', () => announce(server.address(), ''));
