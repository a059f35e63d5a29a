import '../design/tabs.css';
import './system.css';
import type { ReactNode } from 'react';
import { Link, Page } from '../design/index.ts';
import type { PageProps } from '../page-props.ts';
import { AuditPart } from './audit-part.tsx';
import { ConfigurationPart } from './configuration-part.tsx';
import { HealthPart } from './health-part.tsx';

const PARTS = [
  { name: 'health', text: 'Health', part: HealthPart },
  { name: 'configuration', text: 'Configuration', part: ConfigurationPart },
  { name: 'audit', text: 'Audit log', part: AuditPart },
] as const;

/** How the platform itself is: health, throughput, times, memory, disk; its configuration; who did what. */
export const SystemPage = (props: PageProps): ReactNode => {
  const wanted = props.rest[0];
  const { name, part: Part } = PARTS.find((each) => each.name === wanted) ?? PARTS[0];
  return (
    <Page
      title="System"
      status={props.status}
      toolbar={
        <nav className="tabs system-tabs" aria-label="Parts of the system page">
          {PARTS.map((each) => (
            <Link
              key={each.name}
              className="tab"
              to={`/system/${each.name}`}
              aria-current={each.name === name ? 'page' : undefined}
            >
              {each.text}
            </Link>
          ))}
        </nav>
      }
    >
      <Part {...props} />
    </Page>
  );
};
