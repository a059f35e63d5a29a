import type { FunnelAnswer } from '../../../src/contract/funnel.ts';
import type { Display } from '../../../src/contract/insights.ts';
import type { StatisticsAnswer } from '../../../src/contract/statistics.ts';
import type { StickinessAnswer } from '../../../src/contract/stickiness.ts';
import type { WebAnswer, WebNumbers } from '../../../src/contract/web.ts';
import type { Unit } from '../chart/units.ts';
import type { Answer, Question } from './display.ts';
import { moneyUnit } from './table-shape.ts';
import { figureOf, type Timed, timedOf } from './timed.ts';
import { WEB_FIGURES } from './web-words.ts';
import { groupWords } from './words.ts';

/** One number of an answer, told by itself. */
export interface BigNumber {
  readonly key: string;
  readonly name: string;
  /** Its colour in other displays; 0: none. */
  readonly slot: number;
  readonly unit: Unit;
  readonly value: number | null;
  /** In the period before. */
  readonly before: number | null;
  /** Its way; empty if it has none. */
  readonly spark: readonly number[];
  /** A fall is good news. */
  readonly isLessBetter?: boolean;
}

/** So many are told. */
const NUMBERS_MAX = 12;

const PLAIN = { slot: 0, before: null, spark: [] } as const;
const COUNT: Unit = { kind: 'count' };
const SHARE: Unit = { kind: 'share' };

/** The buckets that are covered whole: others look like a rise or a fall. */
const sparkOf = ({ isTotal, incomplete }: Timed, values: readonly (number | null)[]): number[] =>
  isTotal
    ? []
    : values.slice(incomplete.first ? 1 : 0, incomplete.last ? -1 : undefined).map((value) => value ?? 0);

const timedNumbers = (timed: Timed): BigNumber[] =>
  timed.lines.map(({ key, name, slot, unit, total, values, before }) => ({
    key,
    name,
    slot: timed.lines.length > 1 ? slot : 0,
    unit,
    value: total,
    before: before?.total ?? null,
    spark: sparkOf(timed, values),
  }));

const funnelNumbers = ({ total, groups }: FunnelAnswer): BigNumber[] =>
  groups.length === 0
    ? [
        { ...PLAIN, key: 'conversion', name: 'Conversion', unit: SHARE, value: total.conversion },
        { ...PLAIN, key: 'entered', name: 'Entered', unit: COUNT, value: total.entered },
        { ...PLAIN, key: 'completed', name: 'Completed', unit: COUNT, value: total.completed },
        {
          ...PLAIN,
          key: 'time',
          name: 'Median time to convert',
          unit: { kind: 'time' },
          value: total.time_to_convert?.median_ms ?? null,
        },
      ]
    : [{ group: null, other: false, conversion: total.conversion }, ...groups].map(
        ({ group, other, conversion }, index) => ({
          ...PLAIN,
          key: String(index),
          name: groupWords(group, other),
          unit: SHARE,
          value: conversion,
        }),
      );

const webNumbers = ({ total }: WebAnswer, display: Display): BigNumber[] => {
  const all = Object.keys(WEB_FIGURES) as (keyof WebNumbers)[];
  const shown = display.measure === undefined ? all : [figureOf(display, WEB_FIGURES, 'visitors')];
  return shown.map((figure) => {
    const [name, unit] = WEB_FIGURES[figure];
    return {
      ...PLAIN,
      isLessBetter: figure === 'bounces' || figure === 'bounce_rate',
      key: figure,
      name,
      unit,
      value: total[figure],
      before: total.previous?.[figure] ?? null,
    };
  });
};

const statisticsNumbers = ({ series }: StatisticsAnswer): BigNumber[] => {
  const [one] = series;
  if (one === undefined) return [];
  if (series.length > 1)
    return series.map(({ group, other, currency, mean }, index) => ({
      ...PLAIN,
      key: String(index),
      name: `Mean · ${groupWords(group, other)}${typeof currency === 'string' ? ` · ${currency}` : ''}`,
      unit: moneyUnit(currency),
      value: mean,
    }));
  const unit = moneyUnit(one.currency);
  const median = one.quantiles.find(({ level }) => level === 0.5);
  return [
    { ...PLAIN, key: 'mean', name: 'Mean', unit, value: one.mean },
    ...(median === undefined ? [] : [{ ...PLAIN, key: 'median', name: 'Median', unit, value: median.value }]),
    { ...PLAIN, key: 'min', name: 'Least', unit, value: one.min },
    { ...PLAIN, key: 'max', name: 'Greatest', unit, value: one.max },
    { ...PLAIN, key: 'count', name: 'Events', unit: COUNT, value: one.count },
  ];
};

const stickinessNumbers = (answer: StickinessAnswer): BigNumber[] => [
  ...answer.windows.map(({ periods, ratio, ratios }) => ({
    ...PLAIN,
    key: String(periods),
    name: `Of those active in ${periods} ${answer.period}s`,
    unit: SHARE,
    value: ratio,
    spark: ratios.filter((_, index) => answer.complete[index] === true).map((value) => value ?? 0),
  })),
  {
    ...PLAIN,
    key: 'mean',
    name: `Active ${answer.period}s, on average`,
    unit: { kind: 'number' },
    value: answer.histogram.mean,
  },
];

/** An answer as a few numbers. */
export const numbersOf = (question: Question, answer: Answer, display: Display): BigNumber[] => {
  const all = ((): BigNumber[] => {
    switch (answer.kind) {
      case 'trend':
      case 'metric':
      case 'sessions':
      case 'revenue':
        return timedNumbers(timedOf(question, answer, display));
      case 'funnel':
        return funnelNumbers(answer);
      case 'web':
        return webNumbers(answer, display);
      case 'statistics':
        return statisticsNumbers(answer);
      case 'stickiness':
        return stickinessNumbers(answer);
      default:
        return [];
    }
  })();
  return all.slice(0, NUMBERS_MAX);
};
