import type { PathsAnswer } from '../../../src/contract/paths.ts';
import { LOOKS } from '../chart/colours.ts';
import type { FlowGraph } from '../chart/flow-layout.ts';
import { fullCount, percent } from '../lib/format.ts';

/** Colours of labels: the same label has the same at every level, those with the most actors the strongest. */
const slotsOf = ({ nodes }: PathsAnswer): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { label, actors } of nodes) if (label !== null) sums.set(label, (sums.get(label) ?? 0) + actors);
  const labels = [...sums].sort((a, b) => b[1] - a[1]).map(([label]) => label);
  return new Map(labels.slice(0, LOOKS).map((label, index) => [label, index + 1]));
};

/** Links with fewer actors than this share of all are left out where there are many: they would be a grey haze. */
const LINK_LEAST_SHARE = 0.0005;
const LINKS_MANY = 120;

/** Paths as a graph: a node a label and level, so that a label that comes again stands again in a later column. */
export const pathsGraph = (answer: PathsAnswer): FlowGraph => {
  const { nodes, links, actors: all, actor } = answer;
  const people = (count: number): string => `${fullCount(count)} ${actor}${count === 1 ? '' : 's'}`;
  const slots = slotsOf(answer);
  const names = new Map(nodes.map(({ id, label }) => [id, label ?? 'Other']));
  const least = links.length > LINKS_MANY ? all * LINK_LEAST_SHARE : 0;
  const end = answer.direction === 'forward' ? 'ended here' : 'began here';
  return {
    nodes: nodes.map(({ id, level, label, actors, share, dropped, drop_off }) => {
      const lost =
        dropped === null || drop_off === null ? '' : `, ${fullCount(dropped)} (${percent(drop_off)}) ${end}`;
      return {
        id,
        level,
        name: label ?? 'Other',
        value: actors,
        lost: dropped ?? 0,
        slot: label === null ? 0 : (slots.get(label) ?? 0),
        words: `${label ?? 'Other'}: ${people(actors)} (${percent(share)})${lost}`,
      };
    }),
    links: links
      .filter(({ actors }) => actors >= least)
      .map(({ source, target, actors }) => ({
        source,
        target,
        value: actors,
        words: `${names.get(source) ?? ''} to ${names.get(target) ?? ''}: ${people(actors)}`,
      })),
  };
};
