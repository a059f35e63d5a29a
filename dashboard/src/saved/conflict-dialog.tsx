import type { ReactNode } from 'react';
import type { Conflict } from '../data/saved.ts';
import { Dialog, FieldError } from '../design/index.ts';
import { since } from '../lib/since.ts';

interface ConflictProps {
  /** What was to be saved. */
  readonly what: 'board' | 'insight';
  readonly conflict: Conflict;
  /** Why what was chosen came to nothing. */
  readonly trouble?: string | undefined;
  readonly onClose: () => void;
  /** What can be done: buttons. */
  readonly children: ReactNode;
}

/** Somebody else saved the same meanwhile: who, when and what. Nothing was overwritten. */
export const ConflictDialog = ({ what, conflict, trouble, onClose, children }: ConflictProps): ReactNode => {
  const { version, updated_by: by, updated_at: at, changed } = conflict;
  return (
    <Dialog title={`Somebody else saved this ${what}`} onClose={onClose}>
      <p className="dialog-words">
        <strong>{by}</strong> saved version {version} {since(at)}
        {changed.length === 0 ? '.' : ` and changed ${changed.join(', ')}.`} Yours was made from an earlier
        version, so it was not saved over it.
      </p>
      <FieldError text={trouble} />
      <div className="dialog-actions">{children}</div>
    </Dialog>
  );
};
