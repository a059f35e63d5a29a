import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExportSchedule, newExportSchema } from '../contract/exports.ts';
import { fileNameOf, slugOf } from './file-names.ts';
import { lastDue, nextDue } from './schedule.ts';

const daily = (at: string, timezone: string): ExportSchedule => ({ every: 'day', at, timezone });
const hourly = (minute: number, timezone: string): ExportSchedule => ({ every: 'hour', minute, timezone });

const RUNS: readonly (readonly [what: string, schedule: ExportSchedule, after: string, runs: string[]])[] = [
  [
    'clocks go forward over it: as much later, once',
    daily('02:30', 'Europe/Berlin'),
    '2026-03-28T00:00Z',
    ['2026-03-28T01:30Z', '2026-03-29T01:30Z', '2026-03-30T00:30Z'],
  ],
  [
    'clocks go back over it: the first time, once',
    daily('02:30', 'Europe/Berlin'),
    '2026-10-24T12:00Z',
    ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  ],
  [
    'midnight is there twice',
    daily('00:30', 'America/Havana'),
    '2026-10-31T12:00Z',
    ['2026-11-01T04:30Z', '2026-11-02T05:30Z'],
  ],
  [
    'every hour while clocks go back: none twice, none left out',
    hourly(30, 'Europe/Berlin'),
    '2026-10-24T23:00Z',
    ['2026-10-24T23:30Z', '2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'],
  ],
  [
    'every hour while clocks go forward',
    hourly(30, 'Europe/Berlin'),
    '2026-03-29T00:00Z',
    ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T02:30Z'],
  ],
  [
    'every hour where clocks move by half of one: as the clock shows',
    hourly(0, 'Australia/Lord_Howe'),
    '2026-10-03T14:00Z',
    ['2026-10-03T14:30Z', '2026-10-03T16:00Z', '2026-10-03T17:00Z'],
  ],
  [
    'offsets of quarters of hours',
    hourly(15, 'Asia/Kathmandu'),
    '2026-11-20T12:00Z',
    ['2026-11-20T12:30Z', '2026-11-20T13:30Z'],
  ],
  [
    'a day that a zone left out',
    daily('08:00', 'Pacific/Apia'),
    '2011-12-28T19:00Z',
    ['2011-12-29T18:00Z', '2011-12-30T18:00Z', '2011-12-31T18:00Z'],
  ],
  [
    'every week on the day that clocks go back',
    { every: 'week', on: 'sunday', at: '01:30', timezone: 'America/New_York' },
    '2026-10-25T12:00Z',
    ['2026-11-01T05:30Z', '2026-11-08T06:30Z'],
  ],
  [
    'the last day of short months, and a year that ends',
    { every: 'month', day: 31, at: '06:00', timezone: 'Europe/Berlin' },
    '2026-12-31T12:00Z',
    ['2027-01-31T05:00Z', '2027-02-28T05:00Z', '2027-03-31T04:00Z', '2027-04-30T04:00Z'],
  ],
  ['after means after', daily('06:30', 'UTC'), '2026-11-20T06:30Z', ['2026-11-21T06:30Z']],
];

for (const [what, schedule, after, expected] of RUNS)
  test(`exports run when they are due: ${what}`, () => {
    let atMs = Date.parse(after);
    const runs = expected.map(() => {
      const next = nextDue(schedule, atMs);
      // In between, and at the very moment, the last run is the one before.
      if (next - 1 > atMs) assert.equal(nextDue(schedule, next - 1), next);
      assert.equal(lastDue(schedule, next), next);
      assert.ok(lastDue(schedule, next - 1) < next);
      atMs = next;
      return new Date(next).toISOString().replace(':00.000Z', 'Z');
    });
    assert.deepEqual(runs, expected);
  });

test('a year of hours has as many runs as hours, whatever the clocks do', () => {
  const schedule = hourly(7, 'Europe/Berlin');
  const endMs = Date.UTC(2027, 0, 1);
  let runs = 0;
  for (let at = nextDue(schedule, Date.UTC(2026, 0, 1)); at < endMs; at = nextDue(schedule, at)) runs++;
  assert.equal(runs, 365 * 24);
});

test('names of files are made of the pattern, in the zone of the schedule', () => {
  const words = {
    name: 'Übersicht: Länder/Tag',
    dueMs: Date.parse('2026-11-20T23:30:00Z'),
    fromMs: Date.parse('2026-11-19T23:00:00Z'),
    timeZone: 'Europe/Berlin',
  };
  assert.equal(
    fileNameOf('{name}_{date}_{time}', words, 'parquet'),
    'ubersicht-lander-tag_2026-11-21_0030.parquet',
  );
  assert.equal(fileNameOf('visits_{from}', words, 'csv'), 'visits_2026-11-20.csv');
  assert.equal(fileNameOf('latest', words, 'ndjson'), 'latest.ndjson');
  // Clocks go back at 01:00 UTC: the second run of the hour does not take the place of the first.
  const hours = ['2026-10-24T23:05Z', '2026-10-25T00:05Z', '2026-10-25T01:05Z', '2026-10-25T02:05Z'];
  assert.deepEqual(
    hours.map((hour) => fileNameOf('{date}_{time}', { ...words, dueMs: Date.parse(hour) }, 'csv')),
    ['2026-10-25_0105.csv', '2026-10-25_0205.csv', '2026-10-25_0205-2.csv', '2026-10-25_0305.csv'],
  );
  assert.deepEqual(['Ab c', '../..', '日本', 'x'.repeat(90)].map(slugOf), [
    'ab-c',
    'export',
    'export',
    'x'.repeat(60),
  ]);
});

const BASE = { name: 'X', what: { kind: 'question', question: { kind: 'trend' } } };

test('folders and names of files that lead anywhere else are refused', () => {
  const isTaken = (part: object): boolean => newExportSchema.safeParse({ ...BASE, ...part }).success;
  for (const folder of ['a', 'reports/daily', 'A_b-c.d/x', 'a/b/c/d']) assert.ok(isTaken({ folder }), folder);
  for (const folder of [
    '',
    '.',
    '..',
    '../x',
    'a/../b',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a.',
    'a\\b',
    'a b',
    'a\0',
    'a/b/c/d/e',
    'ä',
  ])
    assert.ok(!isTaken({ folder }), folder);
  for (const file of ['x', '{name}', 'a.b_{date}-{time}{from}']) assert.ok(isTaken({ file }), file);
  for (const file of ['', '.x', '../x', 'a/b', '{user}', '{', 'a b', '{name', 'x\n'])
    assert.ok(!isTaken({ file }), file);
  for (const schedule of [
    { every: 'day', at: '24:00' },
    { every: 'day' },
    { every: 'minute' },
    { every: 'month', day: 32, at: '01:00' },
  ])
    assert.ok(!isTaken({ schedule }), JSON.stringify(schedule));
});
