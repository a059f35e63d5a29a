import type { AttributionAnswer } from '../../../src/contract/attribution.ts';
import type { ExperimentAnswer } from '../../../src/contract/experiment.ts';
import type { FunnelAnswer, FunnelResult, FunnelUsersAnswer } from '../../../src/contract/funnel.ts';
import type { Display } from '../../../src/contract/insights.ts';
import type { MetricWindowsAnswer } from '../../../src/contract/metric-windows.ts';
import type { PathsAnswer } from '../../../src/contract/paths.ts';
import type { RetentionAnswer } from '../../../src/contract/retention.ts';
import type { RevenueAnswer, RevenueFigure } from '../../../src/contract/revenue.ts';
import type { SessionNumbers, SessionsAnswer } from '../../../src/contract/sessions.ts';
import type { StatisticsAnswer } from '../../../src/contract/statistics.ts';
import type { StickinessAnswer } from '../../../src/contract/stickiness.ts';
import type { WebAnswer, WebNumbers } from '../../../src/contract/web.ts';
import { dateIn, instantIn, monthIn } from '../lib/zoned.ts';
import type { Answer, Question } from './display.ts';
import type { Group } from './group.ts';
import { MODEL_WORDS } from './models.ts';
import {
  counts,
  moneyUnit,
  numbers,
  shares,
  type TableColumn,
  type TableRow,
  type TableShape,
  texts,
  times,
} from './table-shape.ts';
import { REVENUE_FIGURES, SESSION_FIGURES, timedOf } from './timed.ts';
import { timedTable } from './timed-table.ts';
import { WEB_FIGURES, WEB_LIST_WORDS } from './web-words.ts';
import { fieldWords, groupWords, levelHead } from './words.ts';
import { shareText } from '../lib/format.ts';

const keysOf = <Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] =>
  Object.keys(record) as Name[];

const funnelRows = (answer: FunnelAnswer, result: FunnelResult, group: Group, isOther: boolean): TableRow[] =>
  result.steps.map((step, index) => ({
    cells: [
      ...(answer.groups.length === 0 ? [] : [groupWords(group, isOther)]),
      answer.names[index] ?? '',
      step.actors,
      step.from_start,
      step.from_previous,
      step.dropped,
      step.drop_off,
      step.since_previous?.median_ms ?? null,
      step.since_previous?.average_ms ?? null,
      step.since_previous?.p90_ms ?? null,
    ],
    drill: { kind: 'converted', step: index + 1, group },
  }));

const funnelTable = (answer: FunnelAnswer): TableShape => ({
  title: '',
  columns: [
    ...(answer.groups.length === 0 ? [] : [texts('Group')]),
    texts('Step'),
    counts(answer.actor === 'user' ? 'Users' : 'Sessions'),
    shares('From the start'),
    shares('From the step before'),
    counts('Dropped'),
    shares('Drop-off'),
    times('Median time'),
    times('Average time'),
    times(`${shareText(0.9)} within`),
  ],
  rows: [
    ...funnelRows(answer, answer.total, null, false),
    ...answer.groups.flatMap((each) => funnelRows(answer, each, each.group, each.other)),
  ],
});

const funnelUsersTable = (question: Question, answer: FunnelUsersAnswer, zone: string): TableShape => {
  const steps = question.kind === 'funnel_users' ? question.steps.length : 0;
  return {
    title: '',
    columns: [
      texts(answer.actor === 'user' ? 'User' : 'Session'),
      texts('Group'),
      counts('Steps done'),
      ...Array.from({ length: steps }, (_, index) => texts(`Step ${index + 1}`)),
    ],
    rows: answer.users.map(({ id, group, steps_done, times: at }) => ({
      cells: [
        id,
        group === null ? null : groupWords(group, false),
        steps_done,
        ...Array.from({ length: steps }, (_, index) => {
          const moment = at[index];
          return moment === undefined ? null : instantIn(moment, zone);
        }),
      ],
      drill: { kind: 'actor', actor: answer.actor, id },
    })),
  };
};

const pathsTables = (answer: PathsAnswer): TableShape[] => {
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const name = (id: string): string => nodes.get(id)?.label ?? 'Other';
  const who = answer.actor === 'user' ? 'Users' : 'Sessions';
  return [
    {
      title: 'Steps',
      columns: [
        counts('Step'),
        texts(fieldWords(answer.label)),
        counts(who),
        shares('Share'),
        counts('Ended here'),
        shares('Drop-off'),
      ],
      rows: answer.nodes.map(({ level, label, actors, share, dropped, drop_off }) => ({
        cells: [level, label ?? 'Other', actors, share, dropped, drop_off],
        drill: { kind: 'value', field: answer.label, value: label },
      })),
    },
    {
      title: 'Ways',
      columns: [counts('Step'), texts('From'), texts('To'), counts(who)],
      rows: answer.links.map(({ source, target, actors }) => ({
        cells: [nodes.get(source)?.level ?? 0, name(source), name(target), actors],
      })),
    },
  ];
};

