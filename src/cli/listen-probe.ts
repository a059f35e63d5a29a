import { once } from 'node:events';
import { createServer } from 'node:net';

/** Listens for a moment. Resolves with the system's error if that is not possible, else with undefined. */
export const listenError = async (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> => {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
};
