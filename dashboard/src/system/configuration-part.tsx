import { type ReactNode, useState } from 'react';
import type { SystemAnswer } from '../../../src/contract/system.ts';
import { useSystem } from '../data/system.ts';
import { Card, type Column, Loaded, Notice, Skeleton, Switch, Table } from '../design/index.ts';
import { ago } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';

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
    cell: ({ doc }) => <span className="system-doc">{doc}</span>,
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
      <dl className="system-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">
        <code>aevum doctor</code> on the machine checks it, its disks and the data, and says what to do.
      </p>
    </Card>
  );
};

/** Every option as it is in force; secrets are named, not told. */
export const ConfigurationPart = ({ project, session }: PageProps): ReactNode => {
  const may = session.permissions.includes('platform:admin');
  return may ? (
    <Configuration project={project} />
  ) : (
    <Notice icon="lock" title="You may not see the configuration">
      It is shown to the operator of the platform: whoever has the permission <code>platform:admin</code>.
      Your role in the project {project} is {session.role}.
    </Notice>
  );
};

const Configuration = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error } = useSystem(project);
  const [isAll, setAll] = useState(false);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The configuration could not be asked"
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
              title={isAll ? 'All options' : `${set.length} options are set`}
              aside={<Switch label="Also those that are not set" isOn={isAll} onChange={setAll} />}
              className="system-list"
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
