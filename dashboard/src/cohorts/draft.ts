import type { CohortAnswer, CohortDefinition, Criterion, NewCohort } from '../../../src/contract/cohorts.ts';
import type { Condition, Selector } from '../../../src/contract/question.ts';
import { type DraftCondition, draftOf, filterOf, NEW_CONDITION } from '../ask/filter-model.ts';

/** A criterion under way. Durations and numbers are as they were typed. */
export type CriterionDraft = { readonly key: number } & (
  | { readonly kind: 'did'; readonly event: Selector; readonly atLeast: string; readonly within: string }
  | { readonly kind: 'did_not'; readonly event: Selector; readonly within: string }
  | { readonly kind: 'property'; readonly is: DraftCondition }
  | { readonly kind: 'first_seen'; readonly within: string; readonly before: string }
  | { readonly kind: 'cohort'; readonly cohort: string | undefined; readonly member: boolean }
);

/** Kinds of criteria. */
export type CriterionKind = CriterionDraft['kind'];

/** What the kinds of criteria are called, as the beginning of a sentence about somebody. */
export const CRITERION_KINDS: readonly { readonly value: CriterionKind; readonly text: string }[] = [
  { value: 'did', text: 'Did' },
  { value: 'did_not', text: 'Did not do' },
  { value: 'property', text: 'Is known for' },
  { value: 'first_seen', text: 'Was first seen' },
  { value: 'cohort', text: 'Belongs to' },
];

let lastKey = 0;
const nextKey = (): number => (lastKey += 1);

/** A criterion of a kind of which nothing is chosen yet. */
export const newCriterion = (kind: CriterionKind): CriterionDraft => {
  const key = nextKey();
  switch (kind) {
    case 'did':
      return { key, kind, event: {}, atLeast: '1', within: '30d' };
    case 'did_not':
      return { key, kind, event: {}, within: '30d' };
    case 'property':
      return { key, kind, is: NEW_CONDITION };
    case 'first_seen':
      return { key, kind, within: '7d', before: '' };
    case 'cohort':
      return { key, kind, cohort: undefined, member: true };
  }
};

const criterionDraft = (criterion: Criterion): CriterionDraft => {
  const key = nextKey();
  switch (criterion.kind) {
    case 'did':
      return {
        ...{ key, kind: 'did', event: criterion.event },
        atLeast: String(criterion.at_least),
        within: criterion.within ?? '',
      };
    case 'did_not':
      return { key, kind: 'did_not', event: criterion.event, within: criterion.within ?? '' };
    case 'property': {
      const [part] = draftOf(criterion.is).parts;
      return { key, kind: 'property', is: part?.kind === 'condition' ? part : NEW_CONDITION };
    }
    case 'first_seen':
      return { key, kind: 'first_seen', within: criterion.within ?? '', before: criterion.before ?? '' };
    case 'cohort':
      return { key, kind: 'cohort', cohort: criterion.cohort, member: criterion.member };
  }
};

/** A cohort as it is edited. */
export interface CohortDraft {
  readonly name: string;
  readonly description: string;
  readonly mode: CohortAnswer['mode'];
  readonly match: CohortDefinition['match'];
  readonly criteria: readonly CriterionDraft[];
}

/** A cohort of which nothing is chosen yet. */
export const newDraft = (): CohortDraft => ({
  ...{ name: '', description: '', mode: 'live', match: 'all' },
  criteria: [newCriterion('did')],
});

/** A saved cohort as it is edited. */
export const draftOfCohort = ({ name, description, mode, definition }: CohortAnswer): CohortDraft => ({
  ...{ name, description, mode, match: definition.match },
  criteria: definition.criteria.map(criterionDraft),
});

const DURATION = /^[1-9]\d{0,9}[smhdw]$/u;

const isDuration = (text: string): boolean => text.trim() === '' || DURATION.test(text.trim());

const WHOLE = /^[1-9]\d{0,6}$/u;

const HOW_LONG = 'is no stretch of time: write 30d, 12h or 2w, or leave it empty';

/** What is wrong with a criterion, or missing from it; undefined if it is whole. */
export const troubleOf = (draft: CriterionDraft): string | undefined => {
  switch (draft.kind) {
    case 'did':
      if (!WHOLE.test(draft.atLeast.trim()))
        return `“${draft.atLeast}” is no number of times: write 1 or more`;
      return isDuration(draft.within) ? undefined : `“${draft.within}” ${HOW_LONG}`;
    case 'did_not':
      return isDuration(draft.within) ? undefined : `“${draft.within}” ${HOW_LONG}`;
    case 'property':
      return conditionOf(draft.is) === undefined ? 'Choose what is known, and its value' : undefined;
    case 'first_seen': {
      const bad = [draft.within, draft.before].find((text) => !isDuration(text));
      if (bad !== undefined) return `“${bad}” ${HOW_LONG}`;
      return draft.within.trim() + draft.before.trim() === ''
        ? 'Say when: within, before, or both'
        : undefined;
    }
    case 'cohort':
      return draft.cohort === undefined ? 'Choose a cohort' : undefined;
  }
};

const conditionOf = (is: DraftCondition): Condition | undefined => {
  const filter = filterOf({ match: 'and', parts: [is] });
  return filter !== undefined && 'field' in filter ? filter : undefined;
};

const within = (text: string): { readonly within?: string } =>
  text.trim() === '' ? {} : { within: text.trim() };

const criterionOf = (draft: CriterionDraft): readonly Criterion[] => {
  switch (draft.kind) {
    case 'did':
      return [{ kind: 'did', event: draft.event, at_least: Number(draft.atLeast), ...within(draft.within) }];
    case 'did_not':
      return [{ kind: 'did_not', event: draft.event, ...within(draft.within) }];
    case 'property': {
      const is = conditionOf(draft.is);
      return is === undefined ? [] : [{ kind: 'property', is }];
    }
    case 'first_seen':
      return [
        {
          kind: 'first_seen',
          ...within(draft.within),
          ...(draft.before.trim() === '' ? {} : { before: draft.before.trim() }),
        },
      ];
    case 'cohort':
      return draft.cohort === undefined
        ? []
        : [{ kind: 'cohort', cohort: draft.cohort, member: draft.member }];
  }
};

/** The cohort that is meant; undefined while something is missing or wrong. */
export const cohortOf = (draft: CohortDraft): NewCohort | undefined => {
  const { name, description, mode, match, criteria } = draft;
  if (name.trim() === '' || criteria.length === 0) return undefined;
  if (criteria.some((each) => troubleOf(each) !== undefined)) return undefined;
  return {
    ...{ name: name.trim(), description, mode },
    definition: { match, criteria: criteria.flatMap(criterionOf) },
  };
};
