import './shell.css';
import { type ReactNode, useState } from 'react';
import type { SessionAnswer } from '../../../src/contract/session.ts';
import { Icon, IconButton, Menu, type MenuEntry } from '../design/index.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { chooseTheme, THEMES, themeStore } from '../lib/theme.ts';
import { useStore } from '../lib/use-store.ts';
import { HelpDialog } from './help-dialog.tsx';
import { Mark } from './mark.tsx';

const THEME_FACTS = {
  system: { text: 'Like the system', icon: 'system' },
  light: { text: 'Light', icon: 'sun' },
  dark: { text: 'Dark', icon: 'moon' },
} as const;

/** The pages there are. */
const PAGES = [{ path: '/', text: 'Live', icon: 'live' }] as const;

interface ShellProps {
  readonly session: SessionAnswer;
  readonly project: string;
  readonly onProject: (project: string) => void;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

const ProjectMenu = ({
  session,
  project,
  onProject,
}: Omit<ShellProps, 'onSignOut' | 'children'>): ReactNode => (
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

const useEntries = (onHelp: () => void, onSignOut: () => void): readonly MenuEntry[] => {
  const theme = useStore(themeStore);
  return [
    { kind: 'label', text: 'Colours' },
    ...THEMES.map((each) => ({
      kind: 'choice' as const,
      ...THEME_FACTS[each],
      chosen: each === theme,
      onChoose: () => chooseTheme(each),
    })),
    { kind: 'line' },
    { kind: 'action', text: 'Keyboard', icon: 'help', onChoose: onHelp },
    { kind: 'link', text: 'API reference', icon: 'book', href: '/api/docs' },
    { kind: 'line' },
    { kind: 'action', text: 'Sign out', icon: 'leave', onChoose: onSignOut },
  ];
};

/** The frame of every page: where one is, which project, and what concerns all pages. */
export const Shell = ({ session, project, onProject, onSignOut, children }: ShellProps): ReactNode => {
  const [isHelp, setHelp] = useState(false);
  const entries = useEntries(() => setHelp(true), onSignOut);
  useShortcuts([{ keys: ['?'], run: () => setHelp(true) }]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="side">
        <a className="brand" href="/" aria-label="Aevum, live page">
          <Mark />
          <span>Aevum</span>
        </a>
        <ProjectMenu session={session} project={project} onProject={onProject} />
        <nav className="nav" aria-label="Pages">
          {PAGES.map(({ path, text, icon }) => (
            <a key={path} href={path} className="nav-item" aria-current="page">
              <Icon name={icon} />
              {text}
            </a>
          ))}
        </nav>
        <div className="side-end">
          <IconButton
            className="button side-help"
            icon="help"
            label="Keyboard (?)"
            onClick={() => setHelp(true)}
          />
          <Menu label="Settings" side="top" className="button side-menu" entries={entries}>
            <Icon name="menu" size={14} />
            <span className="side-menu-text">Settings</span>
          </Menu>
        </div>
      </header>
      <main id="main" className="main" tabIndex={-1}>
        {children}
      </main>
      {isHelp ? <HelpDialog onClose={() => setHelp(false)} /> : null}
    </div>
  );
};
