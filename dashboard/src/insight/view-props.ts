import type { Mark } from '../chart/plot-options.ts';
import type { Display } from '../../../src/contract/insights.ts';
import type { Answer, Question } from './display.ts';
import type { OnDrill } from './group.ts';

/** What is drawn, and what may be done with it. */
export interface Viewed<Kind extends Answer['kind'] = Answer['kind']> {
  readonly question: Question;
  readonly answer: Extract<Answer, { readonly kind: Kind }>;
  readonly display: Display;
  readonly onDrill?: OnDrill | undefined;
  /** A stretch of time was chosen on the axis, in milliseconds since 1970. */
  readonly onRange?: ((fromMs: number, toMs: number) => void) | undefined;
  /** There is little room: what is not needed is left out. */
  readonly isCompact: boolean;
  /** Whose clock the words of times go by. */
  readonly zone: string;
  /** Notes on the time axis. */
  readonly marks: readonly Mark[];
}
