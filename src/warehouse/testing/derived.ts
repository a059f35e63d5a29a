import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import type { Warehouse } from '../client.ts';
import type { DerivedDefinition } from '../derived.ts';
import { DerivedTables } from '../derived-tables.ts';

/** For tests: one derived table, filled by hand. */
export interface Filled {
  readonly tables: DerivedTables;
  covered(): number;
  /** Takes steps until everything that is loaded is covered. */
  catchUp(): Promise<void>;
}

/** What a test chooses. */
export interface FillingTestOptions {
  readonly loaded: () => number;
  readonly stepRowsMax?: number;
}

/** A process of its own that fills a table. */
export const fillingOf = (
  warehouse: Warehouse,
  definition: DerivedDefinition,
  { loaded, stepRowsMax = definition.stepRowsMax }: FillingTestOptions,
): Filled => {
  const tables = new DerivedTables({ warehouse, loaded, clock: systemClock, telemetry: quietTelemetry() });
  const derived = tables.add({ ...definition, stepRowsMax });
  return { tables, covered: () => derived.covered(), catchUp: () => tables.catchUp() };
};
