import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockBuilder } from '../event/block-builder.ts';
import { rowViews } from '../event/blocks.ts';
import { EVENTS, REFUSED } from '../event/columns.ts';
import { decodeEvents } from '../event/decode-json.ts';
import { DEFAULT_LIMITS } from '../event/limits.ts';
import { canonicalEvent } from './canonical-event.ts';

const decode = (text: string) => {
  const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  const options = {
    ...{ project: 'default', receivedAtMs: 1_800_000_000_000, staleMs: null, futureMs: null },
    ...{ limits: DEFAULT_LIMITS, newId: () => 'made' },
  };
  decodeEvents(Buffer.from(text), 'single', sink, options);
  return rowViews(sink.events.build());
};

test('what it writes decodes to the same columns', () => {
  const events = [
    { type: 'minimal' },
    {
      ...{ id: 'ü"\\', timestamp: 1_799_999_999_123, type: 'order', source: 'web', version: '1.2.3' },
      ...{ user_id: 'u', session_id: 's', value: -12.5, currency: 'EUR' },
      context: { device_type: 'mobile', os: 'iOS', browser: 'Safari', country: 'DE', page: 'https://a/b?c' },
      properties: { big: 12345678901234567890n.toString(), nested: { list: [1, null, 'x'] } },
    },
  ];
  for (const event of events) {
    const rows = decode(JSON.stringify(event));
    assert.equal(rows.length, 1);
    for (const row of rows) assert.deepEqual(decode(canonicalEvent(row)), [row]);
  }
});
