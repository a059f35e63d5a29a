import {
  type BoardOfTemplate,
  type NewBoard,
  newBoardSchema,
  type TemplateName,
  TEMPLATES,
  type TemplatesAnswer,
} from '../contract/boards.ts';
import { didYouMean } from '../lib/nearest.ts';
import { parseRequest } from '../http/parse-request.ts';
import { invalidAt } from '../http/request-problem.ts';

/** Boards that come with the program. Their questions work on the events of any project; which event means what is a parameter. */

interface Parameter {
  readonly name: string;
  readonly label: string;
  readonly takes: 'event' | 'field';
  readonly default: string;
}

type Part = {
  readonly id: string;
  readonly title: string;
  readonly size: readonly [w: number, h: number];
} & ({ readonly question: object; readonly display?: object } | { readonly text: string });

interface Template {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly range: string;
  /** Left to right, row by row: each part stands where there is room, in rows of its height. */
  readonly parts: (of: (parameter: string) => string) => readonly Part[];
}

const event = (name: string, label: string, fallback: string = name): Parameter => ({
  ...{ name, label, takes: 'event', default: fallback },
});

const VIEW = event('view', 'Event of a page that was seen', 'page_view');
const PURCHASE = event('purchase', 'Event of a purchase, with "value" and "currency"');

const trend = (more: object): object => ({ kind: 'trend', ...more });
const total = (more: object): object => trend({ interval: 'total', compare: 'previous_period', ...more });
const NUMBER = { as: 'number' };
const BAR = { as: 'bar', legend: false };
const STACKED = { as: 'area', stacked: true };

