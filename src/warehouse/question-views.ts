import { createHash } from 'node:crypto';
import type { Warehouse } from './client.ts';
import { quoteString } from './quote.ts';
import {
  ASKER,
  DATABASE,
  PROJECT_SETTING,
  PUBLIC_TABLES,
  type PublicTable,
  REHEARSAL_DATABASE,
  SIGNATURE_CHARS,
  VIEWS_DATABASE,
} from './public-tables.ts';

const MARK_CHARS = 16;

const DATABASES = [VIEWS_DATABASE, REHEARSAL_DATABASE];

/** The view of a table, without its comment: a projection of the columns that are public, of one project. */
const viewSql = ({ name, columns }: PublicTable): string =>
  `CREATE OR REPLACE VIEW ${VIEWS_DATABASE}.${name} DEFINER = ${ASKER} SQL SECURITY DEFINER AS
SELECT ${columns.map((column) => column.name).join(', ')} FROM ${DATABASE}.${name}
WHERE project = substring(getSetting('${PROJECT_SETTING}'), ${SIGNATURE_CHARS + 1})`;

/** The empty table of a view, without its comment: of the columns and types that the view has when it is made. */
const rehearsalSql = ({ name }: PublicTable): string =>
  `CREATE OR REPLACE TABLE ${REHEARSAL_DATABASE}.${name} AS ${VIEWS_DATABASE}.${name} ENGINE = Null`;

const markOf = (sql: string): string => createHash('sha256').update(sql).digest('hex').slice(0, MARK_CHARS);

/**
 * Makes the views that users' SQL reads and the empty tables that it is judged on, unless they are there as this program wants them: their comments say what they were made from. A view and its table are made one after the other, so
 * that their columns agree. For the embedded engine only, whose users and policies give them their meaning. The tables must be there. Throws WarehouseError.
 */
export const makeQuestionViews = async (warehouse: Warehouse): Promise<void> => {
  const { rows } = await warehouse.query<{ database: string; name: string; comment: string }>(
    `SELECT database, name, comment FROM system.tables
     WHERE database IN (${DATABASES.map(quoteString).join(', ')})`,
    {},
    { class: 'control' },
  );
  const made = new Map(rows.map(({ database, name, comment }) => [`${database}.${name}`, comment]));
  const missing = PUBLIC_TABLES.map((table) => {
    const statements = [viewSql(table), rehearsalSql(table)];
    return { name: table.name, statements, mark: markOf(statements.join(';')) };
  }).filter(({ name, mark }) => DATABASES.some((database) => made.get(`${database}.${name}`) !== mark));
  if (missing.length === 0) return;
  for (const database of DATABASES) await warehouse.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  for (const { statements, mark } of missing)
    for (const sql of statements) await warehouse.command(`${sql} COMMENT ${quoteString(mark)}`);
};
