import type { PathLink, PathNode, PathsAnswer, PathsRequest } from '../contract/paths.ts';
import { explanationOf, type Insight } from './insight.ts';
import { parsePaths, type PathRow, pathsStatement } from './paths-plan.ts';
import { pathsTable } from './paths-table.ts';

/** What actors do next after an event, or did before one. */
export const pathsInsight: Insight<PathsRequest, PathsAnswer> = {
  table: pathsTable,
  async answer(request, inquiry) {
    const parsed = parsePaths(request);
    const { timeZone, windowMs, direction } = parsed;
    const range = await inquiry.range(request.range, timeZone);
    inquiry.usesProperties(parsed.keys);
    const statement = pathsStatement(parsed, range, inquiry.project, inquiry.context(timeZone));
    const rows = await inquiry.read<PathRow>(statement);
    const nodes = nodesOf(rows, request.depth);
    const reason = 'No rollup knows who did what after what.';
    return {
      kind: 'paths',
      source: 'events',
      ...inquiry.frame(range, timeZone, request.explain ? explanationOf(statement, reason) : undefined),
      direction,
      actor: request.actor,
      label: request.label,
      window_ms: windowMs,
      actors: sumOf(rows.filter(({ level }) => level === 0)),
      nodes,
      links: linksOf(rows, nodes),
    };
  },
};

const sumOf = (rows: readonly PathRow[]): number => rows.reduce((sum, { n }) => sum + Number(n), 0);

/** No label follows `#`, so that the node of the others is never taken for one. */
const idOf = (level: number, isNamed: number, label: string): string =>
  isNamed === 1 ? `${level}:${label}` : `${level}#other`;

const idOfRow = ({ level, is_named: isNamed, label }: PathRow): string => idOf(level, isNamed, label);

const nodesOf = (rows: readonly PathRow[], depth: number): PathNode[] => {
  const total = sumOf(rows.filter(({ level }) => level === 0));
  return [...Map.groupBy(rows, idOfRow)]
    .map(([id, of]) => ({ id, of, rank: Math.min(...of.map(({ rank }) => Number(rank))) }))
    .map(({ id, of, rank }) => ({ node: nodeOf(id, of, total, depth), rank }))
    .sort(
      (a, b) => a.node.level - b.node.level || Number(a.node.other) - Number(b.node.other) || a.rank - b.rank,
    )
    .map(({ node }) => node);
};

const nodeOf = (id: string, rows: readonly PathRow[], total: number, depth: number): PathNode => {
  const { level = 0, is_named: isNamed = 0, label = '' } = rows[0] ?? {};
  const actors = sumOf(rows);
  const dropped = level === depth ? null : sumOf(rows.filter(({ is_end: isEnd }) => isEnd === 1));
  return {
    id,
    level,
    label: isNamed === 1 ? label : null,
    other: isNamed === 0,
    actors,
    share: actors / total,
    dropped,
    drop_off: dropped === null ? null : dropped / actors,
  };
};

const linksOf = (rows: readonly PathRow[], nodes: readonly PathNode[]): PathLink[] => {
  const places = new Map(nodes.map(({ id }, place) => [id, place]));
  const placeOf = (id: string): number => places.get(id) ?? 0;
  return rows
    .filter(({ is_end: isEnd }) => isEnd === 0)
    .map((row) => ({
      level: row.level,
      source: idOfRow(row),
      target: idOf(row.level + 1, row.is_next_named, row.next),
      actors: Number(row.n),
    }))
    .sort(
      (a, b) =>
        a.level - b.level ||
        b.actors - a.actors ||
        placeOf(a.source) - placeOf(b.source) ||
        placeOf(a.target) - placeOf(b.target),
    )
    .map(({ source, target, actors }) => ({ source, target, actors }));
};
