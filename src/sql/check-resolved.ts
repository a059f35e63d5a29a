import { PUBLIC_TABLES } from '../warehouse/public-tables.ts';
import { refusedFunction } from './check-syntax.ts';
import { mayResolveTo } from './functions.ts';
import { refused } from './problem.ts';

/**
 * The second judgement: what the engine resolved a statement to (`EXPLAIN QUERY TREE`). Names that a parse only spells are tables and functions here, also those that a matcher, an alias or a rewriting brought in. Every line is looked at by itself, whatever
 * section it pretends to be in; lines that are neither a node that is known nor the title of a section are refused, but for the names of columns below their title.
 */

/** Nodes that need no look at what they name. */
const PLAIN_NODES = new Set([
  'QUERY',
  'UNION',
  'LIST',
  'COLUMN',
  'CONSTANT',
  'LAMBDA',
  'LAMBDA_ARGS',
  'IDENTIFIER',
  'JOIN',
  'CROSS JOIN',
  'ARRAY_JOIN',
  'SORT',
  'WINDOW',
  'INTERPOLATE',
]);

const SECTIONS = new Set([
  'PROJECTION',
  'WITH',
  'QUERIES',
  'JOIN TREE',
  'TABLE EXPRESSION',
  'TABLE EXPRESSIONS',
  'LEFT TABLE EXPRESSION',
  'RIGHT TABLE EXPRESSION',
  'JOIN EXPRESSION',
  'JOIN EXPRESSIONS',
  'WHERE',
  'GROUP BY',
  'HAVING',
  'QUALIFY',
  'WINDOW',
  'ORDER BY',
  'PARTITION BY',
  'INTERPOLATE',
  'INTERPOLATE_EXPRESSION',
  'INTERPOLATE EXPRESSION',
  'LIMIT',
  'OFFSET',
  'LIMIT BY',
  'LIMIT BY LIMIT',
  'LIMIT BY OFFSET',
  'ARGUMENTS',
  'ARGUMENT',
  'PARAMETERS',
  'EXPRESSION',
  'FILL FROM',
  'FILL TO',
  'FILL STEP',
  'FILL STALENESS',
  'FRAME BEGIN OFFSET',
  'FRAME END OFFSET',
]);

const COLUMN_NAMES = 'PROJECTION COLUMNS';
const NODE = /^ *([A-Z][A-Z_ ]*) id: \d+(?:, (.*))?$/s;
const FUNCTION_NAME =
  /^(?:alias: .*?, )?function_name: ([A-Za-z_]\w*), function_type: (?:ordinary|aggregate|window)\b/s;
const TABLE_NAME = /(?:^|, )table_name: (\S+?)(?:,|$)/s;
const TABLE_FUNCTION_NAME = /(?:^|, )table_function_name: (\w+)(?:,|$)/s;

/** What the engine reads where there is no FROM. */
const NO_TABLE = 'system.one';

/** Checks every line of the resolved tree against what is let in: of tables, the public ones of `database`. Throws SqlProblem for everything else. */
export const checkResolved = (lines: readonly string[], database: string): void => {
  const tables = new Set([NO_TABLE, ...PUBLIC_TABLES.map(({ name }) => `${database}.${name}`)]);
  let namesFrom = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    if (indent <= namesFrom) namesFrom = Number.POSITIVE_INFINITY;
    const node = NODE.exec(line);
    const text = line.trim();
    if (node !== null) checkNode(node[1] ?? '', node[2] ?? '', tables);
    else if (text === COLUMN_NAMES) namesFrom = Math.min(namesFrom, indent);
    else if (indent <= namesFrom && !isSection(text)) throw unknown(text);
  }
};

const isSection = (text: string): boolean =>
  text === '' || SECTIONS.has(text) || text.startsWith('EXPRESSION ');

const unknown = (text: string): Error =>
  refused(`This may not be used in a statement here (${text.replaceAll(/[^\w ]/g, '').slice(0, 60)}).`);

const checkNode = (kind: string, attributes: string, tables: ReadonlySet<string>): void => {
  if (PLAIN_NODES.has(kind)) return;
  if (kind === 'FUNCTION') return checkFunction(attributes);
  if (kind === 'TABLE') return checkTable(attributes, tables);
  if (kind === 'TABLE_FUNCTION' && TABLE_FUNCTION_NAME.exec(attributes)?.[1] === 'numbers') return;
  throw unknown(kind);
};

const checkFunction = (attributes: string): void => {
  const name = FUNCTION_NAME.exec(attributes)?.[1];
  if (name === undefined) throw unknown('FUNCTION');
  if (!mayResolveTo(name)) throw refusedFunction(name);
};

const checkTable = (attributes: string, tables: ReadonlySet<string>): void => {
  const name = TABLE_NAME.exec(attributes)?.[1];
  if (name === undefined || !tables.has(name))
    throw refused(
      `The tables are ${PUBLIC_TABLES.map((table) => table.name).join(', ')}; there is no other for you.`,
    );
};
