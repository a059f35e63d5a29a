import type { LiveFilter } from '../contract/live.ts';
import type { EventRows } from './event-rows.ts';

/** Says which rows of a record match. Two filters that mean the same have the same key. */
export interface EventFilter {
  readonly key: string;
  matches(rows: EventRows, row: number): boolean;
}

const COLUMNS = ['type', 'source', 'user_id'] as const;

type Condition = (rows: EventRows, row: number) => boolean;

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** A filter that looks at columns, and parses properties only of rows whose columns match. */
export const compileFilter = (filter: LiveFilter): EventFilter => {
  const columns = COLUMNS.flatMap((name) => {
    const values = filter[name];
    return values === undefined ? [] : [{ name, values: sorted(values) }];
  });
  const properties = Object.entries(filter.properties ?? {})
    .map(([name, values]) => ({ name, values: sorted(values) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const conditions: Condition[] = [
    ...columns.map(({ name, values }): Condition => {
      const wanted = new Set(values);
      return (rows, row) => wanted.has(rows.text(name, row));
    }),
    ...properties.map(({ name, values }): Condition => {
      const wanted = new Set(values);
      return (rows, row) => {
        const text = rows.propertyText(name, row);
        return text !== undefined && wanted.has(text);
      };
    }),
  ];
  return {
    key: JSON.stringify([columns, properties]),
    matches: (rows, row) => conditions.every((condition) => condition(rows, row)),
  };
};
