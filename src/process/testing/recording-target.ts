import { readNative } from './read-native.ts';
import type { LoadTarget } from '../load-loop.ts';
import type { LoadFloors, LoadTable } from '../load-body.ts';

/** A warehouse for tests: keeps rows, knows tokens, and fails when it is told to. */
export class RecordingTarget implements LoadTarget {
  readonly rows: Record<LoadTable, Record<string, unknown>[]> = {
    ...{ events: [], refused: [] },
    ...{ ledger: [], records: [] },
  };
  readonly #tokens = new Set<string>();
  loads = 0;
  /** Called before each insert; may throw. `after`: the rows are in, the answer is lost. */
  onLoad: (table: LoadTable, when: 'before' | 'after') => void = () => undefined;

  async load(table: LoadTable, native: readonly Uint8Array[], token: string): Promise<void> {
    await Promise.resolve();
    this.onLoad(table, 'before');
    this.loads++;
    const key = `${table} ${token}`;
    if (!this.#tokens.has(key)) this.rows[table].push(...readNative(Buffer.concat(native)));
    this.#tokens.add(key);
    this.onLoad(table, 'after');
  }

  async nextPositions(): Promise<LoadFloors> {
    await Promise.resolve();
    const next = (table: LoadTable): number =>
      this.rows[table].reduce((most, row) => Math.max(most, Number(row['position']) + 1), 0);
    return {
      events: next('events'),
      refused: next('refused'),
      ledger: next('ledger'),
      records: next('records'),
    };
  }

  /** Sums of the ledger: account (with its reason) -> events. */
  ledger(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { account, reason, events } of this.rows.ledger) {
      const key = reason === '' ? String(account) : `${String(account)}/${String(reason)}`;
      sums[key] = (sums[key] ?? 0) + Number(events);
    }
    return sums;
  }

  /** Ids of stored events, in the order of loading. */
  ids(): string[] {
    return this.rows.events.map(({ id }) => String(id));
  }
}
