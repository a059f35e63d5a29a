import { setTimeout as pause } from 'node:timers/promises';
import type { Warehouse } from './client.ts';
import { WEB_TABLES } from './web-tables.ts';
import { WarehouseError } from './warehouse-error.ts';

/**
 * The tables that hold rows of projects, in the order in which those of one are deleted: those that are derived from `events` behind it, the books last. `records` tells of positions, not of projects.
 */
export const PROJECT_TABLES = [
  'refused',
  'events',
  'user_events',
  'rollup_15m',
  ...WEB_TABLES,
  'metric_windows',
  'rollup_10s',
  'ledger',
] as const;

const POLL_MS_MIN = 20;
const POLL_MS_MAX = 1_000;

interface MutationRow {
  readonly mutation_id: string;
  readonly failure: string;
}

/**
 * Deletes the rows of a project and resolves when none is left. Parts that hold its rows are written anew without them, in the background: seconds for millions of rows. May be repeated at
 * any time; one deletion is under way at a time. Throws WarehouseError, also when the engine says why a deletion does not come forward.
 */
export const deleteProjectRows = async (
  warehouse: Warehouse,
  project: string,
  signal: AbortSignal,
): Promise<void> => {
  for (const table of PROJECT_TABLES) await deleteFrom(warehouse, table, project, signal);
};

const deleteFrom = async (
  warehouse: Warehouse,
  table: (typeof PROJECT_TABLES)[number],
  project: string,
  signal: AbortSignal,
): Promise<void> => {
  const options = { class: 'control', signal } as const;
  for (let waitMs = POLL_MS_MIN; ; waitMs = Math.min(waitMs * 2, POLL_MS_MAX)) {
    signal.throwIfAborted();
    const rows = `SELECT count() AS n FROM ${table} WHERE project = {project:String}`;
    const counted = await warehouse.query<{ n: number | string }>(rows, { project }, options);
    if (Number(counted.rows[0]?.n ?? 0) === 0) return;
    const underWay = await warehouse.query<MutationRow>(
      `SELECT mutation_id, latest_fail_reason AS failure FROM system.mutations
       WHERE database = {database:String} AND table = {table:String} AND NOT is_done AND NOT is_killed AND position(command, {quoted:String}) > 0`,
      { database: warehouse.database, table, quoted: `'${project}'` },
      options,
    );
    const failed = underWay.rows.find(({ failure }) => failure !== '');
    if (failed !== undefined)
      throw new WarehouseError('internal', `deleting from ${table} does not come forward: ${failed.failure}`);
    if (underWay.rows.length === 0)
      await warehouse.command(
        `ALTER TABLE ${table} DELETE WHERE project = {project:String} SETTINGS mutations_sync = 0`,
        { project },
        { signal },
      );
    await pause(waitMs, undefined, { signal });
  }
};
