import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { compileDatePattern } from './date-pattern.ts';
import { ImportError } from './row.ts';
import { timeZone } from './time-zone.ts';
import { timestampReader } from './timestamp.ts';
import { RowError } from './value.ts';

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

test('iso: zones, parts left out, numbers', () => {
  const read = timestampReader('iso', 'Europe/London');
  const cases: [string, string][] = [
    ['2010-12-01T08:26:00', '2010-12-01T08:26:00.000Z'],
    ['2011-07-01T08:26:00', '2011-07-01T07:26:00.000Z'],
    ['2011-07-01T08:26:00Z', '2011-07-01T08:26:00.000Z'],
    ['2011-07-01 08:26:00.123456+02:00', '2011-07-01T06:26:00.123Z'],
    ['2011-07-01T08:26-0530', '2011-07-01T13:56:00.000Z'],
    ['2011-07-01T08:26+02', '2011-07-01T06:26:00.000Z'],
    [' 2011-07-01 ', '2011-06-30T23:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2012-02-29T24:00:00Z', '2012-03-01T00:00:00.000Z'],
    ['1322697600123', '2011-12-01T00:00:00.123Z'],
    ['0001322697600123', '2011-12-01T00:00:00.123Z'],
  ];
  for (const [text, expected] of cases) assert.equal(iso(read(text)), expected, text);
  assert.equal(iso(read({ units: 13226976001239n, scale: 1 })), '2011-12-01T00:00:00.123Z');
  assert.equal(read(''), null);
  assert.equal(read(null), null);
});

test('iso: what is no time is said so', () => {
  const read = timestampReader('iso', 'UTC');
  const cases: [string, RegExp][] = [
    ['2011-02-29', /no day 29/u],
    ['2011-13-01', /no month 13/u],
    ['2011-01-01T25:00', /time of day/u],
    ['01/02/2011', /--date-format/u],
    ['yesterday', /not ISO 8601/u],
    ['1322697600', /--date-format unix/u],
    ['1800-01-01', /1900 to 2299/u],
    ['2011-01-01T00:00+99:00', /zone offset/u],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => read(text),
      (error) =>
        error instanceof RowError && error.code === 'invalid_timestamp' && message.test(error.message),
      text,
    );
  }
});

test('numbers of other units', () => {
  assert.equal(iso(timestampReader('unix', 'UTC')('1322697600.5')), '2011-12-01T00:00:00.500Z');
  assert.equal(iso(timestampReader('unix', 'UTC')('-0.0001')), '1969-12-31T23:59:59.999Z');
  assert.equal(iso(timestampReader('unix_ms', 'UTC')('5')), '1970-01-01T00:00:00.005Z');
  assert.equal(iso(timestampReader('unix_us', 'UTC')('1322697600123456')), '2011-12-01T00:00:00.123Z');
  assert.equal(iso(timestampReader('unix_ns', 'UTC')('1322697600123456789')), '2011-12-01T00:00:00.123Z');
  assert.throws(() => timestampReader('unix', 'UTC')('soon'), /not a number/u);
});

