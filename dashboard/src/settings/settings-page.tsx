import '../design/tabs.css';
import './settings.css';
import type { ReactNode } from 'react';
import { Link, Page } from '../design/index.ts';
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

/** What the project is set to, who may do what in it, and one's own account. */
export const SettingsPage = (props: PageProps): ReactNode => {
  const wanted = props.rest[0];
  const { name, part: Part } = PARTS.find((each) => each.name === wanted) ?? PARTS[0];
  return (
    <Page
      title="Settings"
      status={props.status}
      toolbar={
        <nav className="tabs settings-tabs" aria-label="Parts of the settings">
          {PARTS.map((each) => (
            <Link
              key={each.name}
              className="tab"
              to={`/settings/${each.name}`}
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
