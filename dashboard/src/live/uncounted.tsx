import type { ReactNode } from 'react';
import type { ApiError } from '../data/api.ts';
import { Failed, Notice } from '../design/index.ts';
import { Why } from './said.tsx';

/** Stands where a number would, and says why there is none: an error of a question that is asked again and again, or what the live connection said. Nothing as long as nothing failed. */
export const uncounted = (error: ApiError | string | undefined): ReactNode => {
  if (error === undefined) return undefined;
  if (typeof error !== 'string' && error.status === 403)
    return (
      <Notice icon="lock" title="Not for you">
        <Why text={error.message} />
      </Notice>
    );
  return (
    <Failed title="Not counted" again={undefined}>
      {typeof error === 'string' ? (
        <Why text={error} />
      ) : (
        <Why text={error.message} then=" It is asked again by itself." />
      )}
    </Failed>
  );
};
