import type { AnswerTo, QuestionInput } from '../../data/questions.ts';

type Kind = QuestionInput['kind'];
type QuestionOf<K extends Kind> = Extract<QuestionInput, { readonly kind: K }>;

const TO = '2026-11-21T12:00:00.000Z';

const frame = {
  source: 'events' as const,
  as_of: '4711',
  freshness: { answered_at: TO, pending_events: 0, pending_since: null },
  range: { from: '2026-11-19T00:00:00.000Z', to: TO, timezone: 'UTC' },
  statistics: { elapsed_ms: 1, rows_read: 10, bytes_read: 100 },
};

const axis = {
  interval: '1d' as const,
  buckets: ['2026-11-19T00:00:00+00:00', '2026-11-20T00:00:00+00:00', '2026-11-21T00:00:00+00:00'],
  incomplete: { first: false, last: true },
};

const sessionNumbers = {
  sessions: 10,
  with_views: 8,
  bounces: 2,
  bounce_rate: 0.25,
  duration_avg_ms: 61_000,
  duration_median_ms: 40_000,
  duration_p90_ms: 120_000,
  events_per_session: 4.5,
  views_per_session: 2,
};

const sessionColumns = {
  sessions: [5, 3, 2],
  with_views: [4, 2, 2],
  bounces: [1, 1, 0],
  bounce_rate: [0.25, 0.5, 0],
  duration_avg_ms: [60_000, 60_000, 65_000],
  duration_median_ms: [40_000, 40_000, 40_000],
  duration_p90_ms: [120_000, 120_000, 120_000],
  events_per_session: [4, 5, 5],
  views_per_session: [2, 2, 2],
};

const times = (median_ms: number, histogram: number[]) => ({
  average_ms: median_ms * 1.5,
  median_ms,
  p90_ms: median_ms * 3,
  histogram,
});

const result = (actors: readonly [number, number, number]) => {
  const [entered, second, completed] = actors;
  const step = (index: number) => ({
    actors: actors[index] ?? 0,
    from_start: (actors[index] ?? 0) / entered,
    from_previous: index === 0 ? null : (actors[index] ?? 0) / (actors[index - 1] ?? 1),
    dropped: index === 2 ? null : (actors[index] ?? 0) - (actors[index + 1] ?? 0),
    drop_off: index === 2 ? null : 1 - (actors[index + 1] ?? 0) / (actors[index] ?? 1),
    since_previous: index === 0 ? null : times(4_000, [0, 3, 1, 0]),
  });
  return {
    ...{ entered, completed, conversion: completed / entered, excluded: 0 },
    steps: [step(0), step(1), step(2)],
    time_to_convert: times(second * 100, [0, 2, 5, 1]),
  };
};

const webNumbers = {
  visitors: 8,
  sessions: 10,
  views: 20,
  views_per_session: 2,
  bounces: 2,
  bounce_rate: 0.2,
  duration_avg_ms: 61_000,
};

const webEntry = (value: string | null) => ({ value, other: false, ...webNumbers, previous: null });

const revenueFigures = {
  revenue: 90,
  gross: 100,
  refunded: 10,
  orders: 4,
  refunds: 1,
  buyers: 3,
  average_order: 25,
  arpu: 9,
  arppu: 30,
};

const revenueColumns = Object.fromEntries(
  Object.keys(revenueFigures).map((name) => [name, [1, 2, 3]]),
) as Record<keyof typeof revenueFigures, number[]>;

const metric = {
  id: 'met_00112233445566ff',
  name: 'visits',
  title: 'Visits',
  unit: '',
  version: 1,
  window: { kind: 'tumbling' as const, size: '1d' as const },
};

