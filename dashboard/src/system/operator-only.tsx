import type { ReactNode } from 'react';
import { Notice } from '../design/index.ts';
import type { PageProps } from '../page-props.ts';

interface OperatorOnlyProps extends Pick<PageProps, 'session' | 'project'> {
  /** What it is: `the configuration`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** What only the operator of the platform may see; others are told so. */
export const OperatorOnly = ({ session, project, what, children }: OperatorOnlyProps): ReactNode =>
  session.permissions.includes('platform:admin') ? (
    children
  ) : (
    <Notice icon="lock" title={`You may not see ${what}`}>
      It is shown to the operator of the platform: whoever has the permission <code>platform:admin</code>.
      Your role in the project {project} is {session.role}.
    </Notice>
  );
