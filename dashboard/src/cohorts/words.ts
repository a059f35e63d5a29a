import type { CohortDefinition, Criterion } from '../../../src/contract/cohorts.ts';
import { filterWords } from '../ask/filter-words.ts';
import { selectionOf, selectionWords } from '../ask/selectors.ts';

const withinWords = (within: string | undefined): string => (within === undefined ? '' : ` within ${within}`);

const timesWords = (times: number): string => (times === 1 ? '' : ` at least ${times} times`);

/** A criterion as the end of a sentence about somebody: `did purchase at least 3 times within 30d`. */
export const criterionWords = (criterion: Criterion, cohortName: (id: string) => string): string => {
  switch (criterion.kind) {
    case 'did':
      return `did ${selectionWords(selectionOf(criterion.event))}${timesWords(criterion.at_least)}${withinWords(criterion.within)}`;
    case 'did_not':
      return `did not do ${selectionWords(selectionOf(criterion.event))}${withinWords(criterion.within)}`;
    case 'property':
      return `latest known: ${filterWords(criterion.is)}`;
    case 'first_seen': {
      const before = criterion.before === undefined ? '' : ` ${criterion.before} ago or longer`;
      return `was first seen${withinWords(criterion.within)}${before}`;
    }
    case 'cohort':
      return `${criterion.member ? 'belongs' : 'does not belong'} to ${cohortName(criterion.cohort)}`;
  }
};

/** Who belongs to a cohort, in a sentence. */
export const definitionWords = (
  { match, criteria }: CohortDefinition,
  cohortName: (id: string) => string,
): string =>
  `Everybody who ${criteria.map((each) => criterionWords(each, cohortName)).join(match === 'all' ? ', and ' : ', or ')}`;
