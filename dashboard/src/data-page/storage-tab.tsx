import type { ReactNode } from 'react';
import { useMetrics } from '../data/system.ts';
import { Card, type Column, Fresh, Loaded, Notice, Skeleton, Table } from '../design/index.ts';
import { byteSize, fullCount } from '../lib/format.ts';
import { type StoredTable, storedTables } from './storage.ts';
import { may, type TabProps } from './tab-props.ts';

const COLUMNS: readonly Column<StoredTable>[] = [
  {
    key: 'name',
    head: 'Table',
    sortBy: ({ name }) => name,
    cell: ({ name, words }) => (
      <>
        <code>{name}</code>
        {words === undefined ? null : <span className="quiet table-words">{words}</span>}
      </>
    ),
  },
  {
    key: 'rows',
    head: 'Rows',
    isNumber: true,
    sortBy: ({ rows }) => rows,
    cell: ({ rows }) => fullCount(rows),
  },
  {
    key: 'bytes',
    head: 'On disk',
    isNumber: true,
    sortBy: ({ bytes }) => bytes,
    cell: ({ bytes }) => byteSize(bytes),
  },
  {
    key: 'each',
    head: 'A row',
    isNumber: true,
    isWide: true,
    cell: ({ rows, bytes }) => (rows === 0 ? '' : byteSize(Math.round(bytes / rows))),
  },
];

const Tables = ({ project }: Pick<TabProps, 'project'>): ReactNode => {
  const { data, atMs, error, again } = useMetrics(project);
  return (
    <Card title="Warehouse" aside={<Fresh atMs={atMs} />}>
      <p className="quiet card-words">Rows and bytes of all projects together, as they lie packed on disk.</p>
      <Loaded
        data={data}
        error={error?.message}
        trouble="What is stored could not be read"
        again={again}
        loading={<Skeleton height="12rem" />}
      >
        {({ metrics }) => {
          const tables = storedTables(metrics);
          return (
            <>
              <Table
                caption="Tables of the warehouse"
                columns={COLUMNS}
                rows={tables}
                keyOf={({ name }) => name}
                empty={
                  <Notice icon="data" title="Nothing is measured yet">
                    The warehouse tells its sizes once a minute.
                  </Notice>
                }
              />
              {tables.length === 0 ? null : (
                <p className="number card-words">
                  Together {byteSize(tables.reduce((sum, { bytes }) => sum + bytes, 0))}
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
};

/** What the warehouse holds, of all projects together: for whoever may see numbers of the whole platform. */
export const StorageTab = ({ project, session }: TabProps): ReactNode =>
  may(session, 'platform:read') ? (
    <Tables project={project} />
  ) : (
    <Notice icon="lock" title="You may not see what is stored">
      These are rows and bytes of all projects together. Seeing them takes the permission{' '}
      <code>platform:read</code>: a role in the project <code>default</code>, with that project chosen. Your
      role in the project {project} is {session.role}.
    </Notice>
  );