const SESSION_COLUMNS: readonly TableColumn[] = keysOf<keyof SessionNumbers>(SESSION_FIGURES).map((key) => {
  const [head, unit] = SESSION_FIGURES[key];
  return { head, unit };
});

const pagesTable = (title: string, pages: SessionsAnswer['entry_pages']): TableShape[] =>
  pages.length === 0
    ? []
    : [
        {
          title,
          columns: [texts('Page'), counts('Sessions'), counts('Bounces'), shares('Bounce rate')],
          rows: pages.map(({ page, other, sessions, bounces, bounce_rate }) => ({
            cells: [other ? 'Other' : page, sessions, bounces, bounce_rate],
          })),
        },
      ];

const sessionsTables = (answer: SessionsAnswer): TableShape[] => {
  const figures = keysOf<keyof SessionNumbers>(SESSION_FIGURES);
  return [
    {
      title: 'Sessions',
      columns: [texts('Group'), ...SESSION_COLUMNS],
      rows: answer.series.map(({ group, other, total }) => ({
        cells: [groupWords(group, other), ...figures.map((figure) => total[figure])],
        ...(group === null ? {} : { drill: { kind: 'group', group } }),
      })),
    },
    ...pagesTable('Entry pages', answer.entry_pages),
    ...pagesTable('Exit pages', answer.exit_pages),
  ];
};

const WEB_COLUMNS: readonly TableColumn[] = keysOf<keyof WebNumbers>(WEB_FIGURES).map((key) => {
  const [head, unit] = WEB_FIGURES[key];
  return { head, unit };
});

const webTables = (answer: WebAnswer): TableShape[] => {
  const figures = keysOf<keyof WebNumbers>(WEB_FIGURES);
  return keysOf(answer.lists).flatMap((list) => {
    const { title, absent } = WEB_LIST_WORDS[list];
    const rows = answer.lists[list].map((entry) => ({
      cells: [entry.other ? 'Other' : (entry.value ?? absent), ...figures.map((figure) => entry[figure])],
    }));
    return rows.length === 0 ? [] : [{ title, columns: [texts(title), ...WEB_COLUMNS], rows }];
  });
};

const revenueTable = (answer: RevenueAnswer): TableShape => {
  const figures = keysOf<RevenueFigure>(REVENUE_FIGURES);
  return {
    title: '',
    columns: [
      texts('Group'),
      texts('Currency'),
      ...figures.map((figure) => ({ head: REVENUE_FIGURES[figure][0], unit: { kind: 'count' as const } })),
    ],
    rows: answer.series.map(({ currency, group, other, total }) => ({
      cells: [groupWords(group, other), currency ?? '(none)', ...figures.map((figure) => total[figure])],
      units: Object.fromEntries(
        figures.flatMap((figure, index) =>
          REVENUE_FIGURES[figure][1] ? [[index + 2, moneyUnit(currency)] as const] : [],
        ),
      ),
      ...(group === null ? {} : { drill: { kind: 'group', group } }),
    })),
  };
};

const attributionTable = ({ models, channels }: AttributionAnswer): TableShape => {
  const money = channels.flatMap(({ credits }) => models.flatMap((model) => credits[model]?.money ?? []));
  const currencies = [...new Set(money.map(({ currency }) => currency))];
  const hasEffect = models.includes('markov');
  return {
    title: '',
    columns: [
      texts('Channel'),
      counts('Touches'),
      ...models.flatMap((model) => [
        numbers(`${MODEL_WORDS[model]}: conversions`),
        shares(`${MODEL_WORDS[model]}: share`),
        ...currencies.map((currency) => ({
          head: `${MODEL_WORDS[model]}: ${currency ?? 'no currency'}`,
          unit: moneyUnit(currency),
        })),
      ]),
      ...(hasEffect ? [shares('Removal effect')] : []),
    ],
    rows: channels.map(({ channel, other, touches, credits, removal_effect }) => ({
      cells: [
        other ? 'Other' : channel,
        touches,
        ...models.flatMap((model) => {
          const credit = credits[model];
          return [
            credit?.conversions ?? null,
            credit?.share ?? null,
            ...currencies.map(
              (currency) => credit?.money.find((each) => each.currency === currency)?.value ?? null,
            ),
          ];
        }),
        ...(hasEffect ? [removal_effect ?? null] : []),
      ],
    })),
  };
};

const statisticsTable = ({ series }: StatisticsAnswer): TableShape => {
  const hasCurrency = series.some(({ currency }) => currency !== undefined);
  const hasCorrelation = series.some(({ correlation }) => correlation !== undefined);
  return {
    title: '',
    columns: [
      texts('Group'),
      ...(hasCurrency ? [texts('Currency')] : []),
      counts('Events'),
      ...['Mean', 'Deviation', 'Least', 'Greatest', 'Sum'].map(numbers),
      ...(series[0]?.quantiles ?? []).map(({ level }) => numbers(levelHead(level))),
      ...(hasCorrelation
        ? [counts('With both'), numbers('Correlation'), numbers('Slope'), numbers('Intercept')]
        : []),
    ],
    rows: series.map(
      ({ group, other, currency, count, mean, deviation, min, max, sum, quantiles, correlation }) => ({
        cells: [
          groupWords(group, other),
          ...(hasCurrency ? [currency ?? '(none)'] : []),
          ...[count, mean, deviation, min, max, sum],
          ...quantiles.map(({ value }) => value),
          ...(hasCorrelation
            ? [
                correlation?.count ?? null,
                correlation?.pearson ?? null,
                correlation?.slope ?? null,
                correlation?.intercept ?? null,
              ]
            : []),
        ],
        ...(group === null ? {} : { drill: { kind: 'group', group } }),
      }),
    ),
  };
};

