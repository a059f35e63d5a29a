import { BlockBuilder } from '../../src/event/block-builder.ts';
import { EVENTS, REFUSED } from '../../src/event/columns.ts';
import { decodeEvents } from '../../src/event/decode-json.ts';
import { DEFAULT_LIMITS } from '../../src/event/limits.ts';

/** The variants of the decode bench: each handles one body of a batch once and returns the number of its events. */

/** Noon of the day that the generated events are of. */
export const NOW_MS = Date.UTC(2026, 10, 20, 12);
export const BATCH_EVENTS = 1000;

const hex = (value: number, size: number): string => value.toString(16).padStart(size, '0').slice(-size);

const FLAT_TYPES = ['page_view', 'click', 'add_to_cart', 'purchase', 'search'];

/** A flat event of about 265 bytes. */
const flatEvent = (index: number): unknown => ({
  id: `01934567-89ab-7${hex(index, 3)}-8000-${hex(index * 2_654_435_761, 12)}`,
  timestamp: new Date(NOW_MS - (index % 5000)).toISOString(),
  type: FLAT_TYPES[index % FLAT_TYPES.length],
  source: 'web',
  user_id: `user-${index % 5000}`,
  session_id: `s-${hex(index * 40_503, 8)}`,
  context: { os: 'ios', country: 'DE' },
  properties: {
    path: `/products/${index % 100}`,
    position: index % 20,
    ab: index % 2 === 0,
    ref: 'newsletter',
  },
});

/** A nested event of about 330 bytes. */
const nestedEvent = (index: number): unknown => ({
  metadata: {
    event_id: `e-${index}-${hex(index * 2_654_435_761, 12)}`,
    timestamp: NOW_MS - (index % 5000),
    version: '1.2.0',
    source: 'mobile',
  },
  user: {
    id: `user-${index % 5000}`,
    session_id: `s-${hex(index * 40_503, 8)}`,
    attributes: { plan: 'pro' },
  },
  context: {
    device_type: 'phone',
    os_version: '17.2',
    app_version: '4.1',
    location: { country: 'DE', city: 'Berlin' },
  },
  payload: {
    event_type: FLAT_TYPES[index % FLAT_TYPES.length],
    properties: { amount: index % 97, currency: 'EUR' },
    custom_data: { a: 1 },
  },
});

const batch = (make: (index: number) => unknown): unknown[] =>
  Array.from({ length: BATCH_EVENTS }, (_, index) => make(index));

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));

/** The bodies that variants are run on. */
export const BODIES: Readonly<Record<string, () => Uint8Array>> = {
  flat: () => utf8(JSON.stringify(batch(flatEvent))),
  ndjson: () =>
    utf8(
      batch(flatEvent)
        .map((event) => JSON.stringify(event))
        .join('\n'),
    ),
  envelope: () => utf8(JSON.stringify({ events: batch(flatEvent) })),
  nested: () => utf8(JSON.stringify(batch(nestedEvent))),
  escaped: () => utf8(JSON.stringify(batch(flatEvent)).replaceAll('/products', '\\/products')),
  care: () => utf8(JSON.stringify(batch(flatEvent)).replaceAll('"ref":', '"path":')),
};

/** What is done with a body. */
export type Variant = (body: Uint8Array) => number;

const decodeVariant = (): Variant => {
  const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  const options = {
    project: 'default',
    receivedAtMs: NOW_MS,
    staleMs: 86_400_000,
    futureMs: 600_000,
    limits: DEFAULT_LIMITS,
    newId: () => 'none',
  };
  return function decode(body) {
    const { accepted } = decodeEvents(body, 'batch', sink, options);
    sink.events.build();
    return accepted;
  };
};

const parseVariant = (): Variant =>
  function parse(body) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    if (text.startsWith('[')) return (JSON.parse(text) as unknown[]).length;
    if (text.startsWith('{"events"')) return (JSON.parse(text) as { events: unknown[] }).events.length;
    let count = 0;
    for (const line of text.split('\n')) {
      JSON.parse(line);
      count++;
    }
    return count;
  };

/** Makes a variant. `decode` ends with columns ready for the log; `parse` with objects, from which the columns would still have to be made. */
export const VARIANTS: Readonly<Record<string, () => Variant>> = {
  decode: decodeVariant,
  parse: parseVariant,
};
