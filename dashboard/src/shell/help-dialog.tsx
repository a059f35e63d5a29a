import type { ReactNode } from 'react';
import { Dialog } from '../design/index.ts';

const KEYS = [
  { keys: ['p'], does: 'Pause the stream, or let it go on' },
  { keys: ['/'], does: 'Filter the stream' },
  { keys: ['j', 'k'], does: 'Next, previous event' },
  { keys: ['Enter'], does: 'Open the event' },
  { keys: ['Esc'], does: 'Close what is open' },
  { keys: ['?'], does: 'Show this' },
] as const;

/** The keys that the page knows. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => (
  <Dialog title="Keyboard" onClose={onClose}>
    <dl className="keys">
      {KEYS.map(({ keys, does }) => (
        <div key={does}>
          <dt>
            {keys.map((key) => (
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
