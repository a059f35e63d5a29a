import { readNative } from './read-native.ts';
import type { LoadTarget } from '../load-loop.ts';
import type { LoadBody, LoadFloors, LoadTable } from '../load-body.ts';
import type { LoadIntent } from '../load-intent.ts';

/** A warehouse for tests: keeps rows, completes loads by their positions, and fails when it is told to. */
export class RecordingTarget implements LoadTarget {
  readonly rows: Record<LoadTable, Record<string, unknown>[]> = {
    ...{ events: [], refused: [] },
    ...{ ledger: [], records: [] },
  };
  loads = 0;
  /** Called before each insert; may throw. `after`: the rows are in, the answer is lost. */
  onLoad: (table: LoadTable, when: 'before' | 'after') => void = () => undefined;

  readonly goesByPositions = true;

  /** What is loaded twice so is there twice. */
  load(body: LoadBody): Promise<void> {
    return this.#insert(body, () => false);
  }

  loadAgain(body: LoadBody, { from, to }: LoadIntent): Promise<void> {
    const isOfLoad = (row: Record<string, unknown>): boolean =>
      Number(row['position']) >= from && Number(row['position']) < to;
    return this.#insert(body, () => this.rows[body.table].some(isOfLoad));
  }

  async #insert({ table, parts }: LoadBody, isThere: () => boolean): Promise<void> {
    await Promise.resolve();
    this.onLoad(table, 'before');
    this.loads++;
    if (!isThere()) this.rows[table].push(...readNative(Buffer.concat(parts)));
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
