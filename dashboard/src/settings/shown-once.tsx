import type { ReactNode } from 'react';
import { Button, CodeBlock, Dialog } from '../design/index.ts';

interface ShownOnceProps {
  readonly title: string;
  readonly label: string;
  readonly text: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** A secret that was just made: it is shown here and never again. */
export const ShownOnce = ({ title, label, text, children, onClose }: ShownOnceProps): ReactNode => (
  <Dialog title={title} onClose={onClose} isWide>
    <p className="dialog-words">{children}</p>
    <CodeBlock label={label} text={text} wraps />
    <div className="dialog-actions">
      <Button kind="primary" onClick={onClose}>
        Done
      </Button>
    </div>
  </Dialog>
);
