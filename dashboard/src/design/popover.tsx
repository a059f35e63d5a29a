import './popover.css';
import { Popover as Base } from '@base-ui/react/popover';
import { type ReactNode, useState } from 'react';
import { useLayer } from './layer.tsx';

interface PopoverProps {
  /** What stands on the button. */
  readonly button: ReactNode;
  /** Name for screen readers, where the button's words do not say it. */
  readonly label?: string;
  readonly className?: string;
  readonly align?: 'start' | 'center' | 'end';
  readonly isDisabled?: boolean;
  /** What is shown; a function may close it. */
  readonly children: ReactNode | ((close: () => void) => ReactNode);
}

/** A button that opens a small surface. Escape and a press beside it close it; the focus returns to the button. */
export const Popover = (props: PopoverProps): ReactNode => {
  const { button, label, className = 'button', align = 'start', isDisabled = false, children } = props;
  const [isOpen, setOpen] = useState(false);
  const layer = useLayer();
  return (
    <Base.Root open={isOpen} onOpenChange={setOpen}>
      <Base.Trigger className={className} aria-label={label} disabled={isDisabled}>
        {button}
      </Base.Trigger>
      <Base.Portal container={layer}>
        <Base.Positioner className="over" align={align} sideOffset={4} collisionPadding={8}>
          <Base.Popup className="float popover" aria-label={label}>
            {typeof children === 'function' ? children(() => setOpen(false)) : children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};
