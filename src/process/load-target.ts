import type { Warehouse } from '../warehouse/client.ts';
import { loadAgain } from '../warehouse/load-again.ts';
import { LOAD_TABLES, type LoadFloors, type LoadTable } from './load-body.ts';
import type { LoadTarget } from './load-loop.ts';

/**
 * The warehouse as a target of loads. `isOurs`: it is the embedded engine, where one load waits for another and a table that is made is there for the next statement; elsewhere a load made again relies on its token.
 */
export const warehouseTarget = (
  warehouse: Warehouse,
  { isOurs }: { readonly isOurs: boolean },
): LoadTarget => ({
  goesByPositions: isOurs,
  load: ({ table, parts }, { token }) => warehouse.load(table, parts, token),
  loadAgain: ({ table, parts, rows }, intent) =>
    isOurs ? loadAgain(warehouse, table, parts, rows, intent) : warehouse.load(table, parts, intent.token),
  async nextPositions() {
    const { rows } = await warehouse.query<{ name: LoadTable; next: number }>(NEXT_POSITIONS_SQL);
    const next = (table: LoadTable): number => rows.find(({ name }) => name === table)?.next ?? 0;
    return {
      ...{ events: next('events'), refused: next('refused') },
      ...{ ledger: next('ledger'), records: next('records') },
    } satisfies LoadFloors;
  },
});

const NEXT_POSITIONS_SQL = LOAD_TABLES.map(
  (table) => `SELECT '${table}' AS name, if(count() = 0, 0, max(position) + 1) AS next FROM ${table}`,
).join(' UNION ALL ');
