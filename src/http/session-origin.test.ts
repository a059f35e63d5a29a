import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnOrigin, isOwnRequest } from './session-origin.ts';

const HOST = '127.0.0.1:8080';
const OWN = 'http://127.0.0.1:8080';

test('the origin must be where the request came to', () => {
  assert.ok(isOwnOrigin(OWN, HOST, undefined));
  assert.ok(isOwnOrigin('http://example.com', 'example.com', undefined));
  assert.ok(isOwnOrigin('http://example.com', 'example.com:80', undefined));
  assert.ok(isOwnOrigin('https://example.com', 'example.com', undefined), 'a proxy ends TLS');
  assert.ok(isOwnOrigin('http://[::1]:8080', '[::1]:8080', undefined));
  for (const foreign of [
    'http://127.0.0.1:3000',
    'http://localhost:8080',
    'http://127.0.0.1:8080.evil.example',
    'http://evil.example',
    'null',
    '',
    'file://',
    'chrome-extension://abc',
  ])
    assert.ok(!isOwnOrigin(foreign, HOST, undefined), foreign);
  assert.ok(!isOwnOrigin(OWN, undefined, undefined));
  assert.ok(!isOwnOrigin(OWN, 'a b', undefined));
});

test('behind a proxy the origin must be the public address', () => {
  const publicUrl = 'https://events.example.com';
  assert.ok(isOwnOrigin('https://events.example.com', HOST, publicUrl));
  assert.ok(isOwnOrigin(OWN, HOST, publicUrl), 'reached directly');
  assert.ok(!isOwnOrigin('http://events.example.com', HOST, publicUrl));
  assert.ok(!isOwnOrigin('http://events.example.com', 'events.example.com', publicUrl), 'not over https');
  assert.ok(!isOwnOrigin('https://events.example.com:444', HOST, publicUrl));
  assert.ok(!isOwnOrigin('https://example.com', HOST, publicUrl));
});

test('reading may leave the origin out, changing must not; and nobody may come from another site', () => {
  const own = { host: HOST, origin: OWN };
  assert.ok(isOwnRequest('GET', { host: HOST }, undefined));
  assert.ok(isOwnRequest('HEAD', { host: HOST, 'sec-fetch-site': 'same-origin' }, undefined));
  assert.ok(isOwnRequest('GET', { host: HOST, 'sec-fetch-site': 'none' }, undefined), 'typed in');
  assert.ok(isOwnRequest('POST', { ...own, 'sec-fetch-site': 'same-origin' }, undefined));
  assert.ok(isOwnRequest('DELETE', own, undefined));
  assert.ok(!isOwnRequest('POST', { host: HOST, 'sec-fetch-site': 'same-origin' }, undefined));
  assert.ok(!isOwnRequest('DELETE', { host: HOST }, undefined));
  assert.ok(!isOwnRequest('GET', { host: HOST }, undefined, true), 'a WebSocket');
  for (const site of ['cross-site', 'same-site', 'whatever']) {
    assert.ok(!isOwnRequest('GET', { host: HOST, 'sec-fetch-site': site }, undefined), site);
    assert.ok(!isOwnRequest('POST', { ...own, 'sec-fetch-site': site }, undefined), site);
  }
});
