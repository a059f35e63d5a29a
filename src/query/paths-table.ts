import type { PathNode, PathsAnswer } from '../contract/paths.ts';
import { type Table, tableOfRows } from '../table/table.ts';
import { boolean, integer, number, text } from './table-columns.ts';

/** Paths as a table: one row a link, with the nodes that it joins. */
export const pathsTable = ({ nodes, links }: PathsAnswer): Table => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const rows = links.map(({ source, target, actors }) => ({
    ...{ actors, source: byId.get(source), target: byId.get(target) },
  }));
  type Row = (typeof rows)[number];
  const end = (name: 'source' | 'target') => {
    const of = (row: Row): PathNode | undefined => row[name];
    return [
      integer<Row>(`${name}_level`, (row) => of(row)?.level),
      text<Row>(`${name}_label`, (row) => of(row)?.label),
      boolean<Row>(`${name}_other`, (row) => of(row)?.other),
      integer<Row>(`${name}_actors`, (row) => of(row)?.actors),
    ];
  };
  return tableOfRows<Row>(
    [
      ...end('source'),
      ...end('target'),
      integer('actors', ({ actors }) => actors),
      number('share_of_source', ({ actors, source }) =>
        source === undefined || source.actors === 0 ? null : actors / source.actors,
      ),
    ],
    rows,
  );
};
