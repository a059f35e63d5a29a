import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Telemetry } from '../lib/telemetry.ts';
import { toApiError } from './answer.ts';

/** The error as what is told of it, and the names of what was emitted. */
const told = (error: unknown): { code: string; names: string[] } => {
  const names: string[] = [];
  const telemetry = new Telemetry((_level, name) => void names.push(name));
  const { code } = toApiError(error, { method: 'GET', path: '/x' }, telemetry);
  return { code, names };
};

test('what fails inside is logged as an incident', () => {
  assert.deepEqual(told(new Error('secret')), { code: 'internal', names: ['http_request_failed'] });
});

test('a client that hung up is no failure of the server', () => {
  // The words are those of Hono's adapter for Node.
  const gone = told(new Error('Client connection prematurely closed.'));
  assert.deepEqual(gone, { code: 'invalid_request', names: ['http_client_gone'] });
});
