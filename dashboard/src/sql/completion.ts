import type { SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { bareText } from './statement.ts';

/** Something that may be typed next. */
export interface Choice {
  readonly kind: 'name' | 'column' | 'table' | 'function' | 'keyword' | 'property';
  readonly text: string;
  /** What is put in, where it is another text. */
  readonly put?: string;
  /** What it is, in few words. */
  readonly detail: string;
  readonly info?: string;
}

/** Words of the language, as far as they may be used. */
export const KEYWORDS = (
  'SELECT DISTINCT FROM WHERE GROUP BY ORDER BY HAVING LIMIT OFFSET WITH AS AND OR NOT IN LIKE ILIKE BETWEEN IS NULL CASE WHEN THEN ELSE END ' +
  'JOIN LEFT RIGHT INNER FULL CROSS ANY ALL ON USING ARRAY UNION INTERSECT EXCEPT OVER PARTITION ROWS RANGE UNBOUNDED PRECEDING FOLLOWING CURRENT ROW ' +
  'INTERVAL ASC DESC NULLS FIRST LAST WITH FILL TOTALS ROLLUP CUBE GROUPING SETS QUALIFY WINDOW CAST TRUE FALSE'
)
  .split(' ')
  .filter((word, at, all) => all.indexOf(word) === at);

/** Names that statements may give to tables, whole and short. */
const FROM =
  /\b(?:from|join)\s+(\w+)(?:\s+(?:as\s+)?(?!on\b|using\b|where\b|group\b|order\b|left\b|right\b|inner\b|full\b|cross\b|any\b|array\b|join\b|limit\b|having\b|union\b|prewhere\b|final\b|window\b|qualify\b|with\b)(\w+))?/gi;

/** Which tables a statement reads, by the names that they have in it. */
export const tablesIn = (sql: string): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const [, table = '', alias] of bareText(sql).matchAll(FROM)) {
    names.set(table, table);
    if (alias !== undefined) names.set(alias, table);
  }
  return names;
};

/** How a property is read in SQL. */
export const propertyText = (key: string): string =>
  `JSONExtractString(properties, '${key.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')`;

const NAMED = /\bas\s+([A-Za-z_]\w*)/gi;

/** The names that a statement gives to what it computes. */
const namesIn = (sql: string): readonly string[] => [
  ...new Set([...bareText(sql).matchAll(NAMED)].map(([, name = '']) => name)),
];

const GIVING = /(?:\bas|\b(?:from|join)\s+\w+)\s+\w*$/i;

/** Whether a name is being given where the text ends: nothing that there is may be meant. */
export const isGivingName = (before: string): boolean => GIVING.test(before);

const WORD_BEFORE = /(\w+)\.(\w*)$/;

/**
 * What may be typed at a place. Behind `table.` its columns; otherwise columns of the tables that are read (all, before one is named), tables, functions,
 * words, and properties.
 */
export const choicesAt = (
  sql: string,
  at: number,
  schema: SqlSchemaAnswer,
  properties: readonly string[] = [],
): readonly Choice[] => {
  const tables = tablesIn(sql);
  const columnsOf = (wanted: (table: string) => boolean): readonly Choice[] => {
    const known = new Set<string>();
    return schema.tables
      .filter(({ name }) => wanted(name))
      .flatMap(({ name: table, columns }) =>
        columns.flatMap(({ name, type, doc }): Choice[] => {
          if (known.has(name)) return [];
          known.add(name);
          return [{ kind: 'column', text: name, detail: `${type} · ${table}`, info: doc }];
        }),
      );
  };
  const qualifier = WORD_BEFORE.exec(sql.slice(0, at))?.[1];
  if (qualifier !== undefined) {
    const table = tables.get(qualifier) ?? qualifier;
    return columnsOf((name) => name === table);
  }
  const read = new Set(tables.values());
  const isKnown = schema.tables.some(({ name }) => read.has(name));
  const columns = columnsOf((name) => (isKnown ? read.has(name) : true));
  return [
    ...namesIn(sql)
      .filter((name) => !columns.some(({ text }) => text === name))
      .map((name): Choice => ({ kind: 'name', text: name, detail: 'of this statement' })),
    ...columns,
    ...schema.tables.map(
      ({ name, doc }): Choice => ({ kind: 'table', text: name, detail: 'table', info: doc }),
    ),
    ...schema.functions.flatMap(({ title, names }) =>
      names.map((name): Choice => ({ kind: 'function', text: name, put: `${name}()`, detail: title })),
    ),
    ...KEYWORDS.map((word): Choice => ({ kind: 'keyword', text: word, detail: '' })),
    ...properties.map(
      (key): Choice => ({ kind: 'property', text: key, put: propertyText(key), detail: 'property' }),
    ),
  ];
};
