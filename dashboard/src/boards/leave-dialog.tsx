import type { ReactNode } from 'react';
import { Button, Dialog } from '../design/index.ts';

interface LeaveProps {
  readonly onDiscard: () => void;
  readonly onClose: () => void;
}

/** What was changed is not saved: whether it may be lost. */
export const LeaveDialog = ({ onDiscard, onClose }: LeaveProps): ReactNode => (
  <Dialog title="Not saved yet" onClose={onClose}>
    <p className="dialog-words">The board was changed. If you leave now, the changes are lost.</p>
    <div className="dialog-actions">
      <Button kind="danger" onClick={onDiscard}>
        Discard the changes
      </Button>
      <Button kind="primary" onClick={onClose}>
        Go on editing
      </Button>
    </div>
  </Dialog>
);
