import type { ReactNode } from 'react';
import { Dialog } from '../design/index.ts';
import { STREAM_KEYS } from '../live/stream-card.tsx';

const ALL = [...STREAM_KEYS, { label: '?', does: 'Show this' }];

/** The keys that the page knows. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => (
  <Dialog title="Keyboard" onClose={onClose}>
    <dl className="keys">
      {ALL.map(({ label, does }) => (
        <div key={label}>
          <dt>
            {label.split(' ').map((key) => (
              <kbd className="key" key={key}>
                {key}
              </kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
