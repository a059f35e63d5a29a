import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { TIME_MAX_MS, TIME_MIN_MS } from './limits.ts';
import { accepted, NOW_MS, refusal } from './testing/decoding.ts';
import { parseEpochMs, parseIsoMs } from './timestamp.ts';

const iso = (text: string): number => {
  const bytes = new Uint8Array(Buffer.from(`##${text}`));
  return parseIsoMs(bytes, 2, bytes.length);
};
const epoch = (text: string): number => {
  const bytes = new Uint8Array(Buffer.from(text));
  return parseEpochMs(bytes, 0, bytes.length);
};

const time = fc.integer({ min: TIME_MIN_MS, max: TIME_MAX_MS });

test('what Date writes is read exactly', () => {
  fc.assert(
    fc.property(time, (ms) => assert.equal(iso(new Date(ms).toISOString()), ms)),
    { numRuns: 2000 },
  );
});

test('offsets are taken off', () => {
  fc.assert(
    fc.property(time, fc.integer({ min: -23 * 60, max: 23 * 60 }), (ms, minutes) => {
      const sign = minutes < 0 ? '-' : '+';
      const two = (value: number): string => String(value).padStart(2, '0');
      const [hour, minute] = [two(Math.floor(Math.abs(minutes) / 60)), two(Math.abs(minutes) % 60)];
      const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
      if (local.length !== 23) return;
      assert.equal(iso(`${local}${sign}${hour}:${minute}`), ms);
      assert.equal(iso(`${local}${sign}${hour}${minute}`), ms);
      if (minute === '00') assert.equal(iso(`${local}${sign}${hour}`), ms);
    }),
  );
});

test('accepted and refused forms', () => {
  const noon = Date.UTC(2026, 10, 20, 12);
  const forms: Record<string, number> = {
    '2026-11-20T12:00Z': noon,
    '2026-11-20T12:00:00Z': noon,
    '2026-11-20t12:00:00z': noon,
    '2026-11-20 12:00:00Z': noon,
    '2026-11-20T12:00:00.1Z': noon + 100,
    '2026-11-20T12:00:00,12Z': noon + 120,
    '2026-11-20T12:00:00.9999999999Z': noon + 999,
    '2026-11-20T14:00:00.123456+02:00': noon + 123,
    '2026-11-20T12:00+00': noon,
    '2026-11-20T12:00:00-00:00': noon,
    '2016-12-31T23:59:60Z': Date.UTC(2017, 0, 1),
    '2024-02-29T00:00:00Z': Date.UTC(2024, 1, 29),
    '2000-02-29T00:00:00Z': Date.UTC(2000, 1, 29),
    '1900-01-01T00:00:00Z': TIME_MIN_MS,
    '2299-12-31T23:59:59.999Z': TIME_MAX_MS,
    '2300-01-01T00:30:00+01:00': Date.UTC(2299, 11, 31, 23, 30),
  };
  for (const [text, ms] of Object.entries(forms)) assert.equal(iso(text), ms, text);
  const bad = [
    '',
    'x',
    '2026-11-20',
    '2026-11-20T12:00:00',
    '2026-11-20T12:00',
    '20261120T120000Z',
    '2026-11-20T12Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T12:60:00Z',
    '2026-11-20T12:00:61Z',
    '2026-11-20T12:00:00.Z',
    '2026-11-20T12:00:00.1',
    '2026-11-20T12:00:00Zx',
    '2026-11-20T12:00:00 Z',
    '2026-11-20T12:00:00+24:00',
    '2026-11-20T12:00:00+02:60',
    '2026-11-20T12:00:00+2',
    '2026-11-20T12:00:00+02:',
    '2026-11-20T12:00:00+0:200',
    '2026/11/20T12:00:00Z',
    '1899-12-31T23:59:59.999Z',
    '2300-01-01T00:00:00Z',
    '1900-01-01T00:00:00+01:00',
    '+002026-11-20T12:00:00Z',
    '2026-11-20T1a:00:00Z',
    '2026-11-20_12:00:00Z',
    '2026-11-20T12:00:0',
    '2026-11-20T12:00:00Ü',
  ];
  for (const text of bad) assert.ok(Number.isNaN(iso(text)), text);
});

