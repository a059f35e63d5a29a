import type { Filter, Selector } from '../../../src/contract/question.ts';
import { fieldText } from '../ask/fields.ts';
import { selectionOf, selectionWords } from '../ask/selectors.ts';
import type { Behind, FunnelUsersInput } from '../data/behind.ts';
import type { Answer } from '../insight/display.ts';
import type { Drill, Group } from '../insight/group.ts';
import { sessionPath } from '../lib/paths.ts';
import { saysSame } from '../lib/same.ts';
import type { Question, QuestionOf } from './kinds.ts';

/** What stands behind a number: who, or which events; or a place where more is known. */
export type Found =
  /** Who got to a step of a funnel. */
  | {
      readonly kind: 'actors';
      readonly title: string;
      readonly question: FunnelUsersInput;
      /** Only those of this group. */
      readonly group: Group | undefined;
    }
  /** Events, of one or several selections, the first of which is shown first. */
  | { readonly kind: 'events'; readonly title: string; readonly choices: readonly EventChoice[] }
  | { readonly kind: 'place'; readonly path: string };

/** Events that can be looked at. */
export interface EventChoice {
  readonly text: string;
  readonly behind: Behind;
}

interface Selected {
  readonly text: string;
  readonly types: readonly string[];
  readonly filters: readonly Filter[];
}

const present = <T>(values: readonly (T | undefined)[]): readonly T[] =>
  values.filter((value): value is T => value !== undefined);

const selected = (selector: Selector | undefined, filter: Filter | undefined): Selected => {
  const selection = selectionOf(selector);
  return {
    text: selectionWords({ types: selection.types, filter: undefined }),
    types: selection.types,
    filters: present([selection.filter, filter]),
  };
};

/** Which events a question counts, of several parts one after the other. */
const partsOf = (question: Question): readonly Selected[] => {
  const { filter } = question;
  switch (question.kind) {
    case 'trend': {
      const common =
        question.types === undefined ? [] : [{ field: 'type', op: 'in' as const, values: question.types }];
      if (question.series === undefined) return [selected({ types: question.types }, filter)];
      return question.series.map((series, index) => {
        const one = selected({ types: series.types, filter: series.filter }, filter);
        return {
          ...one,
          text: series.name ?? `${index + 1}. ${one.text}`,
          filters: [...one.filters, ...common],
        };
      });
    }
    case 'funnel':
      return question.steps.map((step) =>
        selected(typeof step === 'string' ? step : { types: step.types, filter: step.filter }, filter),
      );
    case 'retention':
      return [selected(question.start, filter), selected(question.return, filter)];
    case 'lifecycle':
    case 'stickiness':
    case 'sessions':
      return [selected({ types: question.types }, filter)];
    case 'revenue':
    case 'statistics':
      return [selected(question.events, filter)];
    case 'attribution':
      return [selected(question.conversion, filter), selected(question.touches, filter)];
    case 'experiment':
      return [selected(question.exposure, filter), selected(question.goal, filter)];
    case 'paths':
    case 'metric':
      return [selected({}, filter)];
  }
};

/** Conditions for the events of a group. */
const groupFilters = (group: Group): readonly Filter[] =>
  Object.entries(group ?? {}).map(([field, value]) =>
    value === null ? { field, op: 'not_exists' as const } : { field, op: 'eq' as const, value },
  );

interface Bounds {
  readonly from: string;
  readonly to: string;
}

const iso = (text: string): string => new Date(text).toISOString();

const behindOf = ({ types, filters }: Selected, { from, to }: Bounds, asOf: string | null): Behind => {
  const [only] = types;
  const all: readonly Filter[] = [
    ...(types.length > 1 ? [{ field: 'type', op: 'in' as const, values: [...types] }] : []),
    ...filters,
  ];
  const [first] = all;
  return {
    type: types.length === 1 ? only : undefined,
    filter: all.length > 1 ? { and: all } : first,
    since: iso(from),
    until: iso(to),
    as_of: asOf ?? undefined,
  };
};

const choicesOf = (
  parts: readonly Selected[],
  bounds: Bounds,
  answer: Answer,
  more: readonly Filter[] = [],
): readonly EventChoice[] =>
  parts.map((part) => ({
    text: part.text,
    behind: behindOf({ ...part, filters: [...part.filters, ...more] }, bounds, answer.as_of),
  }));

