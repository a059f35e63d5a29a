import type { ReactNode } from 'react';
import { ApiError } from '../data/api.ts';
import { Button, Dialog } from '../design/index.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';

/** Who saved an insight meanwhile, and what. */
export interface Conflict {
  readonly version: number;
  readonly updated_by: string;
  readonly updated_at: string;
  readonly changed: readonly string[];
}

/** What an error tells of somebody who saved meanwhile; undefined for any other error. */
export const conflictIn = (error: unknown): Conflict | undefined =>
  error instanceof ApiError &&
  error.code === 'conflict' &&
  typeof error.details === 'object' &&
  error.details !== null &&
  'updated_by' in error.details
    ? (error.details as Conflict)
    : undefined;

interface ConflictProps {
  readonly conflict: Conflict;
  readonly onCopy: () => void;
  readonly onTheirs: () => void;
  readonly onOver: () => void;
  readonly onClose: () => void;
}

/** Somebody else saved the insight meanwhile. Nothing is saved over it unless that is wanted; it stays among the versions then. */
export const ConflictDialog = ({ conflict, onCopy, onTheirs, onOver, onClose }: ConflictProps): ReactNode => {
  const zone = useTimeZone();
  return (
    <Dialog title="Somebody else saved this insight" onClose={onClose}>
      <p className="dialog-words">
        <strong>{conflict.updated_by}</strong> saved version {conflict.version} on{' '}
        {momentIn(conflict.updated_at, zone)}
        {conflict.changed.length === 0 ? '.' : ` and changed ${conflict.changed.join(', ')}.`} Yours was made
        from an earlier version, so it was not saved.
      </p>
      <div className="dialog-actions">
        <Button onClick={onTheirs}>Take theirs</Button>
        <Button onClick={onOver}>Save mine over it</Button>
        <Button kind="primary" onClick={onCopy}>
          Save mine as another
        </Button>
      </div>
    </Dialog>
  );
};
