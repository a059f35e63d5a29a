import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FieldError } from './field.tsx';
import type { Attempt } from '../lib/use-attempt.ts';

interface DialogFormProps {
  readonly title: string;
  /** What the button says: what it does. */
  readonly action: string;
  readonly attempt: Attempt;
  /** Something is missing. */
  readonly isDisabled?: boolean;
  readonly isWide?: boolean;
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Asks for something and does it. The dialog stays, and says why, if it is in vain. */
export const DialogForm = (props: DialogFormProps): ReactNode => {
  const { title, action, attempt, isDisabled = false, isWide = false, onSubmit, onClose, children } = props;
  return (
    <Dialog title={title} isWide={isWide} onClose={onClose}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isDisabled) attempt.run(onSubmit);
        }}
      >
        {children}
        <FieldError text={attempt.trouble} />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={isDisabled || attempt.isBusy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
