import { BlockBuilder } from '../../event/block-builder.ts';
import type { Block } from '../../event/block.ts';
import { columnIndex, EVENTS, LEDGER, RECORDS, REFUSED } from '../../event/columns.ts';
import { encodeNative } from '../../event/native.ts';
import { SeededRandom } from '../../lib/testing/random.ts';
import type { LoadedTable } from '../client.ts';

/** Rows that look like real ones, the same for the same seed. For tests and benches. */

const MICRO = 1_000_000;
const TYPES = ['page_view', 'click', 'signup', 'purchase', 'search', 'add_to_cart', 'login', 'error'];
const COUNTRIES = ['DE', 'US', 'FR', 'GB', 'IN', 'BR', ''];
const BROWSERS = ['Chrome', 'Safari', 'Firefox', 'Edge'];
const CURRENCIES = ['EUR', 'USD'];

/** What to generate. */
export interface EventsOptions {
  readonly rows: number;
  readonly seed: number;
  /** First event time, milliseconds; the rows spread over `spreadMs` from there. */
  readonly fromMs: number;
  readonly spreadMs?: number;
  readonly project?: string;
}

const pick = <T>(items: readonly [T, ...T[]] | readonly T[], random: () => number): T =>
  items[Math.floor(random() * items.length)] as T;

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const uuidLike = (ms: number, random: () => number): string => {
  const time = Math.max(0, ms).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
};

type EventColumn = (typeof EVENTS)['columns'][number]['name'];

const column = (name: EventColumn): number => columnIndex(EVENTS, name);

const TEXT_COLUMNS = EVENTS.columns.flatMap(({ kind }, index) => (kind === 'string' ? [index] : []));

/** Events of a project, in the order of their times. */
export const makeEvents = (options: EventsOptions): Block<typeof EVENTS> => {
  const seeded = new SeededRandom(options.seed);
  const random = (): number => seeded.next();
  const builder = new BlockBuilder(EVENTS);
  const spreadMs = options.spreadMs ?? 1_000;
  for (let row = 0; row < options.rows; row += 1) {
    const ms = Math.floor(options.fromMs + (row * spreadMs) / options.rows);
    const type = pick(TYPES, random);
    const user = Math.floor(random() * 50_000);
    const texts: Partial<Record<EventColumn, string>> = {
      project: options.project ?? 'default',
      id: uuidLike(ms, random),
      type,
      source: 'web',
      version: '1.2.0',
      user_id: random() < 0.9 ? `user-${user}` : '',
      session_id: `s-${user}-${Math.floor(random() * 3)}`,
      device_type: random() < 0.5 ? 'mobile' : 'desktop',
      os: 'Linux',
      browser: pick(BROWSERS, random),
      country: pick(COUNTRIES, random),
      page: `/products/${Math.floor(random() * 500)}`,
      currency: type === 'purchase' ? pick(CURRENCIES, random) : '',
      properties: `{"plan":"${random() < 0.3 ? 'pro' : 'free'}","items":${Math.floor(random() * 9)},"ref":"${hex(random, 8)}","beta":${random() < 0.1}}`,
    };
    for (const index of TEXT_COLUMNS) builder.text(index, texts[EVENTS.columns[index]?.name ?? 'id'] ?? '');
    builder.int64(column('time'), ms);
    builder.int64(column('received_at'), ms + 5);
    if (type === 'purchase') builder.decimal(column('value'), BigInt(Math.floor(random() * 500 * MICRO)));
    builder.endRow();
  }
  return builder.build();
};

/** A body for `load`, each row at `position`. */
export const nativeBody = (block: Block, position: number): Uint8Array[] => {
  const values = new BigUint64Array(block.rows).fill(BigInt(position));
  const position64 = { name: 'position', type: 'UInt64', values } as const;
  const raw = { name: 'raw_position', type: 'UInt64', values } as const;
  return encodeNative(block, block.table === EVENTS ? [position64, raw] : [position64]);
};

/** A few rows of each of the other tables. */
export const makeOthers = (ms: number, rows: number): Record<Exclude<LoadedTable, 'events'>, Block> => {
  const refused = new BlockBuilder(REFUSED);
  const ledger = new BlockBuilder(LEDGER);
  const records = new BlockBuilder(RECORDS);
  for (let row = 0; row < rows; row += 1) {
    ['default', `r-${row}`].forEach((text, index) => refused.text(index, text));
    refused.int64(columnIndex(REFUSED, 'time'), ms);
    refused.int64(columnIndex(REFUSED, 'received_at'), ms);
    refused.text(columnIndex(REFUSED, 'outcome'), 'duplicate');
    refused.text(columnIndex(REFUSED, 'reason'), 'duplicate_id');
    refused.endRow();
    ledger.text(0, 'default');
    ledger.int64(columnIndex(LEDGER, 'minute'), Math.floor(ms / 60_000) * 60_000);
    ledger.text(columnIndex(LEDGER, 'account'), 'stored');
    ledger.uint64(columnIndex(LEDGER, 'events'), 3);
    ledger.endRow();
    records.uint64(0, row);
    records.int64(columnIndex(RECORDS, 'logged_at'), ms);
    records.int64(columnIndex(RECORDS, 'decided_at'), ms);
    records.endRow();
  }
  return { refused: refused.build(), ledger: ledger.build(), records: records.build() };
};
