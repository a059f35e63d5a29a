import { type ReactNode, useState } from 'react';
import type { AuditAnswer } from '../../../src/contract/audit.ts';
import { useAudit } from '../data/system.ts';
import {
  Button,
  Card,
  CodeBlock,
  type Column,
  Fresh,
  Listed,
  Notice,
  Panel,
  Table,
} from '../design/index.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';

type Entry = AuditAnswer['entries'][number];

const columnsOf = (zone: string, open: (entry: Entry) => void): readonly Column<Entry>[] => [
  { key: 'at', head: 'When', cell: ({ at }) => instantIn(at, zone) },
  {
    key: 'action',
    head: 'What',
    cell: (entry) => (
      <button type="button" className="audit-open" onClick={() => open(entry)}>
        {entry.action}
      </button>
    ),
  },
  {
    key: 'who',
    head: 'Who',
    cell: ({ actor }) => <span title={actor.name}>{actor.name}</span>,
    isWide: true,
  },
  {
    key: 'object',
    head: 'To what',
    cell: ({ object }) => <code title={object}>{object}</code>,
    isWide: true,
  },
  {
    key: 'outcome',
    head: 'Outcome',
    cell: ({ outcome }) => <span data-outcome={outcome}>{outcome}</span>,
  },
];

const Entries = ({ project }: { readonly project: string }): ReactNode => {
  const list = useAudit(project, undefined);
  const [opened, setOpened] = useState<Entry>();
  const zone = useTimeZone();
  const entries = list.pages.flatMap((page) => page.entries);
  return (
    <Card
      title="Who did what"
      aside={
        <>
          <Fresh atMs={list.atMs} />
          <Button size="small" icon="refresh" disabled={list.isFetching} onClick={list.again}>
            Refresh
          </Button>
        </>
      }
      className="system-list"
    >
      <Listed list={list} trouble="The audit log could not be read" moreText="Earlier entries">
        <Table
          caption="Audit log, newest first"
          className="audit-table"
          columns={columnsOf(zone, setOpened)}
          rows={entries}
          keyOf={({ sequence }) => String(sequence)}
          onRow={setOpened}
          isChosen={({ sequence }) => sequence === opened?.sequence}
          empty={
            <Notice title="Nothing yet">
              No change was made in this project, and no personal data read.
            </Notice>
          }
        />
      </Listed>
      {opened === undefined ? null : (
        <Panel title={`${opened.action}, entry ${opened.sequence}`} onClose={() => setOpened(undefined)}>
          <p className="quiet">
            {instantIn(opened.at, zone)}, by {opened.actor.kind} {opened.actor.name}.{' '}
            <code>aevum verify</code> proves that no entry was changed or taken away.
          </p>
          <CodeBlock label="the entry as JSON" text={JSON.stringify(opened, null, 2)} isJson wraps />
        </Panel>
      )}
    </Card>
  );
};

/** The audit log of the project: every change, and every read of personal data. */
export const AuditPart = ({ project, session }: PageProps): ReactNode =>
  session.permissions.includes('project:admin') ? (
    <Entries project={project} />
  ) : (
    <Notice icon="lock" title="You may not see the audit log">
      It is shown to those who administer the project. Your role in the project {project} is {session.role}.
    </Notice>
  );
