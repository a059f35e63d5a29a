import { type KeyboardEvent, type ReactNode, type RefObject, useId, useMemo, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { Chip, Icon } from '../design/index.ts';
import { type Condition, conditionText, isSame, suggest, withCondition } from './filter.ts';

interface FilterBarProps {
  readonly conditions: readonly Condition[];
  readonly onChange: (conditions: readonly Condition[]) => void;
  /** Where suggestions come from. */
  readonly events: readonly StoredEvent[];
  readonly input: RefObject<HTMLInputElement | null>;
}

const moved = (at: number, key: string, count: number): number | undefined => {
  if (key === 'ArrowDown') return (at + 1) % count;
  return key === 'ArrowUp' ? (at - 1 + count) % count : undefined;
};

interface OffersProps {
  readonly id: string;
  readonly offers: readonly Condition[];
  readonly chosen: number;
  readonly isShown: boolean;
  readonly onAdd: (condition: Condition) => void;
}

const Offers = ({ id, offers, chosen, isShown, onAdd }: OffersProps): ReactNode => (
  <ul
    className="float filter-list"
    role="listbox"
    id={`${id}-list`}
    aria-label="Suggestions"
    hidden={!isShown}
  >
    {offers.map((offer, index) => (
      <li
        key={conditionText(offer)}
        id={`${id}-${index}`}
        role="option"
        className="filter-offer truncate"
        aria-selected={index === chosen}
        // Before the input loses the focus, which closes the list.
        onPointerDown={(event) => {
          event.preventDefault();
          onAdd(offer);
        }}
      >
        {conditionText(offer)}
      </li>
    ))}
  </ul>
);

/** What may be meant, without what is there already; nothing while nobody types. */
const useOffers = (
  isOpen: boolean,
  text: string,
  events: readonly StoredEvent[],
  conditions: readonly Condition[],
): readonly Condition[] =>
  useMemo(
    () =>
      isOpen ? suggest(text, events).filter((offer) => !conditions.some((each) => isSame(each, offer))) : [],
    [isOpen, text, events, conditions],
  );

/** Where the stream is narrowed down: type, source, user or a property; several at a time. */
export const FilterBar = ({ conditions, onChange, events, input }: FilterBarProps): ReactNode => {
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const id = useId();
  const offers = useOffers(isOpen, text, events, conditions);
  const chosen = Math.min(at, Math.max(0, offers.length - 1));
  const add = (condition: Condition): void => {
    onChange(withCondition(conditions, condition));
    setText('');
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const next = moved(chosen, event.key, offers.length);
    const offer = offers[chosen];
    if (event.key === 'Escape') {
      setText('');
      setOpen(false);
      event.currentTarget.blur();
    } else if (event.key === 'Enter' && offer !== undefined) add(offer);
    else if (event.key === 'Backspace' && text === '') return onChange(conditions.slice(0, -1));
    else if (next !== undefined && offers.length > 0) setAt(next);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isListShown = isOpen && offers.length > 0;
  return (
    <div className="filter">
      <div className="filter-box">
        <Icon name="filter" size={14} />
        {conditions.map((condition) => (
          <Chip
            key={conditionText(condition)}
            text={conditionText(condition)}
            onRemove={() => onChange(conditions.filter((each) => each !== condition))}
          />
        ))}
        <input
          ref={input}
          className="filter-input"
          role="combobox"
          aria-label="Filter the stream by type, source, user or property"
          aria-expanded={isListShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isListShown ? `${id}-${chosen}` : undefined}
          placeholder={conditions.length === 0 ? 'Filter by type, source, user, plan=pro' : ''}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {conditions.length === 0 && text === '' ? <kbd className="key">/</kbd> : null}
      </div>
      <Offers id={id} offers={offers} chosen={chosen} isShown={isListShown} onAdd={add} />
    </div>
  );
};
