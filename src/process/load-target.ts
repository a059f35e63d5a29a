import type { Warehouse } from '../warehouse/client.ts';
import { LOAD_TABLES, type LoadFloors, type LoadTable } from './load-body.ts';
import type { LoadTarget } from './load-loop.ts';

/** The warehouse as a target of loads. */
export const warehouseTarget = (warehouse: Pick<Warehouse, 'load' | 'query'>): LoadTarget => ({
  load: (table, native, token) => warehouse.load(table, native, token),
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
