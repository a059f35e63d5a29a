import { once } from 'node:events';
import { connect } from 'node:net';
import { listenError } from '../listen-probe.ts';
import { type Check, type DoctorContext, failed, type Finding, ok } from '../../doctor/check.ts';

const REQUEST_TIMEOUT_MS = 2_000;

/** The port is free, or Aevum itself listens there. */
export const portCheck: Check = {
  name: 'Port',
  about: 'The port is free, or Aevum itself listens there.',
  run: async ({ config }) => {
    const { host, port } = config;
    if (port === 0) return ok('0: a free one is taken');
    const error = await listenError(host, port);
    const code = error?.code;
    if (error === undefined) return ok(`${port} of ${host} is free`);
    if (code === 'EADDRINUSE') return usedPort(host, port);
    if (code === 'EACCES')
      return failed(`${port} needs privileges that this user lacks`, 'Choose one above 1023: --port 8080');
    return failed(
      `${host} cannot be listened on (${code ?? error.message})`,
      'Use an address of this machine: --host 127.0.0.1, or 0.0.0.0 for all.',
    );
  },
};

const usedPort = async (host: string, port: number): Promise<Finding> => {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const isOurs = await isAevum(`http://${address}:${port}/api/health`);
  if (isOurs) return ok(`${port} of ${host}: Aevum is running there`);
  return failed(
    `${port} of ${host} is used by another program`,
    `Stop that program, or choose another port: --port ${port + 1}`,
  );
};

const isAevum = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null;
  } catch {
    return false;
  }
};

/** Whether something accepts connections at `address`, `host:port`. */
const accepts = async (address: string): Promise<boolean> => {
  const colon = address.lastIndexOf(':');
  const socket = connect({
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** At least one of the Kafka brokers answers. */
export const brokersFinding = async ({ config }: DoctorContext): Promise<Finding> => {
  const answers = await Promise.all(config.kafkaBrokers.map(accepts));
  const reached = answers.filter(Boolean).length;
  const detail = `${reached} of ${answers.length} Kafka brokers accept connections`;
  return reached > 0 ? ok(detail) : failed(detail, 'Start Kafka, or correct --kafka-brokers.');
};
