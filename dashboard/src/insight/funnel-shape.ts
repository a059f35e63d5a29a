import type { FunnelAnswer, FunnelResult, FunnelTimes } from '../../../src/contract/funnel.ts';
import type { Bar } from '../chart/bar-chart.tsx';
import { timeSpan } from '../chart/units.ts';
import { fullCount, percent } from '../lib/format.ts';
import type { Group } from './group.ts';
import { groupWords } from './words.ts';

/** One group in one step. */
export interface FunnelBar {
  readonly key: string;
  readonly name: string;
  readonly slot: number;
  readonly group: Group;
  /** 1-based. */
  readonly step: number;
  readonly actors: number;
  /** Of those who entered: how high the bar is. */
  readonly share: number;
  readonly fromPrevious: number | null;
  readonly dropped: number | null;
  readonly dropOff: number | null;
  readonly medianMs: number | null;
}

/** A step with a bar a group; one bar without a break-down. */
export interface FunnelStage {
  readonly step: number;
  readonly name: string;
  readonly bars: readonly FunnelBar[];
  /** All groups together. */
  readonly all: FunnelBar;
}

interface Party {
  readonly key: string;
  readonly name: string;
  readonly slot: number;
  readonly group: Group;
  readonly result: FunnelResult;
}

const partiesOf = ({ total, groups }: FunnelAnswer): Party[] => {
  if (groups.length === 0) return [{ key: 'all', name: 'All', slot: 1, group: null, result: total }];
  return groups.map((each, index) => ({
    key: String(index),
    name: groupWords(each.group, each.other),
    slot: each.other ? 0 : index + 1,
    group: each.group,
    result: each,
  }));
};

const barOf = ({ result, ...party }: Party, index: number): FunnelBar => {
  const step = result.steps[index];
  return {
    ...party,
    step: index + 1,
    actors: step?.actors ?? 0,
    share: step?.from_start ?? 0,
    fromPrevious: step?.from_previous ?? null,
    dropped: step?.dropped ?? null,
    dropOff: step?.drop_off ?? null,
    medianMs: step?.since_previous?.median_ms ?? null,
  };
};

/** The steps of a funnel with their bars, each as high as the share of its group that got there. */
export const funnelStages = (answer: FunnelAnswer): FunnelStage[] => {
  const parties = partiesOf(answer);
  const all: Party = { key: 'all', name: 'All', slot: 1, group: null, result: answer.total };
  return answer.names.map((name, index) => ({
    step: index + 1,
    name,
    bars: parties.map((party) => barOf(party, index)),
    all: barOf(all, index),
  }));
};

const binName = (bins: readonly number[], index: number): string => {
  const from = index === 0 ? 0 : (bins[index - 1] ?? 0);
  const to = bins[index];
  if (to === undefined) return `over ${timeSpan(from)}`;
  return index === 0 ? `under ${timeSpan(to)}` : `${timeSpan(from)} to ${timeSpan(to)}`;
};

/** How long it took, as bars; empty bins at both ends are left out. */
export const timeBars = ({ histogram }: FunnelTimes, bins: readonly number[], who: string): Bar[] => {
  const sum = histogram.reduce((total, count) => total + count, 0);
  const first = histogram.findIndex((count) => count > 0);
  const last = histogram.findLastIndex((count) => count > 0);
  if (first < 0) return [];
  return histogram.slice(first, last + 1).map((count, offset) => {
    const index = first + offset;
    const to = bins[index];
    return {
      key: String(index),
      label: to === undefined ? 'more' : `<${timeSpan(to)}`,
      value: count,
      words: `${binName(bins, index)}: ${fullCount(count)} ${who} (${percent(count / sum)})`,
    };
  });
};
