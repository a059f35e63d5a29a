import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportOutcome } from './importer.ts';
import { renderPreview, renderSummary } from './summary.ts';
import { Tally } from './tally.ts';

const outcomeOf = (change: (tally: Tally) => void, more: Partial<ImportOutcome> = {}): ImportOutcome => {
  const tally = new Tally();
  change(tally);
  return {
    kind: 'done',
    importId: 'ba7816bf8f01cfea',
    tally,
    elapsedMs: 2_000,
    state: undefined,
    isResumable: true,
    ...more,
  };
};

test('the summary of an import', () => {
  const outcome = outcomeOf((tally) => {
    tally.read = 10_008;
    tally.accepted = 10_000;
    tally.time(Date.UTC(2010, 11, 1));
    tally.time(Date.UTC(2011, 11, 9));
    for (let row = 1; row <= 7; row++)
      tally.refuse('invalid_timestamp', 'timestamp (at): "x" is not a time', row);
    tally.refuse('unreadable_row', 'the row has 2 columns, the header has 3', 99);
  });
  assert.equal(
    renderSummary(outcome, 'http://127.0.0.1:8080', 'aevum import x'),
    `Done.
  import       ba7816bf8f01cfea
  rows read    10,008
  accepted     10,000
  quarantined  8
    7 × invalid_timestamp (row 1, 2, 3, 4, 5, …): timestamp (at): "x" is not a time
    1 × unreadable_row (row 99): the row has 2 columns, the header has 3
  data from    2010-12-01T00:00:00.000Z to 2011-12-09T00:00:00.000Z
  took         2.0 s, 5,004 rows/s
See it (with a read or admin key):
  curl http://127.0.0.1:8080/api/query -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{"kind":"trend","measure":"count","range":{"from":"2010-12-01T00:00:00.000Z","to":"2011-12-09T00:00:00.001Z"},"interval":"auto","by":["type"]}'`,
  );
});

test('an interrupted import says how to go on, or that it cannot', () => {
  const outcome = outcomeOf((tally) => void (tally.accepted = 5), { kind: 'interrupted' });
  assert.match(
    renderSummary(outcome, 'http://h', 'aevum import x.csv'),
    /^Interrupted\.[\s\S]*go on exactly there[\s\S]*aevum import x\.csv$/u,
  );
  assert.match(renderSummary({ ...outcome, isResumable: false }, 'http://h', 'x'), /cannot be resumed/u);
});

test('a complete import says that there is nothing to do', () => {
  const state = {
    ...{ id: 'x', settled: true, stored: 2, quarantined: 1, next_row: 4, last_row: 3 },
    ...{ missing: { ranges: [], complete: true }, quarantined_rows: { ranges: [], complete: true } },
    ...{ first_timestamp: null, last_timestamp: null },
  };
  const outcome = outcomeOf((tally) => void (tally.before = 3), { kind: 'complete_before', state });
  assert.match(
    renderSummary(outcome, 'http://h', 'x'),
    /^All 3 rows[\s\S]*--again[\s\S]*In quarantine: 1 row\.[\s\S]*--retry-quarantined/u,
  );
});

test('the preview of a dry run', () => {
  const text = renderPreview({
    format: 'csv',
    compression: 'gzip',
    columns: ['a', 'b'],
    notes: ['delimiter: comma'],
    mapping: ['type = "x"'],
    events: [
      { row: 1, json: '{"id":"<file>:1"}' },
      { row: 2, problem: 'no' },
    ],
  });
  assert.equal(
    text,
    'Format: csv, gzip; delimiter: comma\nColumns: a, b\nMapping:\n  type = "x"\nThe first 2 rows would be sent as:\n  1: {"id":"<file>:1"}\n  2: quarantined: no\nNothing was sent: this was a dry run.',
  );
});
