import type { WebAnswer, WebNumbers } from '../../../src/contract/web.ts';
import type { Line } from '../chart/lines.ts';
import type { Unit } from '../chart/units.ts';

/** The numbers at the top, in their order. */
export const FIGURES = [
  'visitors',
  'sessions',
  'views',
  'views_per_session',
  'bounce_rate',
  'duration_avg_ms',
] as const satisfies readonly (keyof WebNumbers)[];
export type Figure = (typeof FIGURES)[number];

interface FigureFacts {
  readonly text: string;
  readonly unit: Unit;
  /** Whether more of it is good. */
  readonly isGood: boolean;
  readonly note: string;
}

/** What they are called and how they are written. */
export const FIGURE_FACTS: Readonly<Record<Figure, FigureFacts>> = {
  visitors: {
    text: 'Visitors',
    unit: { kind: 'count' },
    isGood: true,
    note: 'Distinct browsers or people',
  },
  sessions: { text: 'Visits', unit: { kind: 'count' }, isGood: true, note: 'Sessions that began then' },
  views: { text: 'Page views', unit: { kind: 'count' }, isGood: true, note: 'Of all visits' },
  views_per_session: {
    text: 'Views a visit',
    unit: { kind: 'named', unit: '', decimals: 2 },
    isGood: true,
    note: 'On average',
  },
  bounce_rate: {
    text: 'Bounce rate',
    unit: { kind: 'share' },
    isGood: false,
    note: 'Visits of one page, with nothing done there',
  },
  duration_avg_ms: {
    text: 'Visit duration',
    unit: { kind: 'time' },
    isGood: true,
    note: 'From first to last event, on average',
  },
};

/** The figure that a text names; visitors, if it names none. */
export const figureOf = (text: string | null): Figure => FIGURES.find((each) => each === text) ?? 'visitors';

/** One figure over time, beside the period before. Undefined where the answer does not tell it. */
export const lineOf = ({ over_time: over, total }: WebAnswer, figure: Figure): Line | undefined => {
  if (over === undefined) return undefined;
  const { text, unit } = FIGURE_FACTS[figure];
  return {
    key: figure,
    name: text,
    slot: 1,
    unit,
    total: total[figure],
    values: over.values[figure],
    before:
      over.previous === null || total.previous === null
        ? undefined
        : { total: total.previous[figure], values: over.previous.values[figure] },
  };
};
