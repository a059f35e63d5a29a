import type { ReactNode } from 'react';
import { Icon, Select } from '../design/index.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { type Kind, KIND_FACTS, KINDS } from './kinds.ts';

interface KindChooserProps {
  readonly value: Kind;
  readonly onChange: (kind: Kind) => void;
}

/** What kind of question is asked. */
export const KindChooser = ({ value, onChange }: KindChooserProps): ReactNode => {
  const isNarrow = useMedia(NARROW);
  if (isNarrow)
    return (
      <Select
        label="Kind of question"
        value={value}
        options={KINDS.map((kind) => ({ value: kind, ...KIND_FACTS[kind] }))}
        onChange={onChange}
      />
    );
  return (
    <div className="kinds" role="radiogroup" aria-label="Kind of question">
      {KINDS.map((kind) => (
        <label key={kind} className="kind" title={KIND_FACTS[kind].note}>
          <input
            type="radio"
            name="kind"
            className="unseen"
            checked={kind === value}
            onChange={() => onChange(kind)}
          />
          <Icon name={KIND_FACTS[kind].icon} size={14} />
          {KIND_FACTS[kind].text}
        </label>
      ))}
    </div>
  );
};
