import type { WebAnswer, WebList, WebOnly, WebRequest } from '../../../src/contract/web.ts';

/** What the parts of the page have in common: what is asked, what was answered, and how to narrow it. */
export interface Site {
  readonly project: string;
  readonly question: Partial<WebRequest> & { readonly kind: 'web' };
  readonly answer: WebAnswer | undefined;
  readonly only: WebOnly;
  readonly isCompared: boolean;
  /** Narrows the page to a value of a list, or takes that back. */
  readonly onToggle: (list: WebList, value: string | null) => void;
}