test('patterns read what they say', () => {
  const cases: [string, string, string][] = [
    ['DD/MM/YYYY HH:mm', '01/12/2010 08:26', '2010-12-01T08:26:00.000Z'],
    ['M/D/YYYY H:mm', '12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['YYYYMMDDHHmmss', '20101201082659', '2010-12-01T08:26:59.000Z'],
    ['D MMM YY', '1 Dec 10', '2010-12-01T00:00:00.000Z'],
    ['MMMM D, YYYY h:mm A', 'December 1, 2010 8:26 p.m.', '2010-12-01T20:26:00.000Z'],
    ['h A DD.MM.YYYY', '12 AM 01.12.2010', '2010-12-01T00:00:00.000Z'],
    ['ddd, DD MMM YYYY HH:mm:ss Z', 'Wed, 01 Dec 2010 08:26:00 +0100', '2010-12-01T07:26:00.000Z'],
    ['YYYY-MM-DD[T]HH:mm:ss.SSSSSS', '2010-12-01T08:26:00.123456', '2010-12-01T08:26:00.123Z'],
    ['YYYY-MM-DD HH:mm:ss,S', '2010-12-01 08:26:00,7', '2010-12-01T08:26:00.700Z'],
    ['DD-MMM-YY [at] HH[h]', '01-sept-99 at 08h', '1999-09-01T08:00:00.000Z'],
  ];
  for (const [pattern, text, expected] of cases)
    assert.equal(iso(timestampReader(pattern, 'UTC')(text)), expected, pattern);
});

test('patterns refuse what they do not say', () => {
  const refuses = (pattern: string, text: string, message: RegExp): void =>
    assert.throws(() => timestampReader(pattern, 'UTC')(text), message);
  refuses('DD/MM/YYYY', '1/12/2010', /does not have the form DD\/MM\/YYYY/u);
  refuses('DD/MM/YYYY', '31/02/2010', /no day 31/u);
  refuses('D MMM YYYY', '1 Foo 2010', /name of a month/u);
  refuses('h A D/M/YY', '13 PM 1/1/10', /between 1 and 12/u);
  refuses('DD.MM.YYYY', '01x12x2010', /form/u);
});

test('patterns that cannot work are refused at once', () => {
  for (const pattern of [
    '',
    'HH:mm',
    'YYYY-MM-DD hh:mm',
    'YYYY-MM-DD HH:mm A',
    'YYYY-MM-DD HH:HH',
    'YYYY YY-MM-DD',
    'YYYY-MM-DDTHH',
    'q',
  ]) {
    assert.throws(() => compileDatePattern(pattern), ImportError, pattern);
  }
});

test('time zones: names, offsets, and what is none', () => {
  const noon = Date.UTC(2011, 0, 1, 12);
  assert.equal(iso(timeZone('+05:30').instantOf(noon)), '2011-01-01T06:30:00.000Z');
  assert.equal(iso(timeZone('UTC-3').instantOf(noon)), '2011-01-01T15:00:00.000Z');
  assert.equal(iso(timeZone('utc').instantOf(noon)), '2011-01-01T12:00:00.000Z');
  assert.equal(iso(timeZone('Asia/Kolkata').instantOf(noon)), '2011-01-01T06:30:00.000Z');
  assert.ok(Number.isFinite(timeZone('local').instantOf(noon)));
  assert.throws(() => timeZone('Europe/Lodnon'), /Did you mean "Europe\/London"/u);
  assert.throws(() => timeZone('+25:00'), ImportError);
});

test('clock changes: a skipped time moves on, of a repeated time the first is taken', () => {
  const london = timeZone('Europe/London');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 2, 27, 0, 59))), '2011-03-27T00:59:00.000Z');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 2, 27, 1, 30))), '2011-03-27T01:30:00.000Z');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 2, 27, 2, 0))), '2011-03-27T01:00:00.000Z');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 9, 30, 0, 59))), '2011-10-29T23:59:00.000Z');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 9, 30, 1, 30))), '2011-10-30T00:30:00.000Z');
  assert.equal(iso(london.instantOf(Date.UTC(2011, 9, 30, 2, 0))), '2011-10-30T02:00:00.000Z');
});

test('clock changes at odd minutes are found', () => {
  const newfoundland = timeZone('America/St_Johns');
  assert.equal(newfoundland.instantOf(1_004_227_260_000), 1_004_239_860_000);
});

interface TemporalPlain {
  PlainDateTime: { from(text: string): { toZonedDateTime(zone: string): { epochMilliseconds: number } } };
}

test('property: local times are resolved as Temporal does', () => {
  const { Temporal } = globalThis as unknown as { Temporal: TemporalPlain };
  const zones = [
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Africa/Casablanca',
    'Pacific/Apia',
  ];
  const resolved = new Map(zones.map((zone) => [zone, timeZone(zone)]));
  const times = fc
    .integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2035, 0, 1) })
    .map((ms) => Math.floor(ms / 60_000) * 60_000);
  // Days around clock changes come up often: the end and the start of the months in which most zones change.
  const changes = fc
    .tuple(
      fc.integer({ min: 1980, max: 2034 }),
      fc.constantFrom(2, 3, 9, 10),
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 0, max: 239 }),
    )
    .map(([year, month, day, minute]) => Date.UTC(year, month, day, 0, minute));
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.oneof(times, changes), (zone, localMs) => {
      const text = new Date(localMs).toISOString().slice(0, -1);
      const expected = Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds;
      assert.equal(resolved.get(zone)?.instantOf(localMs), expected, `${zone} ${text}`);
    }),
    { numRuns: 5_000 },
  );
});

test('property: iso text of any instant is read back', () => {
  const read = timestampReader('iso', 'America/New_York');
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2299-12-31'), noInvalidDate: true }),
      (date) => {
        assert.equal(read(date.toISOString()), date.getTime());
        const pattern = timestampReader('DD.MM.YYYY HH:mm:ss.SSS', 'UTC');
        const [day = '', time = ''] = date.toISOString().slice(0, -1).split('T');
        assert.equal(pattern(`${day.split('-').reverse().join('.')} ${time}`), date.getTime());
      },
    ),
  );
});
