import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localInput, momentOfAddress, momentParameters, refreshOfAddress, withMoment } from './moments.ts';

const MOMENT = { position: '48211', at: '2026-11-20T12:00:00.000Z' };

test('the address pins a board to a moment, if it says one whole', () => {
  const search = new URLSearchParams(momentParameters(MOMENT) as Record<string, string>).toString();
  assert.deepEqual(momentOfAddress(search), MOMENT);
  for (const bad of ['', 'as_of=1', 'at=2026-11-20', 'as_of=-1&at=2026-11-20', 'as_of=1&at=yesterday'])
    assert.equal(momentOfAddress(bad), undefined, bad);
  assert.deepEqual(momentParameters(null), { as_of: null, at: null });
});

test('moments that were seen are kept once, the newest first, and not for ever', () => {
  const seen = withMoment([], MOMENT);
  assert.equal(withMoment(seen, { ...MOMENT }), seen);
  let many = seen;
  for (let index = 0; index < 30; index += 1) many = withMoment(many, { ...MOMENT, position: `${index}` });
  assert.equal(many.length, 12);
  assert.equal(many[0]?.position, '29');
});

test('a board is asked again as the address says', () => {
  assert.equal(refreshOfAddress('').everyMs, 60_000);
  assert.equal(refreshOfAddress('refresh=10s').everyMs, 10_000);
  assert.equal(refreshOfAddress('refresh=off').everyMs, undefined);
  assert.equal(refreshOfAddress('refresh=1ms').value, '1m');
});

test('an instant goes into a field of the browser and comes back', () => {
  assert.equal(new Date(localInput(MOMENT.at)).toISOString(), MOMENT.at);
});
