import type { ReactNode } from 'react';
import { Button, Dialog } from '../design/index.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';
import type { Conflict } from './conflict-of.ts';

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
