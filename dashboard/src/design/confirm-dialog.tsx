import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FieldError } from './field.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly children: ReactNode;
  /** What the button says: what it does. */
  readonly action: string;
  readonly isDanger?: boolean;
  /** Does it. The dialog stays and shows why if it is in vain. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done that is hard to undo. */
export const ConfirmDialog = (props: ConfirmProps): ReactNode => {
  const { title, children, action, isDanger = false, onConfirm, onClose } = props;
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const run = async (): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-words">{children}</div>
      <FieldError text={trouble} />
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind={isDanger ? 'danger' : 'primary'} disabled={isBusy} onClick={() => void run()}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
};
