import type { SessionAnswer } from '../../../src/contract/session.ts';
import type { IconName } from '../design/index.ts';

/** A page as the menu shows it. */
export interface MenuPage {
  readonly path: string;
  readonly text: string;
  readonly icon: IconName;
  readonly group: string;
  readonly permission: SessionAnswer['permissions'][number];
  readonly letter: string;
}
