import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceContext } from './device-context.ts';

test('browser, system and device are told by the User-Agent', () => {
  const cases: [string, string, string, string][] = [
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36',
      'Chrome',
      'Linux',
      'Desktop',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0',
      'Microsoft Edge',
      'Windows',
      'Desktop',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
      'Mobile Safari',
      'iOS',
      'Mobile',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      'Safari',
      'Mac OS X',
      'Desktop',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 Chrome/130.0 Safari/537.36',
      'Chrome',
      'Android',
      'Tablet',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/26.0 Chrome/130.0 Mobile Safari/537.36',
      'Samsung Internet',
      'Android',
      'Mobile',
    ],
  ];
  for (const [agent, browser, os, device_type] of cases)
    assert.deepEqual(deviceContext(agent), { browser, os, device_type });
});
