import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUuidV7Source } from './uuid.ts';

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids have the form and the time of a UUIDv7', () => {
  const next = createUuidV7Source({ nowMs: () => 0x0193_4567_89ab });
  const id = next();
  assert.match(id, FORM);
  assert.ok(id.startsWith('01934567-89ab-7'), id);
});

test('ids increase while the clock stands still, jumps back and goes on', () => {
  let nowMs = 1_700_000_000_000;
  const next = createUuidV7Source({ nowMs: () => nowMs });
  let last = '';
  for (let index = 0; index < 30_000; index++) {
    if (index === 10_000) nowMs -= 60_000;
    if (index === 20_000) nowMs += 120_000;
    const id = next();
    assert.match(id, FORM);
    assert.ok(id > last, `${id} after ${last}`);
    last = id;
  }
});
