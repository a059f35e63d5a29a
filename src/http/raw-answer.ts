import { STATUS_CODES } from 'node:http';
import type { ApiError } from '../event/errors.ts';
import { errorHeaders } from './answer.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** An error as a whole HTTP answer, for a socket that has no response: the last one on its connection. */
export const rawErrorAnswer = (told: ApiError): string => {
  const body = JSON.stringify(told.toBody());
  const headers = {
    ...SECURITY_HEADERS,
    ...errorHeaders(told),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`;
};
