import './chip.css';
import type { ReactNode } from 'react';
import { Icon } from './icons.tsx';

/** Something that was chosen and can be taken back. */
export const Chip = ({
  text,
  onRemove,
}: {
  readonly text: string;
  readonly onRemove: () => void;
}): ReactNode => (
  <span className="chip">
    <span className="truncate" title={text}>
      {text}
    </span>
    <button type="button" onClick={onRemove} aria-label={`Remove ${text}`}>
      <Icon name="close" size={10} />
    </button>
  </span>
);