/** In words: `DE · mobile`. */
export const groupText = (group: Group): string =>
  Object.entries(group ?? {})
    .map(([field, value]) => (value === null ? `without ${fieldText(field)}` : value))
    .join(' · ');

const funnelDrill = (
  question: QuestionOf<'funnel'>,
  answer: Answer,
  drill: Extract<Drill, { kind: 'converted' | 'dropped' }>,
): Found => {
  const { top: _top, explain: _explain, as_of: _asOf, kind: _kind, ...definition } = question;
  const name = answer.kind === 'funnel' ? (answer.names[drill.step - 1] ?? '') : '';
  const verb = drill.kind === 'converted' ? 'Got to' : 'Went no further than';
  const of = drill.group === null ? '' : `, ${groupText(drill.group)}`;
  return {
    kind: 'actors',
    title: `${verb} ${name}${of}`,
    question: {
      ...definition,
      kind: 'funnel_users',
      step: drill.step,
      outcome: drill.kind,
      ...(answer.as_of === null ? {} : { as_of: answer.as_of }),
    },
    group: drill.group ?? undefined,
  };
};

/** Where a period of a retention cohort lies: so many periods behind the one that begins then. */
const periodOf = (
  answer: Extract<Answer, { kind: 'retention' }>,
  start: string,
  period: number,
): Bounds | undefined => {
  const starts = (answer.series[0]?.cohorts ?? []).map((cohort) => cohort.start);
  const at = starts.indexOf(start);
  if (at < 0) return undefined;
  const from = starts[at + period];
  const to = starts[at + period + 1] ?? answer.range.to;
  // Behind the range nothing tells where periods begin: days and weeks have a length, to the hour.
  if (from !== undefined) return { from, to };
  const days = { day: 1, week: 7, month: 30 }[answer.period];
  const begin = Date.parse(start) + period * days * DAY_MS;
  return { from: new Date(begin).toISOString(), to: new Date(begin + days * DAY_MS).toISOString() };
};

const DAY_MS = 86_400_000;

const cohortDrill = (
  question: QuestionOf<'retention'>,
  answer: Extract<Answer, { kind: 'retention' }>,
  { start, period, group }: Extract<Drill, { kind: 'cohort' }>,
): Found | undefined => {
  const bounds = periodOf(answer, start, period);
  if (bounds === undefined) return undefined;
  const [begun, back] = partsOf(question);
  const part = period === 0 ? begun : back;
  if (part === undefined) return undefined;
  const day = start.slice(0, 10);
  return {
    kind: 'events',
    title:
      period === 0
        ? `Began in the ${answer.period} of ${day}`
        : `Events ${period} ${answer.period}s after ${day}`,
    choices: choicesOf([part], bounds, answer, period === 0 ? groupFilters(group) : []),
  };
};

/** What stands behind what was pressed; undefined where nothing more is known. */
export const foundBy = (question: Question, answer: Answer, drill: Drill): Found | undefined => {
  const { range } = answer;
  switch (drill.kind) {
    case 'actor':
      return {
        kind: 'place',
        path: drill.actor === 'user' ? `/users/${encodeURIComponent(drill.id)}` : sessionPath(drill.id),
      };
    case 'converted':
    case 'dropped':
      return question.kind === 'funnel' ? funnelDrill(question, answer, drill) : undefined;
    case 'cohort':
      return question.kind === 'retention' && answer.kind === 'retention'
        ? cohortDrill(question, answer, drill)
        : undefined;
    case 'bucket':
      return {
        kind: 'events',
        title: 'What happened then',
        choices: choicesOf(partsOf(question), drill, answer),
      };
    case 'group':
      return {
        kind: 'events',
        title: groupText(drill.group),
        choices: choicesOf(partsOf(question), range, answer, groupFilters(drill.group)),
      };
    case 'value':
      return {
        kind: 'events',
        title: drill.value ?? `Without ${fieldText(drill.field)}`,
        choices: choicesOf(partsOf(question), range, answer, groupFilters({ [drill.field]: drill.value })),
      };
  }
};

/** Whether an actor is of the group that is looked at. */
export const isOfGroup = (group: Group, wanted: Group | undefined): boolean =>
  wanted === undefined || saysSame(group, wanted);
