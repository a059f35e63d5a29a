/** Whatever clients send: every text and number of it is in the event that is made of it, and that event can be judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/support/fast-check.ts';
import { BlockBuilder } from '../../event/block-builder.ts';
import { EVENTS, REFUSED } from '../../event/columns.ts';
import { decodeEvents } from '../../event/decode-json.ts';
import { DEFAULT_LIMITS } from '../../event/limits.ts';
import { parseJson } from './json-value.ts';
import { openPosthogBatch } from './posthog/translate.ts';
import { openSegmentBatch } from './segment/translate.ts';
import type { OpenBatch } from './vendor-body.ts';

const RECEIVED_AT_MS = Date.UTC(2026, 10, 21);

/** Leaves that can be found again: no other text contains them. */
const leaf = fc.uuid().map((text) => `<${text}>`);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { withCrossShrink: true, maxDepth: 3 },
    leaf,
    fc.integer({ min: 1_000_000_000_000_000, max: 9_000_000_000_000_000 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 2 }),
    fc.dictionary(
      fc.constantFrom('path', 'url', 'referrer', 'name', 'type', 'version', 'plan', 'a.b', '__proto__'),
      tie('any'),
      { maxKeys: 4 },
    ),
  ),
})).any;

const eventOf = (
  names: readonly string[],
  inner: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<object> =>
  fc.record(
    {
      ...Object.fromEntries(names.map((name) => [name, value])),
      ...Object.fromEntries(
        Object.entries(inner).map(([name, keys]) => [
          name,
          fc.oneof(value, fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 })),
        ]),
      ),
    },
    { requiredKeys: [] },
  );

const CONTEXT = [
  'page',
  'os',
  'browser',
  'device',
  'app',
  'location',
  'country',
  'referrer',
  'sessionId',
  'locale',
  'ip',
  'userAgent',
  'library',
];
const PROPERTIES = [
  'path',
  'url',
  'referrer',
  'revenue',
  'currency',
  'name',
  'category',
  'traits',
  'anonymous_id',
  'segment.type',
  'context.os',
];
const HOG = [
  '$set',
  '$session_id',
  '$os',
  '$os_version',
  '$browser',
  '$pathname',
  '$current_url',
  '$referrer',
  '$revenue',
  '$lib',
  'alias',
  'traits',
  '$group_key',
  '$insert_id',
  'distinct_id',
];

const KINDS: readonly { readonly open: OpenBatch; readonly event: fc.Arbitrary<object> }[] = [
  {
    open: openSegmentBatch,
    event: eventOf(
      [
        'messageId',
        'timestamp',
        'originalTimestamp',
        'event',
        'name',
        'category',
        'userId',
        'anonymousId',
        'groupId',
        'previousId',
        'traits',
        'integrations',
        'channel',
        'x',
      ],
      { type: ['x'], properties: PROPERTIES, context: CONTEXT },
    ).chain((event) =>
      fc
        .constantFrom('track', 'page', 'identify', undefined)
        .map((type) => (type === undefined ? event : { ...event, type })),
    ),
  },
  {
    open: openPosthogBatch,
    event: eventOf(
      [
        'uuid',
        'timestamp',
        'distinct_id',
        '$set_once',
        'session_id',
        'window_id',
        'options',
        'type',
        'messageId',
        'x',
      ],
      {
        $set: ['plan', 'email'],
        properties: HOG,
      },
    ).chain((event) =>
      fc
        .constantFrom('$pageview', '$identify', '$groupidentify', '$create_alias', 'E', undefined)
        .map((name) => (name === undefined ? event : { ...event, event: name })),
    ),
  },
];

const leavesOf = (json: unknown): string[] => {
  if (typeof json === 'string' && json.startsWith('<')) return [json];
  if (typeof json === 'number') return [String(json)];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(leavesOf) : [];
};

const judge = (text: string): { readonly received: number } =>
  decodeEvents(
    Buffer.from(`[${text}]`),
    'batch',
    { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) },
    {
      project: 'p',
      receivedAtMs: RECEIVED_AT_MS,
      staleMs: null,
      futureMs: null,
      limits: DEFAULT_LIMITS,
      newId: () => 'new',
    },
  );

test('every text and number is kept, whatever stands where', () => {
  for (const { open, event } of KINDS)
    fc.assert(
      fc.property(event, (sent) => {
        const body = parseJson(Buffer.from(JSON.stringify(sent)));
        const batch = open(body, {
          receivedAtMs: RECEIVED_AT_MS,
          eventsMax: 10,
          query: new URLSearchParams(),
        });
        const [item] = batch.items;
        assert.ok(item !== undefined);
        const { text } = batch.translate(item);
        for (const each of leavesOf(sent))
          assert.ok(text.includes(each), `${each} of ${JSON.stringify(sent)} is not in ${text}`);
        assert.equal(judge(text).received, 1);
      }),
      { numRuns: 500 },
    );
});
