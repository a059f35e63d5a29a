import { createHash } from 'node:crypto';
import type { Warehouse } from './client.ts';
import { quoteString } from './quote.ts';
import {
  ASKER,
  DATABASE,
  PROJECT_SETTING,
  PUBLIC_TABLES,
  type PublicTable,
  SIGNATURE_CHARS,
  VIEWS_DATABASE,
} from './public-tables.ts';

const MARK_CHARS = 16;

/** The view of a table, without its comment: a projection of the columns that are public, of one project. */
const viewSql = ({ name, columns }: PublicTable): string =>
  `CREATE OR REPLACE VIEW ${VIEWS_DATABASE}.${name} DEFINER = ${ASKER} SQL SECURITY DEFINER AS
SELECT ${columns.map((column) => column.name).join(', ')} FROM ${DATABASE}.${name}
WHERE project = substring(getSetting('${PROJECT_SETTING}'), ${SIGNATURE_CHARS + 1})`;

const markOf = (sql: string): string => createHash('sha256').update(sql).digest('hex').slice(0, MARK_CHARS);

/**
 * Makes the views that users' SQL reads, unless they are there as this program wants them: their comments say what they were made from. For the embedded engine only, whose users and policies give them their meaning. The tables must
 * be there. Throws WarehouseError.
 */
export const makeQuestionViews = async (warehouse: Warehouse): Promise<void> => {
  const { rows } = await warehouse.query<{ name: string; comment: string }>(
    `SELECT name, comment FROM system.tables WHERE database = ${quoteString(VIEWS_DATABASE)}`,
    {},
    { class: 'control' },
  );
  const made = new Map(rows.map(({ name, comment }) => [name, comment]));
  const missing = PUBLIC_TABLES.filter((table) => made.get(table.name) !== markOf(viewSql(table)));
  if (missing.length === 0) return;
  await warehouse.command(`CREATE DATABASE IF NOT EXISTS ${VIEWS_DATABASE}`);
  for (const table of missing) {
    const sql = viewSql(table);
    await warehouse.command(`${sql} COMMENT ${quoteString(markOf(sql))}`);
  }
};
