import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockBuilder } from '../event/block-builder.ts';
import { emptyBlock } from '../event/blocks.ts';
import { columnIndex, EVENTS, LEDGER, REFUSED } from '../event/columns.ts';
import { encodeRawRecord } from '../event/record.ts';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { systemClock } from '../lib/clock.ts';
import { createPendingLookup } from './pending-lookup.ts';

const record = (
  project: string,
  ids: readonly string[],
  refusedIds: readonly string[] = [],
): Uint8Array[] => {
  const events = new BlockBuilder(EVENTS);
  for (const id of ids) {
    events.text(columnIndex(EVENTS, 'project'), project);
    events.text(columnIndex(EVENTS, 'id'), id);
    events.text(columnIndex(EVENTS, 'type'), 'click');
    events.int64(columnIndex(EVENTS, 'time'), 1_000);
    events.int64(columnIndex(EVENTS, 'received_at'), 2_000);
    events.endRow();
  }
  const refused = new BlockBuilder(REFUSED);
  for (const id of refusedIds) {
    refused.text(columnIndex(REFUSED, 'project'), project);
    refused.text(columnIndex(REFUSED, 'id'), id);
    refused.endRow();
  }
  return encodeRawRecord({ events: events.build(), refused: refused.build(), received: emptyBlock(LEDGER) });
};

test('finds receipts in the raw log from a position on, of the project alone', async () => {
  const log = createMemoryLog({ clock: systemClock });
  await log.append({ rows: 1 }, record('mine', ['a']));
  const from = await log.append({ rows: 2 }, record('mine', ['b', 'a', 'ab']));
  const second = await log.append({ rows: 2 }, record('mine', ['c'], ['a']));
  await log.append({ rows: 1 }, record('other', ['a']));
  const find = createPendingLookup(log);
  const found = await find('mine', 'a', from);
  assert.deepEqual(
    found.map(({ rawPosition, type, timeMs, receivedMs }) => [rawPosition, type, timeMs, receivedMs]),
    [
      [from, 'click', 1_000, 2_000],
      [second, '', 0, 0],
    ],
  );
  assert.ok(found.every(({ loggedMs }) => loggedMs > 0));
  assert.deepEqual(await find('mine', 'nothing', 0), []);
  assert.deepEqual(await find('mine', 'a', second + 10), []);
  await log.close();
});
