import './system.css';
import type { ReactNode } from 'react';
import { Page, PartLinks } from '../design/index.ts';
import type { PageProps } from '../page-props.ts';
import { AuditPart } from './audit-part.tsx';
import { ConfigurationPart } from './configuration-part.tsx';
import { DoctorPart } from './doctor-part.tsx';
import { HealthPart } from './health-part.tsx';
import { QueriesPart } from './queries-part.tsx';

const PARTS = [
  { name: 'health', text: 'Health', part: HealthPart },
  { name: 'queries', text: 'Queries', part: QueriesPart },
  { name: 'doctor', text: 'Doctor', part: DoctorPart },
  { name: 'configuration', text: 'Configuration', part: ConfigurationPart },
  { name: 'audit', text: 'Audit log', part: AuditPart },
] as const;

const pathOf = (part: string): string => `/system/${part}`;

/** How the platform itself is: health, throughput, times, memory, disk; what is asked of it; its checks; its configuration; who did what. */
export const SystemPage = (props: PageProps): ReactNode => {
  const wanted = props.rest[0];
  const { name, part: Part } = PARTS.find((each) => each.name === wanted) ?? PARTS[0];
  return (
    <Page
      title="System"
      status={props.status}
      toolbar={
        <PartLinks
          label="Parts of the system page"
          parts={PARTS.map((each) => ({ to: pathOf(each.name), text: each.text }))}
          now={pathOf(name)}
        />
      }
    >
      <Part {...props} />
    </Page>
  );
};