const statistics = (
  currency: string,
  counts: number[],
  group: Record<string, string | null> | null = null,
) => ({
  group,
  other: false,
  currency,
  count: counts.reduce((sum, each) => sum + each, 0),
  mean: 22,
  deviation: 5,
  min: 2,
  max: 38,
  sum: 220,
  quantiles: [
    { level: 0.25, value: 10 },
    { level: 0.5, value: 20 },
    { level: 0.75, value: 30 },
    { level: 0.95, value: 36 },
  ],
  histogram: { below: 0, counts, above: 0 },
  correlation: { count: 9, pearson: 0.5, slope: 2, intercept: 1 },
});

/** A question of every kind, with what it may be answered. */
export const SAMPLES: {
  readonly [K in Kind]: { readonly question: QuestionOf<K>; readonly answer: AnswerTo<K> };
} = {
  trend: {
    question: {
      kind: 'trend',
      types: ['purchase'],
      by: ['country'],
      range: 'last 3 days',
      interval: '1d',
      compare: 'previous_period',
    },
    answer: {
      kind: 'trend',
      ...frame,
      ...axis,
      compared: {
        from: '2026-11-16T00:00:00.000Z',
        to: '2026-11-18T12:00:00.000Z',
        buckets: ['2026-11-16T00:00:00+00:00', '2026-11-17T00:00:00+00:00', null],
      },
      series: [
        {
          group: { country: 'DE' },
          other: false,
          total: 9,
          values: [4, 3, 2],
          compared: { total: 6, values: [2, 2, 2] },
        },
        {
          group: { country: null },
          other: false,
          total: 3,
          values: [1, 1, 1],
          compared: { total: 0, values: [0, 0, 0] },
        },
        {
          group: null,
          other: true,
          total: 2,
          values: [0, 2, null],
          compared: { total: 4, values: [1, 1, 2] },
        },
      ],
    },
  },
  metric: {
    question: { kind: 'metric', metric: 'visits', range: 'last 3 days' },
    answer: {
      kind: 'metric',
      metric,
      ...frame,
      ...axis,
      windows: axis.buckets.map((from) => ({
        from: new Date(from).toISOString(),
        to: TO,
        final: false,
        closes_at: TO,
      })),
      series: [{ id: 'A', name: 'Visits', group: null, other: false, total: 6, values: [1, 2, 3] }],
    },
  },
  metric_windows: {
    question: { kind: 'metric_windows', metric: 'visits' },
    answer: {
      kind: 'metric_windows',
      metric,
      ...frame,
      windows: [
        {
          key: 'ada',
          start: '2026-11-20T10:00:00.000Z',
          end: '2026-11-20T10:01:30.000Z',
          events: 7,
          final: true,
          measured: [{ currency: 'EUR', count: 2, sum: 30, avg: 15, min: 10, max: 20 }],
        },
      ],
      more: false,
    },
  },
  funnel: {
    question: {
      kind: 'funnel',
      steps: ['page_view', 'add_to_cart', { name: 'Bought', types: ['purchase'] }],
      by: ['device_type'],
    },
    answer: {
      kind: 'funnel',
      ...frame,
      ...{ order: 'ordered', actor: 'user', window_ms: 86_400_000, settles_at: TO },
      names: ['page_view', 'add_to_cart', 'Bought'],
      bins_ms: [1_000, 5_000, 10_000],
      total: result([100, 40, 10]),
      groups: [
        { group: { device_type: 'mobile' }, other: false, ...result([60, 30, 6]) },
        { group: null, other: true, ...result([40, 10, 4]) },
      ],
    },
  },
  funnel_users: {
    question: { kind: 'funnel_users', steps: ['page_view', 'purchase'], step: 1, outcome: 'dropped' },
    answer: {
      kind: 'funnel_users',
      ...frame,
      ...{ order: 'ordered', actor: 'user', window_ms: 86_400_000, settles_at: TO },
      users: [{ id: 'ada', group: null, steps_done: 1, times: ['2026-11-20T10:00:00.000Z'] }],
      next_cursor: null,
    },
  },
  paths: {
    question: { kind: 'paths', from: 'signup', label: 'page', depth: 2 },
    answer: {
      kind: 'paths',
      ...frame,
      ...{ direction: 'forward', actor: 'user', label: 'page', window_ms: 86_400_000, actors: 10 },
      nodes: [
        { id: '0:/', level: 0, label: '/', other: false, actors: 10, share: 1, dropped: 3, drop_off: 0.3 },
        { id: '1:/a', level: 1, label: '/a', other: false, actors: 5, share: 0.5, dropped: 1, drop_off: 0.2 },
        {
          id: '1#other',
          level: 1,
          label: null,
          other: true,
          actors: 2,
          share: 0.2,
          dropped: 1,
          drop_off: 0.5,
        },
        {
          id: '2:/',
          level: 2,
          label: '/',
          other: false,
          actors: 5,
          share: 0.5,
          dropped: null,
          drop_off: null,
        },
      ],
      links: [
        { source: '0:/', target: '1:/a', actors: 5 },
        { source: '0:/', target: '1#other', actors: 2 },
        { source: '1:/a', target: '2:/', actors: 4 },
        { source: '1#other', target: '2:/', actors: 1 },
      ],
    },
  },
  sessions: {
    question: { kind: 'sessions', by: ['device_type'], interval: '1d' },
    answer: {
      kind: 'sessions',
      ...frame,
      ...axis,
      total: sessionNumbers,
      series: [
        { group: { device_type: 'mobile' }, other: false, total: sessionNumbers, values: sessionColumns },
        { group: null, other: true, total: sessionNumbers, values: sessionColumns },
      ],
      entry_pages: [{ page: '/', other: false, sessions: 6, bounces: 2, bounce_rate: 0.33 }],
      exit_pages: [{ page: null, other: true, sessions: 6, bounces: 2, bounce_rate: 0.33 }],
      live: { minutes: 5, sessions: 1, users: 1 },
    },
  },
  web: {
    question: { kind: 'web', range: 'last 7 days' },
    answer: {
      kind: 'web',
      ...frame,
      previous_range: { from: '2026-11-16T00:00:00.000Z', to: '2026-11-18T12:00:00.000Z' },
      total: { ...webNumbers, previous: { ...webNumbers, visitors: 4 } },
      lists: {
        channels: [webEntry('search')],
        sources: [webEntry(null)],
        utm_sources: [],
        utm_mediums: [],
        utm_campaigns: [],
        utm_terms: [],
        utm_contents: [],
        pages: [webEntry('/')],
        entry_pages: [],
        exit_pages: [],
        countries: [webEntry('DE')],
        devices: [],
        browsers: [],
        systems: [],
      },
      live: { minutes: 5, sessions: 1, users: 1 },
    },
  },
  revenue: {
    question: { kind: 'revenue', events: 'purchase', interval: '1d' },
    answer: {
      kind: 'revenue',
      ...frame,
      ...axis,
      series: ['EUR', 'JPY'].map((currency) => ({
        group: null,
        other: false,
        currency,
        active_users: 10,
        total: revenueFigures,
        revenue_exact: '90',
        values: revenueColumns,
      })),
    },
  },
  attribution: {
    question: {
      kind: 'attribution',
      conversion: 'purchase',
      channel: 'referrer',
      models: ['first', 'markov'],
    },
    answer: {
      kind: 'attribution',
      ...frame,
      models: ['first', 'markov'],
      attributed: { conversions: 8, money: [{ currency: 'EUR', value: 80 }] },
      unattributed: { conversions: 2, money: [] },
      channels: [
        {
          channel: 'search.example',
          other: false,
          touches: 20,
          credits: {
            first: { conversions: 6, share: 0.75, money: [{ currency: 'EUR', value: 60 }] },
            markov: { conversions: 5.5, share: 0.6875, money: [{ currency: 'EUR', value: 55 }] },
          },
          removal_effect: 0.7,
        },
        {
          channel: null,
          other: true,
          touches: 4,
          credits: {
            first: { conversions: 2, share: 0.25, money: [{ currency: 'EUR', value: 20 }] },
            markov: { conversions: 2.5, share: 0.3125, money: [{ currency: 'EUR', value: 25 }] },
          },
          removal_effect: 0.3,
        },
      ],
    },
  },
  statistics: {
    question: { kind: 'statistics', of: 'value', with: 'properties.items' },
    answer: {
      kind: 'statistics',
      ...frame,
      missing: 3,
      edges: [0, 10, 20, 30, 40],
      series: [statistics('EUR', [0, 4, 6, 0]), statistics('USD', [0, 0, 3, 0])],
    },
  },
  experiment: {
    question: { kind: 'experiment', exposure: 'seen', variant: 'properties.variant', goal: 'purchase' },
    answer: {
      kind: 'experiment',
      ...frame,
      variants: [
        {
          variant: 'a',
          is_control: true,
          actors: 1000,
          converted: 40,
          mean: 0.04,
          deviation: 0.2,
          interval: { low: 0.03, high: 0.05 },
          compared: null,
        },
        {
          ...{ variant: 'b', is_control: false, actors: 1000, converted: 80, mean: 0.08, deviation: 0.27 },
          interval: { low: 0.065, high: 0.1 },
          compared: {
            difference: 0.04,
            interval: { low: 0.02, high: 0.06 },
            relative: 1,
            p_value: 0.0001,
            significant: true,
          },
        },
        {
          ...{ variant: 'c', is_control: false, actors: 1000, converted: 38, mean: 0.038, deviation: 0.19 },
          interval: { low: 0.028, high: 0.05 },
          compared: {
            difference: -0.002,
            interval: { low: -0.02, high: 0.016 },
            relative: -0.05,
            p_value: 0.8,
            significant: false,
          },
        },
      ],
      mixed: 2,
      sample_ratio: { p_value: 0.4, ok: true },
    },
  },
  retention: {
    question: { kind: 'retention', period: 'day', periods: 2 },
    answer: {
      kind: 'retention',
      ...frame,
      ...{ period: 'day', periods: 2, mode: 'n_day', cohorts: 'first_ever' },
      series: [
        {
          group: null,
          other: false,
          size: 150,
          cohorts: [
            {
              start: '2026-11-19T00:00:00+00:00',
              complete: true,
              size: 100,
              counts: [100, 40, null],
              rates: [1, 0.4, null],
              running: { period: 2, count: 5 },
            },
            {
              start: '2026-11-20T00:00:00+00:00',
              complete: true,
              size: 50,
              counts: [50, null, null],
              rates: [1, null, null],
              running: { period: 1, count: 10 },
            },
            {
              start: '2026-11-21T00:00:00+00:00',
              complete: false,
              size: 0,
              counts: [null, null, null],
              rates: [null, null, null],
              running: { period: 0, count: 0 },
            },
          ],
          average: { sizes: [150, 100, 0], rates: [1, 0.4, null] },
        },
      ],
    },
  },
  lifecycle: {
    question: { kind: 'lifecycle', period: 'day', range: 'last 3 days' },
    answer: {
      kind: 'lifecycle',
      ...frame,
      period: 'day',
      starts: axis.buckets,
      complete: [true, true, false],
      actors: {
        new: [5, 2, 1],
        returning: [0, 3, 2],
        resurrecting: [0, 0, 1],
        dormant: [0, 2, 3],
        active: [5, 5, 4],
      },
    },
  },
  stickiness: {
    question: { kind: 'stickiness', period: 'day', range: 'last 3 days' },
    answer: {
      kind: 'stickiness',
      ...frame,
      period: 'day',
      starts: axis.buckets,
      complete: [true, true, false],
      active: [5, 5, 4],
      actors: 8,
      histogram: { exactly: [4, 2, 2], at_least: [8, 4, 2], shares: [1, 0.5, 0.25], mean: 1.75 },
      windows: [{ periods: 7, active: [10, 10, 10], ratios: [0.5, 0.5, 0.4], ratio: 0.5 }],
    },
  },
};

/** The kinds of question. */
export const KINDS = Object.keys(SAMPLES) as Kind[];
