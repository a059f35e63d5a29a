import './dialog.css';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { IconButton } from './button.tsx';
import { closeBy } from './close-by.ts';
import { LayerContext } from './layer.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** For forms with several columns. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** Asks or tells something that has to be dealt with first. Keeps the focus inside; Escape and a press beside it close it. */
export const Dialog = ({ title, onClose, isWide = false, children }: DialogProps): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [layer, setLayer] = useState<HTMLElement>();
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    setLayer(element ?? undefined);
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      data-wide={isWide ? '' : undefined}
      aria-labelledby={id}
      {...closeBy(onClose)}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </div>
      <div className="dialog-body">
        <LayerContext value={layer}>{children}</LayerContext>
      </div>
    </dialog>
  );
};
