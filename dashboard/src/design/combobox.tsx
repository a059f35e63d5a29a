import './field.css';
import './popover.css';
import './select.css';
import { Popover as Base } from '@base-ui/react/popover';
import { type KeyboardEvent, type ReactNode, type RefObject, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';
import { useLayer } from './layer.tsx';

/** Something that can be picked. */
export interface ComboboxOption {
  readonly value: string;
  /** What it is called; its value if absent. */
  readonly text?: string;
  /** Options of one group stand together. */
  readonly group?: string;
  readonly icon?: IconName;
  /** Stands below it: what it is. Found by typing too. */
  readonly note?: string;
  /** Stands at the right: a count, a kind. */
  readonly end?: ReactNode;
}

interface ComboboxProps {
  /** Name for screen readers. */
  readonly label: string;
  readonly options: readonly ComboboxOption[];
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** What stands on the button for a value, if it is not what the option is called. */
  readonly textOf?: (value: string) => string;
  /** Whatever is typed can be chosen. The words before it: `Use`. */
  readonly isFree?: boolean;
  /** Told what is typed, for options that are asked for. They are then not filtered here. */
  readonly onSearch?: (text: string) => void;
  /** Told when it is opened: what is asked for need not be before. */
  readonly onOpen?: () => void;
  readonly isLoading?: boolean;
  /** Why there are no options, where it is not that nothing fits. */
  readonly trouble?: string | undefined;
  readonly size?: 'normal' | 'small';
  readonly isDisabled?: boolean;
  readonly className?: string;
  readonly icon?: IconName;
  readonly id?: string;
}

/** So many are shown; typing finds the others. */
const SHOWN_MAX = 200;

const nameOf = ({ value, text }: ComboboxOption): string => text ?? value;

const fitting = (options: readonly ComboboxOption[], sought: string): readonly ComboboxOption[] => {
  const words = sought.toLowerCase().split(/\s+/u).filter(Boolean);
  return options.filter((option) => {
    const hay = `${nameOf(option)} ${option.value} ${option.group ?? ''} ${option.note ?? ''}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
};

/** One of many, found by typing; free text where that is allowed. Arrows move, Enter picks, Escape closes. */
export const Combobox = (props: ComboboxProps): ReactNode => {
  const {
    label,
    value,
    placeholder = 'Choose',
    size = 'normal',
    isDisabled = false,
    className = '',
    icon,
    id,
  } = props;
  const [isOpen, setOpen] = useState(false);
  const layer = useLayer();
  const input = useRef<HTMLInputElement>(null);
  const chosen = props.options.find((option) => option.value === value);
  const text =
    value === undefined
      ? undefined
      : (props.textOf?.(value) ?? (chosen === undefined ? value : nameOf(chosen)));
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) props.onOpen?.();
        else props.onSearch?.('');
      }}
    >
      <Base.Trigger
        id={id}
        className={`button select ${className}`}
        data-size={size}
        aria-label={`${label}: ${text ?? placeholder}`}
        disabled={isDisabled}
      >
        {icon === undefined ? null : <Icon name={icon} size={14} />}
        <span className={text === undefined ? 'truncate quiet' : 'truncate'}>{text ?? placeholder}</span>
        <Icon name="chevron" size={12} />
      </Base.Trigger>
      <Base.Portal container={layer}>
        <Base.Positioner className="over" align="start" sideOffset={4} collisionPadding={8}>
          <Base.Popup
            className="float combobox-popup"
            aria-label={label}
            initialFocus={() => {
              // It is not in its place yet: a dialog would be scrolled to where it is not.
              input.current?.focus({ preventScroll: true });
              return false;
            }}
          >
            <Picking {...props} input={input} close={() => setOpen(false)} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};

interface PickingProps extends ComboboxProps {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly close: () => void;
}

interface Shown {
  readonly options: readonly ComboboxOption[];
  /** So many more fit. */
  readonly more: number;
}

/** What is offered for what was typed. */
const shownOf = ({ options, isFree = false, onSearch }: ComboboxProps, sought: string): Shown => {
  const found = onSearch === undefined ? fitting(options, sought) : options;
  const free = sought.trim();
  const hasFree = isFree && free !== '' && !options.some((option) => option.value === free);
  return {
    options: [
      ...found.slice(0, SHOWN_MAX),
      ...(hasFree ? [{ value: free, text: `Use “${free}”`, group: '' }] : []),
    ],
    more: Math.max(0, found.length - SHOWN_MAX),
  };
};

/** Which of so many options is at hand, and the keys that move it. */
const useAtHand = (id: string, count: number) => {
  const [at, setAt] = useState(0);
  const here = Math.min(at, count - 1);
  const onKey = (event: KeyboardEvent): boolean => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by === undefined) return false;
    const next = Math.max(0, Math.min(count - 1, here + by));
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    return true;
  };
  return { here, setAt, onKey };
};

interface RestProps extends Pick<ComboboxProps, 'trouble' | 'isLoading'> {
  /** So many are shown. */
  readonly count: number;
  readonly more: number;
}

/** What is to be said below the options. */
const Rest = ({ count, more, trouble, isLoading = false }: RestProps): ReactNode => (
  <>
    {count > 0 ? null : (
      <p className="select-none" role="status">
        {trouble ?? (isLoading ? 'Looking' : 'Nothing is called so')}
      </p>
    )}
    {more > 0 ? <p className="select-none">{more} more: type to find them</p> : null}
  </>
);

const Picking = (props: PickingProps): ReactNode => {
  const { label, value, onChange, isFree = false, onSearch, trouble, input, close } = props;
  const { isLoading = false } = props;
  const [sought, setSought] = useState('');
  const id = useId();
  const { options, more } = shownOf(props, sought);
  const { here, setAt, onKey } = useAtHand(id, options.length);
  const pick = (option: ComboboxOption | undefined): void => {
    if (option === undefined) return;
    onChange(option.value);
    close();
  };
  return (
    <>
      <input
        ref={input}
        className="input combobox-input"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={here < 0 ? undefined : `${id}-${here}`}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={isFree ? 'Find, or type a name' : 'Find'}
        value={sought}
        onChange={({ target }) => {
          setSought(target.value);
          setAt(0);
          onSearch?.(target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') pick(options[here]);
          else if (!onKey(event)) return;
          event.preventDefault();
        }}
      />
      <div
        className="combobox-list"
        role="listbox"
        id={`${id}-list`}
        aria-label={label}
        aria-busy={isLoading}
      >
        {options.map((option, index) => (
          <Item
            key={`${option.group ?? ''} ${option.value}`}
            id={`${id}-${index}`}
            option={option}
            head={option.group === options[index - 1]?.group ? undefined : option.group}
            isHere={index === here}
            isChosen={option.value === value}
            onPoint={() => setAt(index)}
            onPick={() => pick(option)}
          />
        ))}
      </div>
      <Rest count={options.length} more={more} trouble={trouble} isLoading={isLoading} />
    </>
  );
};

interface ItemProps {
  readonly id: string;
  readonly option: ComboboxOption;
  /** A heading before it. */
  readonly head: string | undefined;
  readonly isHere: boolean;
  readonly isChosen: boolean;
  readonly onPoint: () => void;
  readonly onPick: () => void;
}

const Item = ({ id, option, head, isHere, isChosen, onPoint, onPick }: ItemProps): ReactNode => (
  <>
    {head === undefined || head === '' ? null : (
      <div className="select-group" role="presentation">
        {head}
      </div>
    )}
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-highlighted={isHere ? '' : undefined}
      className="menu-item"
      title={option.value}
      onPointerMove={onPoint}
      onClick={onPick}
    >
      {option.icon === undefined ? null : <Icon name={option.icon} />}
      <span className="select-words">
        <span className="truncate">{nameOf(option)}</span>
        {option.note === undefined ? null : <span className="select-note truncate">{option.note}</span>}
      </span>
      {option.end === undefined ? null : <span className="select-end number">{option.end}</span>}
      {isChosen ? (
        <span className="menu-check">
          <Icon name="check" size={14} />
        </span>
      ) : null}
    </div>
  </>
);
