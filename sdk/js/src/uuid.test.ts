import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIds } from './uuid.ts';

test('ids are UUIDv7 of their time and increase, whatever the clock does', () => {
  let nowMs = Date.UTC(2026, 10, 20);
  const nextId = createIds(() => nowMs);
  const ids = Array.from({ length: 10_000 }, (_, index) => {
    nowMs += index % 7 === 0 ? -3 : index % 5 === 0 ? 1 : 0;
    return nextId();
  });
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(String(ids[0]).replace('-', '').slice(0, 12), 16), Date.UTC(2026, 10, 20) - 3);
});
