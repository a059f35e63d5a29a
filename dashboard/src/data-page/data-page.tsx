import '../chart/chart.css';
import './data-page.css';
import type { ComponentType, ReactNode } from 'react';
import { Notice, Page, PartLinks } from '../design/index.ts';
import type { PageProps } from '../page-props.ts';
import { CatalogTab } from './catalog-tab.tsx';
import { ExportsTab } from './exports-tab.tsx';
import { ImportsTab } from './imports-tab.tsx';
import { LatenessTab } from './lateness-tab.tsx';
import { LedgerTab } from './ledger-tab.tsx';
import { PropertiesTab } from './properties-tab.tsx';
import { RefusedTab } from './refused-tab.tsx';
import { StorageTab } from './storage-tab.tsx';
import type { TabProps } from './tab-props.ts';

interface TabFacts {
  /** Behind the page's own path; the first has none. */
  readonly part: string;
  readonly text: string;
  readonly tab: ComponentType<TabProps>;
}

const TABS: readonly TabFacts[] = [
  { part: '', text: 'Events', tab: CatalogTab },
  { part: 'ledger', text: 'Ledger', tab: LedgerTab },
  { part: 'refused', text: 'Refused', tab: RefusedTab },
  { part: 'lateness', text: 'Lateness', tab: LatenessTab },
  { part: 'properties', text: 'Properties', tab: PropertiesTab },
  { part: 'imports', text: 'Imports', tab: ImportsTab },
  { part: 'exports', text: 'Exports', tab: ExportsTab },
  { part: 'storage', text: 'Storage', tab: StorageTab },
];

const pathOf = (part: string): string => (part === '' ? '/data' : `/data/${part}`);

const LINKS = TABS.map(({ part, text }) => ({ to: pathOf(part), text }));

/** What there is and what became of what came in. */
export const DataPage = ({ session, project, status, rest }: PageProps): ReactNode => {
  const [part = ''] = rest;
  const shown = rest.length < 2 ? TABS.find((each) => each.part === part) : undefined;
  const Tab = shown?.tab;
  return (
    <Page
      title="Data"
      className="data-page"
      status={status}
      toolbar={<PartLinks label="Data" parts={LINKS} now={pathOf(part)} />}
    >
      {Tab === undefined ? (
        <Notice title="There is no such part of the page">Choose one of those above.</Notice>
      ) : (
        <Tab key={part} project={project} session={session} />
      )}
    </Page>
  );
};
