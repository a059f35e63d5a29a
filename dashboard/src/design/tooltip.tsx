import './popover.css';
import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { useLayer } from './layer.tsx';

interface TooltipProps {
  readonly text: ReactNode;
  readonly side?: 'top' | 'bottom' | 'left' | 'right';
  /** What it explains: something that can have the focus. */
  readonly children: ReactElement<Record<string, unknown>>;
}

/** Says more about what is pointed at or has the focus. Never the only place where something stands. */
export const Tooltip = ({ text, side = 'top', children }: TooltipProps): ReactNode => {
  const layer = useLayer();
  return (
    <Base.Root>
      <Base.Trigger render={children} delay={250} />
      <Base.Portal container={layer}>
        <Base.Positioner className="over" side={side} sideOffset={6} collisionPadding={8}>
          <Base.Popup className="float tooltip">{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};
