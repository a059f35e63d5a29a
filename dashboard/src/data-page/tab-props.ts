import type { SessionAnswer } from '../../../src/contract/session.ts';

/** What every tab of the page is given. */
export interface TabProps {
  readonly project: string;
  readonly session: SessionAnswer;
}

/** Whether the session may do something in the project. */
export const may = (
  { permissions }: SessionAnswer,
  permission: SessionAnswer['permissions'][number],
): boolean => permissions.includes(permission);
