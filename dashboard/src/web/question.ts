import type { RangeInput } from '../../../src/contract/question.ts';
import type { WebList, WebRequest } from '../../../src/contract/web.ts';
import { ownHosts } from './hosts.ts';
import { onlyOf } from './only.ts';

/** Entries of each list that are asked for: some more than are shown, because they come by sessions and are shown by visitors. */
export const TOP = 14;
/** What the list that shows all asks for. */
export const TOP_ALL = 200;

/** What the address does not say. */
interface Asked {
  readonly project: string;
  readonly zone: string;
  readonly range: RangeInput;
}

type Question = Partial<WebRequest> & { readonly kind: 'web' };

/** The one question of the page, as its address says. */
export const questionOf = (search: string, { project, zone, range }: Asked): Question => ({
  kind: 'web',
  range,
  timezone: zone,
  compare: isCompared(search),
  interval: 'auto',
  top: TOP,
  // The map shows all of them.
  top_of: { countries: TOP_ALL },
  only: onlyOf(search),
  own_hosts: ownHosts(search, project),
});

/** The same for one list whole. */
export const wholeOf = ({ interval: _interval, ...question }: Question, list: WebList): Question => ({
  ...question,
  top: 1,
  top_of: { [list]: TOP_ALL },
});

/** Whether the period before is shown beside. */
export const isCompared = (search: string): boolean => new URLSearchParams(search).get('compare') !== 'off';
