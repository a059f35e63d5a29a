import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AUDIT_ACTIONS } from './audit-entry.ts';
import { AUDIT_FAULTS } from './audit-verify.ts';

const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');

test('the page has a row for every action, and no other', () => {
  const rows = [...page.matchAll(/^\| `([a-z]+\.[a-z]+)` \| (.*) \|$/gm)].map(([, action, what]) => [
    action,
    what,
  ]);
  assert.deepEqual(rows, Object.entries(AUDIT_ACTIONS), 'docs/audit.md lists the actions of AUDIT_ACTIONS');
});

test('the page names what verifying may find', () => {
  for (const kind of Object.keys(AUDIT_FAULTS)) assert.ok(page.includes(`\`${kind}\``), kind);
});
