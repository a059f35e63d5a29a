import './panel.css';
import { type ReactNode, type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useShortcuts } from '../lib/shortcuts.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { IconButton } from './button.tsx';
import { closeBy } from './close-by.ts';
import { LayerContext } from './layer.tsx';

interface PanelProps {
  readonly title: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly onClose: () => void;
  /** What must stay in view: where there is room, the panel opens at the left of it. */
  readonly beside?: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
}

/** Width of a panel and of what must be left at its left. */
const ROOM_PX = 480 + 200;
const GAP_PX = 12;

/** How far from the right edge a panel beside the element begins; undefined where there is no room for it. */
const useRoomBeside = (beside: RefObject<HTMLElement | null> | undefined): number | undefined => {
  const [right, setRight] = useState<number>();
  useLayoutEffect(() => {
    const element = beside?.current;
    if (!element) return;
    const measure = (): void => {
      const { left } = element.getBoundingClientRect();
      setRight(left > ROOM_PX ? document.documentElement.clientWidth - left + GAP_PX : undefined);
    };
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [beside]);
  return right;
};

/**
 * A closer look at one thing, at the right edge. On wide screens the page beside it stays usable; where it covers the page it is modal. Takes the focus
 * when it opens and gives it back when it closes.
 */
export const Panel = ({ title, actions, onClose, beside, children }: PanelProps): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isModal = useMedia(NARROW);
  const right = useRoomBeside(beside);
  const [layer, setLayer] = useState<HTMLElement>();
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
    setLayer(isModal ? (element ?? undefined) : undefined);
    heading.current?.focus({ preventScroll: true });
    return () => element?.close();
  }, [isModal]);
  return createPortal(
    <dialog
      ref={dialog}
      className="panel"
      data-beside={right === undefined || isModal ? undefined : ''}
      style={right === undefined || isModal ? undefined : { right }}
      aria-labelledby={id}
      {...closeBy(onClose)}
    >
      <div className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1} className="truncate">
          {title}
        </h2>
        {actions}
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </div>
      <div className="panel-body">
        <LayerContext value={layer}>{children}</LayerContext>
      </div>
    </dialog>,
    document.body,
  );
};
