import type { PathsRequest } from '../../contract/paths.ts';
import { selects } from './revenue-model.ts';
import { holds, type ModelEvent, textOf } from './trend-model.ts';

/** What paths mean, written down naively: the path of every actor is walked event by event. Shares nothing with the code under test but the wire types. */

/** An event that also stands somewhere in the log and on a page. */
export interface ModelPathEvent extends ModelEvent {
  readonly position: number;
  readonly page: string;
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const collapse = (labels: readonly string[], how: PathsRequest['collapse']): string[] => {
  const kept: string[] = [];
  for (const label of labels) {
    if (how === 'repeats' && kept.at(-1) === label) continue;
    if (how === 'loops' && kept.includes(label)) continue;
    kept.push(label);
  }
  return kept;
};

/** The path of every actor that has one: labels level by level. */
export const modelWalks = (
  all: readonly ModelPathEvent[],
  project: string,
  request: PathsRequest,
  windowMs: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string[][] => {
  const column = request.actor === 'user' ? 'user_id' : 'session_id';
  const isBackward = request.to !== undefined;
  const events = all.filter(
    (event) =>
      event.project === project &&
      event[column] !== '' &&
      textOf(event, request.label) !== null &&
      (request.filter === undefined || holds(request.filter, event)),
  );
  const isEnd = (event: ModelPathEvent): boolean =>
    event.timeMs >= fromMs && event.timeMs < toMs && selects(request.to ?? request.from ?? {}, event);
  return [...Map.groupBy(events, (event) => event[column]).values()].flatMap((own) => {
    const sorted = own.toSorted(
      (a, b) =>
        a.timeMs - b.timeMs ||
        a.position - b.position ||
        compareBytes(textOf(a, request.label) ?? '', textOf(b, request.label) ?? '') ||
        Number(isEnd(a)) - Number(isEnd(b)),
    );
    const list = isBackward ? sorted.toReversed() : sorted;
    const start = list.findIndex(isEnd);
    const first = list[start];
    if (first === undefined) return [];
    const labels = list
      .slice(start)
      .filter(({ timeMs }) => Math.abs(timeMs - first.timeMs) <= windowMs)
      .map((event) => textOf(event, request.label) ?? '');
    return [collapse(labels, request.collapse).slice(0, request.depth + 1)];
  });
};

/** The labels that are named at a level, in order. */
const namedAt = (
  walks: readonly string[][],
  level: number,
  { top, min_share: share }: PathsRequest,
): string[] => {
  const labels = walks.flatMap((walk) => walk.slice(level, level + 1));
  return [...Map.groupBy(labels, (label) => label)]
    .map(([label, { length }]) => ({ label, length }))
    .sort((a, b) => b.length - a.length || compareBytes(a.label, b.label))
    .slice(0, top)
    .filter(({ length }) => length >= share * walks.length)
    .map(({ label }) => label);
};

/** Nodes as `[id, actors, dropped]` in order, and links as `source > target` with actors. */
export const modelPaths = (walks: readonly string[][], request: PathsRequest) => {
  const levels = Array.from({ length: request.depth + 1 }, (_, level) => namedAt(walks, level, request));
  const idAt = (walk: readonly string[], level: number): string | undefined => {
    const label = walk[level];
    if (label === undefined) return undefined;
    return levels[level]?.includes(label) ? `${level}:${label}` : `${level}#other`;
  };
  const nodes = levels.flatMap((named, level) =>
    [...named.map((label) => `${level}:${label}`), `${level}#other`].flatMap((id) => {
      const here = walks.filter((walk) => idAt(walk, level) === id);
      const dropped =
        level === request.depth ? null : here.filter((walk) => walk.length === level + 1).length;
      return here.length === 0 ? [] : [[id, here.length, dropped] as const];
    }),
  );
  const links = new Map<string, number>();
  for (const walk of walks)
    for (let level = 0; level + 1 < walk.length; level++) {
      const link = `${idAt(walk, level)} > ${idAt(walk, level + 1)}`;
      links.set(link, (links.get(link) ?? 0) + 1);
    }
  return { nodes, links };
};
