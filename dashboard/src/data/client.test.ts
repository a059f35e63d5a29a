import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from './api.ts';
import { AGAIN_BY_ITSELF } from './client.ts';

const againMs = (data: unknown, error: unknown): number | false =>
  AGAIN_BY_ITSELF.refetchInterval({ state: { data, error } });
const refused = (status: number): ApiError => new ApiError(status, 'some_code', 'Why.');

test('what was never answered because of the moment is asked for again, and nothing else', () => {
  for (const status of [0, 429, 503]) assert.ok(Number(againMs(undefined, refused(status))) > 0, `${status}`);
  for (const status of [400, 403, 404, 500, 504])
    assert.equal(againMs(undefined, refused(status)), false, `${status}`);
  assert.equal(againMs({}, refused(503)), false, 'what there is, is asked for again as ever');
  assert.equal(againMs(undefined, null), false);
});
