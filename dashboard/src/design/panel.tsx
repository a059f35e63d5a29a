import './panel.css';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useShortcuts } from '../lib/shortcuts.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { IconButton } from './button.tsx';
import { closeBy } from './close-by.ts';

interface PanelProps {
  readonly title: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A closer look at one thing, at the right edge. On wide screens the page beside it stays usable; where it covers the page it is modal. Takes the focus
 * when it opens and gives it back when it closes.
 */
export const Panel = ({ title, actions, onClose, children }: PanelProps): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isModal = useMedia(NARROW);
  const id = useId();
  useShortcuts([{ keys: ['Escape'], run: onClose }]);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const element = dialog.current;
    if (isModal) element?.showModal();
    else element?.show();
    heading.current?.focus({ preventScroll: true });
    return () => element?.close();
  }, [isModal]);
  return createPortal(
    <dialog
      ref={dialog}
      className="panel"
      aria-labelledby={id}
      {...closeBy(dialog, onClose)}
    >
      <div className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1} className="truncate">
          {title}
        </h2>
        {actions}
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </div>
      <div className="panel-body">{children}</div>
    </dialog>,
    document.body,
  );
};