const TEMPLATE_OF: Readonly<Record<TemplateName, Template>> = {
  web: {
    name: 'Web',
    description: 'Visitors, views and where they come from.',
    parameters: [VIEW],
    range: 'last 30 days',
    parts: (of) => {
      const view = { types: [of('view')] };
      return [
        {
          ...{ id: 'visitors', title: 'Visitors', size: [3, 2], display: NUMBER },
          question: total({ measure: 'unique_users', ...view }),
        },
        { id: 'views', title: 'Views', size: [3, 2], display: NUMBER, question: total(view) },
        {
          ...{ id: 'visits', title: 'Visits', size: [3, 2], display: NUMBER },
          question: total({ measure: 'unique_sessions', ...view }),
        },
        {
          ...{ id: 'depth', title: 'Views a visit', size: [3, 2], display: { as: 'number', decimals: 1 } },
          question: total({
            series: [
              { name: 'Views', hidden: true, ...view },
              { name: 'Visits', measure: 'unique_sessions', hidden: true, ...view },
            ],
            formula: [{ name: 'Views a visit', formula: 'A / B' }],
          }),
        },
        {
          ...{ id: 'visitors_by_day', title: 'Visitors by day', size: [12, 5] },
          question: trend({ measure: 'unique_users', interval: '1d', compare: 'previous_period', ...view }),
        },
        {
          ...{ id: 'overview', title: 'Sources, pages, countries and devices', size: [12, 8] },
          question: { kind: 'web', views: view },
        },
        {
          ...{ id: 'pages', title: 'Top pages', size: [6, 6], display: BAR },
          question: trend({ interval: 'total', by: ['page'], ...view }),
        },
        {
          ...{ id: 'paths', title: 'Where visits lead', size: [6, 6] },
          question: { kind: 'paths', from: of('view'), label: 'page', depth: 3, top: 6, actor: 'session' },
        },
      ];
    },
  },
  product: {
    name: 'Product',
    description: 'Who is active, who comes back, and what they do.',
    parameters: [
      event('signup', 'Event with which somebody becomes a user'),
      event('core', 'Event that shows that somebody got what they came for', 'purchase'),
    ],
    range: 'last 30 days',
    parts: (of) => [
      {
        ...{ id: 'active', title: 'Active users', size: [4, 2], display: NUMBER },
        question: total({ measure: 'unique_users' }),
      },
      {
        ...{ id: 'signups', title: 'Sign-ups', size: [4, 2], display: NUMBER },
        question: total({ measure: 'unique_users', types: [of('signup')] }),
      },
      {
        ...{ id: 'reached', title: 'Users who got there', size: [4, 2], display: NUMBER },
        question: total({ measure: 'unique_users', types: [of('core')] }),
      },
      {
        ...{ id: 'active_by_day', title: 'Active users by day', size: [12, 5] },
        question: trend({ measure: 'unique_users', interval: '1d', smooth: { moving_average: 7 } }),
      },
      {
        ...{ id: 'retention', title: 'Who comes back, by week', size: [6, 6] },
        question: { kind: 'retention', period: 'week', periods: 4 },
      },
      {
        ...{ id: 'lifecycle', title: 'New, returning, lost', size: [6, 6] },
        question: { kind: 'lifecycle', period: 'week' },
      },
      {
        ...{ id: 'stickiness', title: 'On how many days people come', size: [6, 5] },
        question: { kind: 'stickiness', period: 'day' },
      },
      {
        ...{ id: 'reaching', title: 'From sign-up to getting there', size: [6, 5] },
        question: { kind: 'funnel', steps: [of('signup'), of('core')], window: '7d' },
      },
      {
        ...{ id: 'types', title: 'What people do', size: [6, 5], display: BAR },
        question: trend({ interval: 'total', measure: 'unique_users', by: ['type'] }),
      },
      {
        ...{ id: 'sessions', title: 'Visits', size: [6, 5] },
        question: { kind: 'sessions', interval: '1d' },
      },
    ],
  },
  commerce: {
    name: 'Commerce',
    description: 'Revenue, orders, and the way to them.',
    parameters: [
      VIEW,
      event('cart', 'Event of something put into the cart', 'add_to_cart'),
      event('checkout', 'Event of a checkout that was begun'),
      PURCHASE,
      {
        name: 'channel',
        label: 'Field that says what brought a visit',
        takes: 'field',
        default: 'properties.utm_source',
      },
    ],
    range: 'last 30 days',
    parts: (of) => {
      const purchase = { types: [of('purchase')] };
      return [
        {
          ...{ id: 'orders', title: 'Orders', size: [4, 2], display: NUMBER },
          question: total(purchase),
        },
        {
          ...{ id: 'buyers', title: 'Buyers', size: [4, 2], display: NUMBER },
          question: total({ measure: 'unique_users', ...purchase }),
        },
        {
          ...{ id: 'conversion', title: 'Visitors who bought', size: [4, 2] },
          display: { as: 'number', unit: '%', decimals: 2 },
          question: total({
            series: [
              { name: 'Buyers', measure: 'unique_users', hidden: true, ...purchase },
              { name: 'Visitors', measure: 'unique_users', hidden: true },
            ],
            formula: [{ name: 'Conversion', formula: '100 * A / B' }],
          }),
        },
        {
          ...{ id: 'revenue', title: 'Revenue by day', size: [12, 5] },
          question: { kind: 'revenue', events: of('purchase'), interval: '1d' },
        },
        {
          ...{ id: 'funnel', title: 'From page to purchase', size: [6, 6] },
          question: {
            kind: 'funnel',
            steps: [of('view'), of('cart'), of('checkout'), of('purchase')],
            window: '1d',
          },
        },
        {
          ...{ id: 'channels', title: 'What brings orders', size: [6, 6] },
          question: {
            kind: 'attribution',
            conversion: of('purchase'),
            channel: of('channel'),
            models: ['first', 'last', 'linear'],
          },
        },
        {
          ...{ id: 'countries', title: 'Orders by country', size: [6, 5], display: BAR },
          question: trend({ interval: 'total', by: ['country'], ...purchase }),
        },
        {
          ...{ id: 'repeat', title: 'Who buys again, by week', size: [6, 5] },
          question: {
            kind: 'retention',
            ...{ start: of('purchase'), return: of('purchase'), period: 'week', periods: 4 },
          },
        },
      ];
    },
  },
  operations: {
    name: 'Operations',
    description: 'What arrives, from where, and of which version.',
    parameters: [event('failure', 'Event of something that failed', 'error')],
    range: 'last 24 hours',
    parts: (of) => [
      { id: 'events', title: 'Events', size: [4, 2], display: NUMBER, question: total({}) },
      {
        ...{ id: 'users', title: 'Users', size: [4, 2], display: NUMBER },
        question: total({ measure: 'unique_users' }),
      },
      {
        ...{ id: 'failures', title: 'Failures', size: [4, 2], display: NUMBER },
        question: total({ types: [of('failure')] }),
      },
      {
        ...{ id: 'rate', title: 'Events a second', size: [12, 5] },
        question: trend({ measure: { kind: 'rate', per: 'second' }, compare: 'previous_day' }),
      },
      {
        ...{ id: 'by_type', title: 'Events by type', size: [6, 5], display: STACKED },
        question: trend({ by: ['type'] }),
      },
      {
        ...{ id: 'by_source', title: 'Events by source', size: [6, 5], display: STACKED },
        question: trend({ by: ['source'] }),
      },
      {
        ...{ id: 'by_version', title: 'Events by version of the sender', size: [6, 5], display: STACKED },
        question: trend({ by: ['version'] }),
      },
      {
        ...{ id: 'failures_of_events', title: 'Failures, of all events', size: [6, 5] },
        display: { as: 'line', unit: '%', decimals: 2 },
        question: trend({
          series: [
            { name: 'Failures', types: [of('failure')], hidden: true },
            { name: 'Events', hidden: true },
          ],
          formula: [{ name: 'Failures', formula: '100 * A / B' }],
        }),
      },
      {
        ...{ id: 'devices', title: 'Systems', size: [6, 5], display: BAR },
        question: trend({ interval: 'total', measure: 'unique_users', by: ['os'] }),
      },
      {
        ...{ id: 'anonymous', title: 'Events without a user', size: [6, 5] },
        question: trend({ filter: { field: 'user_id', op: 'not_exists' } }),
      },
    ],
  },
};

