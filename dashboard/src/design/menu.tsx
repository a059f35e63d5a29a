import './menu.css';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** An entry of a menu: something to do, one of several to choose, a link, a heading, or a line. */
export type MenuEntry =
  | {
      readonly kind: 'action';
      readonly text: string;
      readonly icon?: IconName;
      readonly onChoose: () => void;
    }
  | {
      readonly kind: 'choice';
      readonly text: string;
      readonly icon?: IconName;
      readonly chosen: boolean;
      readonly onChoose: () => void;
    }
  | { readonly kind: 'link'; readonly text: string; readonly icon?: IconName; readonly href: string }
  | { readonly kind: 'label'; readonly text: string }
  | { readonly kind: 'line' };

interface MenuProps {
  readonly entries: readonly MenuEntry[];
  /** Name for screen readers, where the button's words do not say it. */
  readonly label?: string;
  readonly className?: string;
  readonly align?: 'start' | 'end';
  readonly side?: 'top' | 'bottom';
  /** What stands on the button. */
  readonly children: ReactNode;
}

const itemsOf = (list: Element | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('.menu-item') ?? []),
];

const focusNext = (list: Element | null, key: string): boolean => {
  const items = itemsOf(list);
  const at = items.findIndex((item) => item === document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[key];
  if (next === undefined) return false;
  items.at(next >= items.length ? 0 : next)?.focus();
  return true;
};

/** Closes when something outside is pressed. */
const useOutside = (isOpen: boolean, close: () => void) => {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const onDown = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) close();
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  });
  return root;
};

const EntryView = ({
  entry,
  close,
}: {
  readonly entry: MenuEntry;
  readonly close: () => void;
}): ReactNode => {
  if (entry.kind === 'line') return <hr className="menu-line" />;
  if (entry.kind === 'label')
    return (
      <div className="menu-label" role="presentation">
        {entry.text}
      </div>
    );
  const inside = (
    <>
      {entry.icon === undefined ? null : <Icon name={entry.icon} />}
      <span className="truncate">{entry.text}</span>
      {entry.kind === 'choice' && entry.chosen ? (
        <span className="menu-check">
          <Icon name="check" size={14} />
        </span>
      ) : null}
    </>
  );
  if (entry.kind === 'link')
    return (
      <a className="menu-item" role="menuitem" tabIndex={-1} href={entry.href}>
        {inside}
      </a>
    );
  const choose = (): void => {
    close();
    entry.onChoose();
  };
  const role =
    entry.kind === 'choice'
      ? ({ role: 'menuitemradio', 'aria-checked': entry.chosen } as const)
      : ({ role: 'menuitem' } as const);
  return (
    <button type="button" className="menu-item" tabIndex={-1} onClick={choose} {...role}>
      {inside}
    </button>
  );
};

/** A button that opens a list. Arrows move, Enter chooses, Escape closes and gives the focus back. */
export const Menu = (props: MenuProps): ReactNode => {
  const { entries, label, className = 'button', align = 'start', side = 'bottom', children } = props;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (): void => setOpen(false);
  const root = useOutside(isOpen, close);
  useEffect(() => {
    if (isOpen) itemsOf(list.current)[0]?.focus();
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen) return;
    if (event.key === 'Escape') {
      close();
      button.current?.focus();
    } else if (event.key === 'Tab') return close();
    else if (!focusNext(list.current, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="menu" ref={root} data-align={align} data-side={side}>
      <button
        type="button"
        ref={button}
        className={className}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={onKeyDown}
      >
        {children}
      </button>
      {isOpen ? (
        <div
          className="float menu-list"
          role="menu"
          tabIndex={-1}
          ref={list}
          aria-label={label}
          onKeyDown={onKeyDown}
        >
          {entries.map((entry, index) => (
            <EntryView key={index} entry={entry} close={close} />
          ))}
        </div>
      ) : null}
    </div>
  );
};
