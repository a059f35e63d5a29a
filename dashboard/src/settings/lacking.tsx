import type { ReactNode } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { Notice } from '../design/index.ts';

/** Whether one administers the project. */
export const administers = ({ permissions }: SessionAnswer): boolean => permissions.includes('project:admin');

/** Stands where a role does not reach. */
export const Lacking = ({
  session,
  title,
}: {
  readonly session: SessionAnswer;
  readonly title: string;
}): ReactNode => (
  <Notice icon="lock" title={title}>
    Your role in the project {session.project} is {session.role}; this takes the permission{' '}
    <code>project:admin</code>, which admins and owners have.
  </Notice>
);
