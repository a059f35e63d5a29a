import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  localWords,
  momentOfAddress,
  momentParameters,
  quickTimes,
  refreshOfAddress,
  timeProblem,
  withMoment,
} from './moments.ts';

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

test('the times that are often wanted are those of the zone', () => {
  const nowMs = Date.parse('2026-11-01T00:30:20Z');
  const locals = (zone: string) => quickTimes(nowMs, zone).map(({ local }) => local);
  assert.deepEqual(locals('UTC'), ['2026-10-31T23:30', '2026-11-01T00:00', '2026-11-01T00:00']);
  assert.deepEqual(locals('America/New_York'), ['2026-10-31T19:30', '2026-10-31T00:00', '2026-10-01T00:00']);
  assert.equal(localWords('2026-11-01T00:00'), '1 Nov 2026, 00:00');
});

test('a time before what is known is refused, and one that is not loaded, in the zone', () => {
  const known = { earliest: '2026-10-03T08:12:00.417Z', latest: '2026-11-20T11:59:58.204Z' };
  const problem = (local: string) => timeProblem(local, known, 'Europe/Berlin');
  assert.match(problem('2026-10-03T10:12') ?? '', /the log begins 3 Oct 2026, 10:12:00/u);
  assert.equal(problem('2026-10-03T10:13'), undefined);
  assert.equal(problem('2026-11-20T12:59'), undefined);
  assert.match(problem('2026-11-20T13:00') ?? '', /the last time that can be told is 20 Nov 2026, 12:59:58/u);
  assert.match(problem('') ?? '', /Choose a date/u);
  assert.match(
    timeProblem('2026-11-20T13:00', { earliest: null, latest: null }, 'UTC') ?? '',
    /Nothing can be told yet/u,
  );
});

test('where clocks go back an hour is there twice, and is known as far as its first time', () => {
  // In Berlin 02:00 to 03:00 of that night: from 00:00Z, and again from 01:00Z.
  const known = { earliest: '2026-10-03T08:12:00.417Z', latest: '2026-10-25T01:10:30Z' };
  const problem = (local: string) => timeProblem(local, known, 'Europe/Berlin');
  assert.equal(problem('2026-10-25T02:30'), undefined, 'its first time is known');
  assert.match(problem('2026-10-25T03:00') ?? '', /the last time that can be told is 25 Oct 2026, 02:10:30/u);
});
