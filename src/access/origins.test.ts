import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOriginAllowed, originProblem, originsOf, storedOrigins } from './origins.ts';

test('an origin is allowed exactly, or by a wildcard for hosts below', () => {
  const allowed = ['https://shop.example.com', 'https://*.example.org', 'http://localhost:3000'];
  const cases: [string | undefined, boolean][] = [
    ['https://shop.example.com', true],
    ['http://shop.example.com', false],
    ['https://shop.example.com:8443', false],
    ['https://shop.example.com.evil.com', false],
    ['https://evilshop.example.com', false],
    ['https://a.example.org', true],
    ['https://a.b.example.org', true],
    ['https://example.org', false],
    ['https://.example.org', false],
    ['https://evilexample.org', false],
    ['https://a.example.org:8443', false],
    ['https://evil.com/.example.org', false],
    ['https://evil.com#.example.org', false],
    ['https://user@evil.com:1.example.org', false],
    ['http://a.example.org', false],
    ['http://localhost:3000', true],
    ['http://localhost', false],
    ['null', false],
    ['', false],
    [undefined, false],
  ];
  for (const [origin, isAllowed] of cases)
    assert.equal(isOriginAllowed(allowed, origin), isAllowed, String(origin));
});

test('origins are taken as browsers write them, and nothing else is', () => {
  const good = [
    'https://shop.example.com',
    'https://*.example.com',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
    'https://xn--bcher-kva.example',
  ];
  for (const origin of good) assert.equal(originProblem(origin), undefined, origin);
  const bad = [
    '*',
    'https://*',
    'https://*.com',
    'https://a.*.com',
    'shop.example.com',
    'https://shop.example.com/',
    'https://Shop.example.com',
    'https://shop.example.com:443',
    'http://shop.example.com:80',
    'https://bücher.example',
    'https://a,https://b',
    'file://x',
    'null',
    '',
    `https://${'a'.repeat(300)}.com`,
  ];
  for (const origin of bad) assert.notEqual(originProblem(origin), undefined, origin);
});

test('origins are stored and read back', () => {
  assert.equal(storedOrigins([]), null);
  assert.deepEqual(originsOf(null), []);
  const origins = ['https://a.example', 'https://*.b.example'];
  assert.deepEqual(originsOf(storedOrigins(origins)), origins);
});