test('no text of any form crashes or is taken for another time than Date takes it for', () => {
  const part = fc.constantFrom(
    '2026',
    '-',
    '11',
    '20',
    'T',
    ' ',
    '12',
    ':',
    '00',
    '.',
    '5',
    'Z',
    '+',
    '02',
    '99',
    '1',
    'z',
    '60',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
      const text = parts.join('');
      const ms = iso(text);
      if (Number.isNaN(ms) || /:60|[+-]\d\d$|,| /.test(text)) return;
      assert.equal(ms, Date.parse(text), text);
    }),
    { numRuns: 3000 },
  );
});

test('milliseconds since the epoch', () => {
  fc.assert(fc.property(time, (ms) => assert.equal(epoch(String(ms)), ms)));
  assert.equal(epoch('1.7e12'), 1_700_000_000_000);
  assert.equal(epoch('1700000000000.9'), 1_700_000_000_000);
  assert.equal(epoch('-0.5'), -1);
  assert.equal(epoch('-0'), 0);
  for (const text of ['1e400', '-1e400', '9'.repeat(400), String(TIME_MAX_MS + 1), String(TIME_MIN_MS - 1)])
    assert.ok(Number.isNaN(epoch(text)), text);
});

test('a refused timestamp says what to do', () => {
  const message = (timestamp: unknown): string => {
    const { code, message: text } = refusal({ type: 't', timestamp });
    assert.equal(code, 'invalid_timestamp');
    return text;
  };
  assert.match(
    message('2026-11-20'),
    /is only a date: add a time and a zone, for example "2026-11-20T00:00:00Z"/,
  );
  assert.match(message('2026-11-20T12:00:00'), /has no zone/);
  assert.match(message('1795176000000'), /as a JSON number/);
  assert.match(message('yesterday\n'), /"yesterday\\n" is not ISO 8601/);
  assert.match(message(1e300), /1e\+300 lies outside of the years 1900 to 2299/);
  assert.match(message(true), /"timestamp" is a boolean/);
  assert.match(message('x'.repeat(5000)), /…/);
  assert.ok(message('x'.repeat(5000)).length < 400);
});

test('freshness is judged against the time of receipt, to the millisecond', () => {
  const day = 86_400_000;
  const at = (timestamp: number) => ({ type: 't', timestamp });
  assert.equal(accepted(at(NOW_MS - day))['time'], NOW_MS - day);
  assert.equal(accepted(at(NOW_MS + 600_000))['time'], NOW_MS + 600_000);
  assert.deepEqual(refusal(at(NOW_MS - day - 1)).code, 'too_old');
  assert.deepEqual(refusal(at(NOW_MS + 600_001)).code, 'too_far_in_future');
  assert.match(
    refusal(at(Date.UTC(2022, 2, 1))).message,
    /^The event is of 2022-03-01T00:00:00.000Z, 4 years 265 days before it was received; live collection accepts 1 day\. Use "aevum import"/,
  );
  assert.match(refusal(at(1_795_176_000)).message, /looks like seconds/);
  assert.match(
    refusal(at(NOW_MS + 3_600_000)).message,
    /1 hour after it was received; 10 minutes are accepted/,
  );
  const backfill = { staleMs: null, futureMs: null };
  assert.equal(accepted(at(TIME_MIN_MS), backfill)['time'], TIME_MIN_MS);
  assert.equal(accepted(at(TIME_MAX_MS), backfill)['time'], TIME_MAX_MS);
  assert.equal(refusal(at(TIME_MAX_MS + 1), backfill).code, 'invalid_timestamp');
});
