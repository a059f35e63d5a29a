import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snippet, WAYS } from './snippets.ts';

const destination = { url: 'https://events.example.com', key: 'aev_w_1' };

test('every way names the address and the key', () => {
  for (const way of WAYS) {
    const text = snippet(way, destination);
    assert.ok(text.includes('events.example.com'), way);
    assert.ok(text.includes('aev_w_1'), way);
  }
});
