import { Fragment, type ReactNode } from 'react';
import { Dialog } from '../design/index.ts';
import type { MenuPage } from './menu-page.ts';
import { PALETTE_KEY } from './palette.tsx';

interface Keys {
  readonly keys: readonly string[];
  readonly does: string;
}

const EVERYWHERE: readonly Keys[] = [
  { keys: [PALETTE_KEY], does: 'Find a page, a user, a session or something saved, or do something' },
  { keys: ['Esc'], does: 'Close what is open' },
  { keys: ['?'], does: 'Show this' },
];

const LIVE: readonly Keys[] = [
  { keys: ['p'], does: 'Pause the stream, or let it go on' },
  { keys: ['/'], does: 'Filter the stream' },
  { keys: ['j', 'k'], does: 'Next, previous event' },
  { keys: ['Enter'], does: 'Open the event' },
];

const Section = ({
  title,
  entries,
}: {
  readonly title: string;
  readonly entries: readonly Keys[];
}): ReactNode => (
  <Fragment>
    <h3 className="keys-head">{title}</h3>
    <dl className="keys">
      {entries.map(({ keys, does }) => (
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
  </Fragment>
);

interface HelpDialogProps {
  readonly pages: readonly MenuPage[];
  readonly onClose: () => void;
}

/** The keys that the pages know. */
export const HelpDialog = ({ pages, onClose }: HelpDialogProps): ReactNode => (
  <Dialog title="Keyboard" onClose={onClose}>
    <Section title="Everywhere" entries={EVERYWHERE} />
    <Section title="Go to" entries={pages.map(({ letter, text }) => ({ keys: ['g', letter], does: text }))} />
    <Section title="Live" entries={LIVE} />
  </Dialog>
);
