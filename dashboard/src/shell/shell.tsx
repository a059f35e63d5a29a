import './shell.css';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { Icon, IconButton, Link, Menu, type MenuEntry } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { chooseTheme, THEMES, themeStore } from '../lib/theme.ts';
import {
  chooseZone,
  projectZoneStore,
  ZONE_CHOICES,
  type ZoneChoice,
  zoneOf,
  zoneStore,
} from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { HelpDialog } from './help-dialog.tsx';
import { Mark } from './mark.tsx';
import type { MenuPage } from './menu-page.ts';
import { Palette, PALETTE_KEY, usePaletteKey } from './palette.tsx';

const THEME_FACTS = {
  system: { text: 'Like the system', icon: 'system' },
  light: { text: 'Light', icon: 'sun' },
  dark: { text: 'Dark', icon: 'moon' },
} as const;

interface ShellProps {
  readonly session: SessionAnswer;
  readonly project: string;
  /** The pages there are, grouped. Those that one may not see are left out. */
  readonly pages: readonly MenuPage[];
  /** Path of the page that is shown. */
  readonly path: string;
  readonly onProject: (project: string) => void;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

const ProjectMenu = ({
  session,
  project,
  onProject,
}: Pick<ShellProps, 'session' | 'project' | 'onProject'>): ReactNode => (
  <Menu
    className="project"
    label={`Project: ${project}`}
    entries={[
      { kind: 'label', text: 'Projects' },
      ...session.projects.map(({ name }) => ({
        kind: 'choice' as const,
        text: name,
        icon: 'project' as const,
        chosen: name === project,
        onChoose: () => onProject(name),
      })),
    ]}
  >
    <Icon name="project" />
    <span className="truncate">{project}</span>
    <Icon name="chevron" size={12} />
  </Menu>
);

const ZONE_TEXTS: Readonly<Record<ZoneChoice, string>> = {
  project: "The project's",
  browser: "The browser's",
  utc: 'UTC',
};

const useEntries = (onHelp: () => void, onSignOut: () => void): readonly MenuEntry[] => {
  const theme = useStore(themeStore);
  const zone = useStore(zoneStore);
  const projectZone = useStore(projectZoneStore);
  return [
    { kind: 'label', text: 'Colours' },
    ...THEMES.map((each) => ({
      kind: 'choice' as const,
      ...THEME_FACTS[each],
      chosen: each === theme,
      onChoose: () => chooseTheme(each),
    })),
    { kind: 'line' },
    { kind: 'label', text: 'Time zone' },
    ...ZONE_CHOICES.filter((each) => each !== 'project' || projectZone !== undefined).map((each) => ({
      kind: 'choice' as const,
      text: each === 'utc' ? 'UTC' : `${ZONE_TEXTS[each]} (${zoneOf(each, projectZone)})`,
      icon: 'clock' as const,
      chosen: each === (zone === 'project' && projectZone === undefined ? 'browser' : zone),
      onChoose: () => chooseZone(each),
    })),
    { kind: 'line' },
    { kind: 'action', text: 'Keyboard', icon: 'help', onChoose: onHelp },
    { kind: 'link', text: 'API reference', icon: 'book', href: '/api/docs' },
    { kind: 'line' },
    { kind: 'action', text: 'Sign out', icon: 'leave', onChoose: onSignOut },
  ];
};

const isCurrent = (page: MenuPage, path: string): boolean =>
  page.path === '/' ? path === '/' : path === page.path || path.startsWith(`${page.path}/`);

const Groups = ({
  pages,
  path,
}: {
  readonly pages: readonly MenuPage[];
  readonly path: string;
}): ReactNode => {
  const groups = [...new Set(pages.map(({ group }) => group))];
  return groups.map((group) => (
    <div className="nav-group" key={group} role="group" aria-label={group}>
      <span className="nav-head" aria-hidden="true">
        {group}
      </span>
      {pages
        .filter((page) => page.group === group)
        .map((page) => (
          <Link
            key={page.path}
            to={page.path}
            className="nav-item"
            aria-current={isCurrent(page, path) ? 'page' : undefined}
          >
            <Icon name={page.icon} />
            {page.text}
          </Link>
        ))}
    </div>
  ));
};

/** Where there is no room for the menu beside the page: a button that says where one is, and opens it. */
const NarrowMenu = ({
  pages,
  path,
}: {
  readonly pages: readonly MenuPage[];
  readonly path: string;
}): ReactNode => {
  const here = pages.find((page) => isCurrent(page, path));
  return (
    <div className="nav-narrow">
      <Menu
        label={`Pages: ${here?.text ?? 'none'}`}
        className="button"
        align="end"
        entries={pages.map((page) => ({
          kind: 'choice' as const,
          text: page.text,
          icon: page.icon,
          chosen: page === here,
          onChoose: () => goTo(page.path),
        }))}
      >
        <Icon name={here?.icon ?? 'menu'} />
        <span className="truncate">{here?.text ?? 'Pages'}</span>
        <Icon name="chevron" size={12} />
      </Menu>
    </div>
  );
};

/** After `g`, a letter leads to a page if it comes so soon. */
const SEQUENCE_MS = 1500;

/** `g` and then the letter of a page leads there. */
const useLetters = (pages: readonly MenuPage[]): void => {
  const armedMs = useRef(Number.NEGATIVE_INFINITY);
  useShortcuts([
    {
      keys: ['g'],
      run: () => {
        armedMs.current = performance.now();
      },
    },
    ...pages.map(({ letter, path }) => ({
      keys: [letter],
      run: () => {
        if (performance.now() - armedMs.current > SEQUENCE_MS) return false;
        armedMs.current = Number.NEGATIVE_INFINITY;
        goTo(path);
        return true;
      },
    })),
  ]);
};

/** The focus goes to the page that was gone to, as it does where a browser loads one. */
const useFocusOnPage = (path: string): void => {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    document.getElementById('main')?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
};

/** The frame of every page: where one is, which project, and what concerns all pages. */
export const Shell = (props: ShellProps): ReactNode => {
  const { session, project, pages, path, onProject, onSignOut, children } = props;
  const [isHelp, setHelp] = useState(false);
  const [isPalette, setPalette] = useState(false);
  const entries = useEntries(() => setHelp(true), onSignOut);
  const seen = pages.filter(({ permission }) => session.permissions.includes(permission));
  useShortcuts([{ keys: ['?'], run: () => setHelp(true) }]);
  usePaletteKey(() => setPalette(true));
  useLetters(seen);
  useFocusOnPage(path);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="side">
        <Link className="brand" to="/" aria-label="Aevum, live page">
          <Mark />
          <span>Aevum</span>
        </Link>
        <ProjectMenu session={session} project={project} onProject={onProject} />
        <button type="button" className="find" onClick={() => setPalette(true)} aria-haspopup="dialog">
          <Icon name="search" size={14} />
          <span className="find-text">Find or do</span>
          <kbd className="key" aria-hidden="true">
            {PALETTE_KEY}
          </kbd>
        </button>
        <nav className="nav" aria-label="Pages">
          <Groups pages={seen} path={path} />
        </nav>
        <NarrowMenu pages={seen} path={path} />
        <div className="side-end">
          <IconButton
            className="button side-help"
            icon="help"
            label="Keyboard (?)"
            onClick={() => setHelp(true)}
          />
          <Menu label="Preferences" side="top" className="button side-menu" entries={entries}>
            <Icon name="menu" size={14} />
            <span className="side-menu-text">Preferences</span>
          </Menu>
        </div>
      </header>
      <main id="main" className="main" tabIndex={-1}>
        {children}
      </main>
      {isHelp ? <HelpDialog pages={seen} onClose={() => setHelp(false)} /> : null}
      {isPalette ? (
        <Palette
          session={session}
          project={project}
          pages={seen}
          onProject={onProject}
          onHelp={() => setHelp(true)}
          onSignOut={onSignOut}
          onClose={() => setPalette(false)}
        />
      ) : null}
    </div>
  );
};