const experimentTable = (answer: ExperimentAnswer, isShare: boolean): TableShape => {
  const unit = isShare ? shares : numbers;
  return {
    title: '',
    columns: [
      texts('Variant'),
      counts('Actors'),
      counts('Converted'),
      unit('Mean'),
      ...[unit('Low'), unit('High'), unit('Difference'), unit('From'), unit('To')],
      shares('Relative'),
      numbers('p'),
      texts('Significant'),
    ],
    rows: answer.variants.map(({ variant, actors, converted, mean, interval, compared }) => ({
      cells: [
        variant,
        actors,
        converted,
        mean,
        interval?.low ?? null,
        interval?.high ?? null,
        compared?.difference ?? null,
        compared?.interval?.low ?? null,
        compared?.interval?.high ?? null,
        compared?.relative ?? null,
        compared?.p_value ?? null,
        compared === null ? null : compared.significant ? 'yes' : 'no',
      ],
    })),
  };
};

const retentionTable = (answer: RetentionAnswer, zone: string): TableShape => {
  const isGrouped = answer.series.length > 1 || answer.series[0]?.group !== null;
  const write = answer.period === 'month' ? monthIn : dateIn;
  return {
    title: '',
    columns: [
      ...(isGrouped ? [texts('Group')] : []),
      texts('Cohort'),
      counts('Size'),
      ...Array.from({ length: answer.periods + 1 }, (_, index) => shares(`${answer.period} ${index}`)),
    ],
    rows: answer.series.flatMap(({ group, other, cohorts }) =>
      cohorts.map(({ start, size, rates }) => ({
        cells: [...(isGrouped ? [groupWords(group, other)] : []), write(start, zone), size, ...rates],
        drill: { kind: 'cohort' as const, start, period: 0, group },
      })),
    ),
  };
};

const stickinessTables = (
  question: Question,
  answer: StickinessAnswer,
  display: Display,
  zone: string,
): TableShape[] => [
  {
    title: 'Periods that somebody was active in',
    columns: [counts(`${answer.period}s`), counts('Exactly'), counts('At least'), shares('Share')],
    rows: answer.histogram.exactly.map((exactly, index) => ({
      cells: [
        index + 1,
        exactly,
        answer.histogram.at_least[index] ?? null,
        answer.histogram.shares[index] ?? null,
      ],
    })),
  },
  { ...timedTable(timedOf(question, answer, display), zone), title: 'Active of those of a window' },
];

const windowsTable = (answer: MetricWindowsAnswer, zone: string): TableShape => ({
  title: '',
  columns: [
    ...[texts('Whose'), texts('From'), texts('To'), times('Lasted'), counts('Events'), texts('Final')],
    ...(answer.windows.some(({ measured }) => measured.length > 0)
      ? [texts('Currency'), ...['Sum', 'Average', 'Least', 'Greatest'].map(numbers)]
      : []),
  ],
  rows: answer.windows.flatMap(({ key, start, end, events, final, measured }) => {
    const own = [
      key,
      instantIn(start, zone),
      instantIn(end, zone),
      Date.parse(end) - Date.parse(start),
      events,
      final ? 'yes' : 'no',
    ];
    return measured.length === 0
      ? [{ cells: own }]
      : measured.map(({ currency, sum, avg, min, max }) => ({
          cells: [...own, currency, sum, avg, min, max],
        }));
  }),
});

/** An answer of any kind as tables; most are one. */
export const tablesOf = (question: Question, answer: Answer, display: Display): TableShape[] => {
  const zone = answer.range.timezone;
  switch (answer.kind) {
    case 'trend':
    case 'metric':
    case 'lifecycle':
      return [timedTable(timedOf(question, answer, display), zone)];
    case 'funnel':
      return [funnelTable(answer)];
    case 'funnel_users':
      return [funnelUsersTable(question, answer, zone)];
    case 'paths':
      return pathsTables(answer);
    case 'sessions':
      return sessionsTables(answer);
    case 'web':
      return webTables(answer);
    case 'revenue':
      return [revenueTable(answer)];
    case 'attribution':
      return [attributionTable(answer)];
    case 'statistics':
      return [statisticsTable(answer)];
    case 'experiment':
      return [
        experimentTable(
          answer,
          question.kind !== 'experiment' || (question.measure ?? 'conversion') === 'conversion',
        ),
      ];
    case 'retention':
      return [retentionTable(answer, zone)];
    case 'stickiness':
      return stickinessTables(question, answer, display, zone);
    case 'metric_windows':
      return [windowsTable(answer, zone)];
  }
};
