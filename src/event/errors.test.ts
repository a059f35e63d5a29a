import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ApiError, type ErrorCode, ERRORS } from './errors.ts';
import { errorsReference } from './errors-doc.ts';
import { REASONS } from './outcome.ts';

test('the reference page is current', () => {
  const page = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
  assert.equal(page, errorsReference(), 'run: npm run docs');
});

test('the page names every code once', () => {
  const page = errorsReference();
  for (const code of [...Object.keys(ERRORS), ...Object.keys(REASONS)])
    assert.equal(page.split(`<a id="${code}"></a>`).length, 2, code);
});

test('overload is told as 429 or 503 with a time to come back, never as another failure', () => {
  for (const [code, { status, retryable }] of Object.entries(ERRORS)) {
    assert.equal(retryable, [408, 429, 503].includes(status), code);
    const { retryAfterSeconds } = new ApiError(code as ErrorCode);
    assert.equal(retryAfterSeconds === undefined, !retryable, code);
  }
});

test('messages are whole sentences', () => {
  for (const [code, { message, remedy }] of Object.entries(ERRORS)) {
    assert.match(message, /^[A-Z].*[.]$/s, code);
    assert.match(remedy, /^[A-Z`].*[.]$/s, code);
  }
});

test('an error tells its code, its message and, where given, details, headers and when to come back', () => {
  const error = new ApiError('rate_limited', 'Slower.', {
    retryAfterSeconds: 1.2,
    details: { a: 1 },
    headers: { x: 'y' },
  });
  assert.equal(error.status, 429);
  assert.equal(error.retryAfterSeconds, 2);
  assert.deepEqual(error.toBody(), {
    error: { code: 'rate_limited', message: 'Slower.', details: { a: 1 } },
  });
  assert.deepEqual(new ApiError('not_found').toBody(), {
    error: { code: 'not_found', message: ERRORS.not_found.message },
  });
});
