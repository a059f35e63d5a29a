import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importCommand } from './import-command.ts';

const EMPTY = { file: '', type: '', timestamp: '', user: '', timezone: 'UTC' };

test('what is filled in is in the command, in quotes where shells want them', () => {
  assert.equal(importCommand(EMPTY), 'aevum import events.csv \\\n  --dry-run');
  assert.equal(
    importCommand({
      file: "o'clock; rm -rf.csv",
      type: 'order_line',
      timestamp: 'Invoice Date',
      user: 'CustomerID',
      timezone: 'Europe/London',
    }),
    [
      "aevum import 'o'\\''clock; rm -rf.csv'",
      '--type order_line',
      "--map 'timestamp=Invoice Date'",
      '--map user_id=CustomerID',
      '--timezone Europe/London',
      '--dry-run',
    ].join(' \\\n  '),
  );
});
