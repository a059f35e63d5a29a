import './settings.css';
import type { ReactNode } from 'react';
import { Page, PartLinks } from '../design/index.ts';
import type { PageProps } from '../page-props.ts';
import { KeysPart } from './keys-part.tsx';
import { MembersPart } from './members-part.tsx';
import { ProjectPart } from './project-part.tsx';
import { SecurityPart } from './security-part.tsx';

const PARTS = [
  { name: 'project', text: 'Project', part: ProjectPart },
  { name: 'members', text: 'Members', part: MembersPart },
  { name: 'keys', text: 'Keys', part: KeysPart },
  { name: 'security', text: 'Security', part: SecurityPart },
] as const;

const pathOf = (part: string): string => `/settings/${part}`;

/** What the project is set to, who may do what in it, and one's own account. */
export const SettingsPage = (props: PageProps): ReactNode => {
  const wanted = props.rest[0];
  const { name, part: Part } = PARTS.find((each) => each.name === wanted) ?? PARTS[0];
  return (
    <Page
      title="Settings"
      status={props.status}
      toolbar={
        <PartLinks
          label="Parts of the settings"
          parts={PARTS.map((each) => ({ to: pathOf(each.name), text: each.text }))}
          now={pathOf(name)}
        />
      }
    >
      <Part {...props} />
    </Page>
  );
};
