import type { ReactNode } from 'react';
import type { WebList, WebOnly } from '../../../src/contract/web.ts';
import { Button, Chip } from '../design/index.ts';
import { narrowingsOf } from './only.ts';

interface NarrowingsProps {
  /** There are entries to press. */
  readonly hasEntries: boolean;
  readonly only: WebOnly;
  readonly onToggle: (list: WebList, value: string | null) => void;
  readonly onClear: () => void;
}

/** What the page is narrowed to, each to be taken back. */
export const Narrowings = ({ hasEntries, only, onToggle, onClear }: NarrowingsProps): ReactNode => {
  const all = narrowingsOf(only);
  if (all.length === 0)
    return hasEntries ? (
      <p className="web-hint quiet">Press any entry to see only visits that have it.</p>
    ) : null;
  return (
    <div className="web-narrowings" role="group" aria-label="Only visits with">
      {all.map(({ list, value, text }) => (
        <Chip key={`${list} ${JSON.stringify(value)}`} text={text} onRemove={() => onToggle(list, value)} />
      ))}
      {all.length === 1 ? null : (
        <Button size="small" kind="plain" onClick={onClear}>
          Clear all
        </Button>
      )}
    </div>
  );
};
