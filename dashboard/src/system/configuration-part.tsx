import { type ReactNode, useState } from 'react';
import type { SystemAnswer } from '../../../src/contract/system.ts';
import { useSystem } from '../data/system.ts';
import { Card, type Column, Loaded, Notice, Skeleton, Switch, Table } from '../design/index.ts';
import { ago, plural } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { Facts } from './facts.tsx';
import { OperatorOnly } from './operator-only.tsx';

type Option = SystemAnswer['configuration'][number];

const Value = ({ option }: { readonly option: Option }): ReactNode => {
  if (option.secret) return <span className="quiet">a secret, not shown</span>;
  if (option.value === null || option.value === '') return <span className="quiet">not set</span>;
  return <code>{option.value}</code>;
};

const COLUMNS: readonly Column<Option>[] = [
  { key: 'option', head: 'Option', cell: ({ option }) => <code>{option}</code> },
  { key: 'value', head: 'In force', cell: (option) => <Value option={option} /> },
  {
    key: 'doc',
    head: 'What it does',
    isWide: true,
    cell: ({ doc }) => (
      <span className="system-doc">
        {doc.split('`').map((piece, at) => (at % 2 === 1 ? <code key={at}>{piece}</code> : piece))}
      </span>
    ),
  },
];

const Program = ({ system }: { readonly system: SystemAnswer }): ReactNode => {
  const zone = useTimeZone();
  const { version, node, platform, started_at: startedAt, now } = system;
  const facts = [
    ['version', `Aevum ${version}`],
    ['runtime', `Node ${node}, ${platform}`],
    ['started', `${instantIn(startedAt, zone)}, ${ago(Date.parse(now) - Date.parse(startedAt))}`],
  ] as const;
  return (
    <Card title="The program">
      <Facts facts={facts} />
    </Card>
  );
};

/** Every option as it is in force; secrets are named, not told. */
export const ConfigurationPart = ({ project, session }: PageProps): ReactNode => (
  <OperatorOnly session={session} project={project} what="the configuration">
    <Configuration project={project} />
  </OperatorOnly>
);

const Configuration = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error, again } = useSystem(project);
  const [isAll, setAll] = useState(false);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The configuration could not be read"
      again={again}
      loading={<Skeleton height="16rem" />}
    >
      {(system) => {
        const set = system.configuration.filter((option) => !option.default);
        const groups = [...new Set(system.configuration.map(({ group }) => group))];
        const shown = isAll ? system.configuration : set;
        return (
          <>
            <Program system={system} />
            <Card
              title={isAll ? 'All options' : `${plural(set.length, 'option is', 'options are')} set`}
              aside={<Switch label="Also those that are not set" isOn={isAll} onChange={setAll} />}
              className="system-list system-options"
            >
              {shown.length === 0 ? (
                <Notice title="Nothing is set">Every option is as it comes.</Notice>
              ) : (
                groups
                  .filter((group) => shown.some((option) => option.group === group))
                  .map((group) => (
                    <section key={group} aria-label={group}>
                      <h3 className="system-group">{group}</h3>
                      <Table
                        caption={`Options: ${group}`}
                        columns={COLUMNS}
                        rows={shown.filter((option) => option.group === group)}
                        keyOf={({ option }) => option}
                      />
                    </section>
                  ))
              )}
            </Card>
          </>
        );
      }}
    </Loaded>
  );
};
