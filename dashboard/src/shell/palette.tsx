import './palette.css';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useDeferredValue,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { closeBy, Icon } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { chooseTheme, THEMES } from '../lib/theme.ts';
import { chooseZone, ZONE_CHOICES } from '../lib/time-zone.ts';
import type { MenuPage } from './menu-page.ts';
import { type Command, matching } from './palette-match.ts';
import { usePaletteFinds } from './palette-finds.ts';

const IS_MAC = /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** The key that opens it, as keyboards name it. */
export const PALETTE_KEY = IS_MAC ? '⌘K' : 'Ctrl K';

/** Opens the palette by its key, also from text fields. */
export const usePaletteKey = (open: () => void): void => {
  const onKey = useEffectEvent((event: globalThis.KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
};

interface PaletteProps {
  readonly session: SessionAnswer;
  readonly project: string;
  readonly pages: readonly MenuPage[];
  readonly onProject: (project: string) => void;
  readonly onHelp: () => void;
  readonly onSignOut: () => void;
  readonly onClose: () => void;
}

const THEME_TEXTS = {
  system: 'Colours like the system',
  light: 'Light colours',
  dark: 'Dark colours',
} as const;
const ZONE_TEXTS = {
  project: 'Time zone of the project',
  browser: 'Time zone of the browser',
  utc: 'Times in UTC',
} as const;

const commandsOf = (props: PaletteProps): readonly Command[] => [
  ...props.pages.map(({ path, text, icon, letter }) => ({
    key: path,
    group: 'Pages',
    text,
    icon,
    hint: `g ${letter}`,
    run: () => goTo(path),
  })),
  ...props.session.projects
    .filter(({ name }) => name !== props.project)
    .map(({ name }) => ({
      key: `project ${name}`,
      group: 'Projects',
      text: `Project ${name}`,
      icon: 'project' as const,
      run: () => props.onProject(name),
    })),
  ...THEMES.map((theme) => ({
    key: `theme ${theme}`,
    group: 'Preferences',
    text: THEME_TEXTS[theme],
    icon: ({ system: 'system', light: 'sun', dark: 'moon' } as const)[theme],
    run: () => chooseTheme(theme),
  })),
  ...ZONE_CHOICES.map((zone) => ({
    key: `zone ${zone}`,
    group: 'Preferences',
    text: ZONE_TEXTS[zone],
    icon: 'clock' as const,
    run: () => chooseZone(zone),
  })),
  { key: 'help', group: 'More', text: 'Keyboard', icon: 'help', hint: '?', run: props.onHelp },
  {
    key: 'reference',
    group: 'More',
    text: 'API reference',
    icon: 'book',
    run: () => location.assign('/api/docs'),
  },
  { key: 'out', group: 'More', text: 'Sign out', icon: 'leave', run: props.onSignOut },
];

interface FoundProps {
  readonly id: string;
  readonly shown: readonly Command[];
  readonly isAsking: boolean;
  readonly trouble: string | undefined;
  readonly chosen: number;
  readonly onPoint: (index: number) => void;
  readonly onRun: (command: Command) => void;
}

const Found = ({ id, shown, isAsking, trouble, chosen, onPoint, onRun }: FoundProps): ReactNode => (
  <>
    <div className="palette-list" role="listbox" id={`${id}-list`} aria-label="Found">
      {shown.map((command, index) => (
        <div
          key={command.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          className="palette-item"
          onPointerMove={() => onPoint(index)}
          onClick={() => onRun(command)}
        >
          <Icon name={command.icon} />
          <span className="truncate">{command.text}</span>
          <span className="palette-group">{command.hint ?? command.group}</span>
        </div>
      ))}
    </div>
    {trouble !== undefined ? (
      <p className="palette-none" role="alert">
        Boards and insights could not be listed. {trouble}
      </p>
    ) : shown.length > 0 ? null : (
      <p className="palette-none" role="status">
        {isAsking ? 'Boards and insights are being listed.' : 'Nothing is called so.'}
      </p>
    )}
  </>
);

/** Opens modally, and gives the focus back. */
const useModal = (): RefObject<HTMLDialogElement | null> => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
};

/** Finds pages and what is saved, and does what the menus do, from the keyboard. */
export const Palette = (props: PaletteProps): ReactNode => {
  const { project, session, onClose } = props;
  const dialog = useModal();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const sought = useDeferredValue(text.trim());
  const { commands: found, ...asked } = usePaletteFinds(project, session, sought);
  // What Enter runs is what fits all that is typed; only what is asked of the server may come later.
  const shown = matching([...commandsOf(props), ...found], text.trim());
  const chosen = Math.min(at, shown.length - 1);
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + 8, PageUp: chosen - 8 }[
      event.key
    ];
    if (next !== undefined) setAt(Math.max(0, Math.min(shown.length - 1, next)));
    else if (event.key === 'Enter') run(shown[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Find or do" {...closeBy(onClose)}>
      <div className="palette-box">
        <Icon name="search" />
        <input
          className="palette-input"
          role="combobox"
          aria-label="Find or do"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length === 0 ? undefined : `${id}-${chosen}`}
          aria-autocomplete="list"
          placeholder="A page, a board, a user, a session, something to do"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd className="key">Esc</kbd>
      </div>
      <Found id={id} shown={shown} {...asked} chosen={chosen} onPoint={setAt} onRun={run} />
    </dialog>
  );
};