const COLUMNS = 12;

/** Puts parts beside each other, and into a new row where there is no room. */
const laidOut = (parts: readonly Part[]): object[] => {
  let [x, y, rowHeight] = [0, 0, 0];
  return parts.map(({ size: [w, h], ...part }) => {
    if (x + w > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const tile = { ...part, x, y, w, h, kind: 'question' in part ? 'question' : 'text' };
    [x, rowHeight] = [x + w, Math.max(rowHeight, h)];
    return tile;
  });
};

const boardOf = (template: Template, values: ReadonlyMap<string, string>): NewBoard => {
  const of = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`the template has no parameter ${name}`);
    return value;
  };
  return parseRequest(newBoardSchema, {
    ...{ name: template.name, description: template.description },
    variables: [
      { name: 'period', label: 'Period', kind: 'range', default: template.range },
      { name: 'timezone', label: 'Time zone', kind: 'timezone' },
      { name: 'country', label: 'Country', kind: 'filter', field: 'country', ops: ['in', 'not_in'] },
      { name: 'device', label: 'Device', kind: 'filter', field: 'device_type', ops: ['in', 'not_in'] },
    ],
    tiles: laidOut(template.parts(of)),
  });
};

const defaultsOf = ({ parameters }: Template): Map<string, string> =>
  new Map(parameters.map(({ name, default: fallback }) => [name, fallback]));

/** The board of a template. Throws ApiError `invalid_request` for a parameter that it does not take. */
export const boardOfTemplate = ({
  template: id,
  parameters,
  name,
  description,
  tags,
}: BoardOfTemplate): NewBoard => {
  const template = TEMPLATE_OF[id];
  const values = defaultsOf(template);
  for (const [key, value] of Object.entries(parameters)) {
    const known = [...values.keys()];
    if (!values.has(key))
      throw invalidAt(
        `parameters.${key}`,
        `The template "${id}" does not take it.${didYouMean(key, known)} It takes ${known.join(', ')}.`,
      );
    values.set(key, value);
  }
  const board = boardOf(template, values);
  return {
    ...{ ...board, tags },
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
};

/** The templates that there are. */
export const templatesAnswer = (): TemplatesAnswer => ({
  templates: TEMPLATES.map((id) => {
    const template = TEMPLATE_OF[id];
    const { name, description, parameters } = template;
    const { tiles } = boardOf(template, defaultsOf(template));
    return {
      ...{ template: id, name, description, parameters: [...parameters] },
      tiles: tiles.map((tile) => ({
        title: tile.title,
        kind: tile.kind === 'question' ? tile.question.kind : 'text',
      })),
    };
  }),
});
