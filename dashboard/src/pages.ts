import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { SessionAnswer } from '../../src/contract/session.ts';
import type { IconName } from './design/index.ts';
import { LivePage } from './live/live-page.tsx';
import { patiently } from './lib/patiently.ts';
import type { PageProps } from './page-props.ts';

type Permission = SessionAnswer['permissions'][number];

/** Headings of the menu, in its order. */
export const GROUPS = ['Watch', 'Ask', 'People', 'Data', 'Operate'] as const;

/** A page of the program. */
export interface PageFacts {
  /** Where it is; what is below belongs to it. */
  readonly path: string;
  readonly text: string;
  readonly icon: IconName;
  readonly group: (typeof GROUPS)[number];
  /** Who lacks it does not see the page. */
  readonly permission: Permission;
  /** Pressed after `g`, it leads there. */
  readonly letter: string;
  /** All but the first are loaded when they are first wanted: `onDemand(() => import('./web/web-page.tsx'), 'WebPage')`. */
  readonly page: ComponentType<PageProps> | LazyExoticComponent<ComponentType<PageProps>>;
}

/** A page that is loaded when it is first wanted. */
const onDemand = <Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType<PageProps>>>>,
  name: Name,
): LazyExoticComponent<ComponentType<PageProps>> =>
  lazy(patiently(async () => ({ default: (await load())[name] })));

/** The pages there are, in the order of the menu. */
export const PAGES: readonly PageFacts[] = [
  {
    path: '/',
    text: 'Live',
    icon: 'live',
    group: 'Watch',
    permission: 'data:read',
    letter: 'l',
    page: LivePage,
  },
  {
    path: '/web',
    text: 'Web',
    icon: 'globe',
    group: 'Watch',
    permission: 'data:read',
    letter: 'w',
    page: onDemand(() => import('./web/web-page.tsx'), 'WebPage'),
  },
  {
    path: '/boards',
    text: 'Boards',
    icon: 'board',
    group: 'Watch',
    permission: 'data:read',
    letter: 'b',
    page: onDemand(() => import('./boards/boards-page.tsx'), 'BoardsPage'),
  },
  {
    path: '/explore',
    text: 'Explore',
    icon: 'chart',
    group: 'Ask',
    permission: 'data:read',
    letter: 'e',
    page: onDemand(() => import('./explore/explore-page.tsx'), 'ExplorePage'),
  },
  {
    path: '/sql',
    text: 'SQL',
    icon: 'sql',
    group: 'Ask',
    permission: 'sql:run',
    letter: 'q',
    page: onDemand(() => import('./sql/sql-page.tsx'), 'SqlPage'),
  },
  {
    path: '/users',
    text: 'Users',
    icon: 'users',
    group: 'People',
    permission: 'personal:read',
    letter: 'u',
    page: onDemand(() => import('./users/users-page.tsx'), 'UsersPage'),
  },
  {
    path: '/sessions',
    text: 'Sessions',
    icon: 'session',
    group: 'People',
    permission: 'data:read',
    letter: 'n',
    page: onDemand(() => import('./sessions/sessions-page.tsx'), 'SessionsPage'),
  },
  {
    path: '/cohorts',
    text: 'Cohorts',
    icon: 'cohort',
    group: 'People',
    permission: 'data:read',
    letter: 'c',
    page: onDemand(() => import('./cohorts/cohorts-page.tsx'), 'CohortsPage'),
  },
  {
    path: '/data',
    text: 'Data',
    icon: 'data',
    group: 'Data',
    permission: 'data:read',
    letter: 'd',
    page: onDemand(() => import('./data-page/data-page.tsx'), 'DataPage'),
  },
  {
    path: '/system',
    text: 'System',
    icon: 'system',
    group: 'Operate',
    permission: 'data:read',
    letter: 'y',
    page: onDemand(() => import('./system/system-page.tsx'), 'SystemPage'),
  },
  {
    path: '/settings',
    text: 'Settings',
    icon: 'gear',
    group: 'Operate',
    permission: 'data:read',
    letter: 't',
    page: onDemand(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
  },
];

const covers = (path: string, asked: string): boolean =>
  path === '/' ? asked === '/' : asked === path || asked.startsWith(`${path}/`);

/** The page at a path, and what is behind its own part of it, decoded; undefined if there is none. */
export const pageAt = (
  asked: string,
  pages: readonly PageFacts[] = PAGES,
): { readonly facts: PageFacts; readonly rest: readonly string[] } | undefined => {
  const facts = pages.find(({ path }) => covers(path, asked));
  if (facts === undefined) return undefined;
  try {
    const rest = asked.slice(facts.path.length).split('/').filter(Boolean).map(decodeURIComponent);
    return { facts, rest };
  } catch {
    return undefined;
  }
};
