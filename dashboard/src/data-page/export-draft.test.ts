import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newExportSchema } from '../../../src/contract/exports.ts';
import { type ExportDraft, exportOf } from './export-draft.ts';

const DRAFT: ExportDraft = {
  ...{ name: ' Daily ', kind: 'events', sql: '', insight: '', format: 'csv', every: 'day', at: '06:30' },
  ...{ timezone: 'UTC', range: 'yesterday', keep: '30' },
};

test('what is filled in is an export that the server takes', () => {
  for (const every of ['none', 'hour', 'day', 'week', 'month'] as const)
    for (const more of [
      {},
      { kind: 'insight', insight: 'ins_1' },
      { kind: 'sql', sql: 'SELECT 1', range: 'all time' },
    ] as const) {
      const input = exportOf({ ...DRAFT, ...more, every });
      assert.ok(newExportSchema.safeParse(input).success, JSON.stringify(input));
    }
  assert.equal(exportOf(DRAFT)?.name, 'Daily');
  assert.equal(exportOf({ ...DRAFT, kind: 'sql', sql: 'SELECT 1', range: 'all time' })?.range, undefined);
});

test('while something is missing there is none', () => {
  for (const part of [
    { name: ' ' },
    { kind: 'sql' },
    { kind: 'insight' },
    { keep: '0' },
    { keep: 'many' },
    { at: '' },
    { timezone: '' },
  ] as const)
    assert.equal(exportOf({ ...DRAFT, ...part }), undefined, JSON.stringify(part));
});
