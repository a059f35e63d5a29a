import { type ReactNode, useState } from 'react';
import type { ListedImport } from '../../../src/contract/imports.ts';
import { useImports } from '../data/imports.ts';
import {
  Button,
  Card,
  type Column,
  Fresh,
  Loaded,
  MoreButton,
  Notice,
  Skeleton,
  Table,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { addressStore, changeAddress } from '../lib/address.ts';
import { byteSize, fullCount } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { useStore } from '../lib/use-store.ts';
import { ImportPanel } from './import-panel.tsx';
import { may, type TabProps } from './tab-props.ts';

/** What is told of one import: only of names as the command makes them. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** An import that went on so shortly ago is under way. */
const UNDER_WAY_MS = 30_000;

const UnderWay = ({ at }: { readonly at: string }): ReactNode =>
  performance.timeOrigin + useNow() - Date.parse(at) < UNDER_WAY_MS ? (
    <span className="data-tag import-now">under way</span>
  ) : null;

const columnsOf = (onOpen: ((id: string) => void) | undefined): readonly Column<ListedImport>[] => [
  {
    key: 'id',
    head: 'Import',
    sortBy: ({ id }) => id,
    cell: ({ id, continued_at: at }) => (
      <span className="import-name">
        {onOpen !== undefined && ID.test(id) ? (
          <button type="button" className="stretch-button truncate" title={id} onClick={() => onOpen(id)}>
            {id}
          </button>
        ) : (
          <span className="truncate" title={id}>
            {id}
          </span>
        )}
        <UnderWay at={at} />
      </span>
    ),
  },
  {
    key: 'accepted',
    head: 'Taken in',
    isNumber: true,
    sortBy: ({ accepted }) => accepted,
    cell: ({ accepted }) => fullCount(accepted),
  },
  {
    key: 'rejected',
    head: 'Refused',
    isNumber: true,
    isWide: true,
    sortBy: ({ rejected }) => rejected,
    cell: ({ rejected }) => <span data-none={rejected === 0 ? '' : undefined}>{fullCount(rejected)}</span>,
  },
  {
    key: 'bytes',
    head: 'Size',
    isNumber: true,
    isWide: true,
    sortBy: ({ bytes }) => bytes,
    cell: ({ bytes }) => byteSize(bytes),
  },
  {
    key: 'begun',
    head: 'Begun',
    isWide: true,
    sortBy: ({ begun_at: at }) => at,
    cell: ({ begun_at: at }) => <Seen at={at} />,
  },
  {
    key: 'continued',
    head: 'Went on',
    sortBy: ({ continued_at: at }) => at,
    cell: ({ continued_at: at }) => <Seen at={at} />,
  },
  {
    key: 'by',
    head: 'Sent by',
    isWide: true,
    sortBy: ({ sent_by: by }) => by,
    cell: ({ sent_by: by }) => (
      <span className="type-owner truncate" title={by}>
        {by}
      </span>
    ),
  },
];

const FIRST = 50;
/** As many as one answer has. */
const MOST = 200;

/** What was sent as history, as it comes in. */
export const ImportsList = ({ project, session }: TabProps): ReactNode => {
  const [limit, setLimit] = useState(FIRST);
  const { data, error, atMs, isOld, again } = useImports(project, limit);
  const wanted = new URLSearchParams(useStore(addressStore)).get('import');
  const mayOpen = may(session, 'project:admin');
  const id = mayOpen && wanted !== null && ID.test(wanted) ? wanted : null;
  const show = (next: string | null): void => changeAddress({ import: next }, { isStep: true });
  const open = (each: ListedImport): void => {
    if (ID.test(each.id)) show(each.id);
  };
  return (
    <Card title="Imports" aside={<Fresh atMs={atMs} />}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The imports could not be read"
        again={again}
        loading={<Skeleton height="8rem" />}
      >
        {({ imports, next_cursor: next }) => (
          <>
            <Table
              caption="Imports"
              columns={columnsOf(mayOpen ? show : undefined)}
              rows={imports}
              keyOf={(each) => each.id}
              {...(mayOpen ? { onRow: open } : {})}
              isChosen={(each) => each.id === id}
              empty={<NoImports mayStart={mayOpen} />}
            />
            <MoreButton
              text="More imports"
              list={{
                hasMore: next !== null && limit < MOST,
                isFetching: isOld,
                more: () => setLimit(MOST),
              }}
            />
            {next === null || limit < MOST ? null : (
              <p className="quiet">
                The {MOST} that went on last are listed. <code>GET /api/imports</code> tells of the others.
              </p>
            )}
          </>
        )}
      </Loaded>
      {id === null ? null : <ImportPanel key={id} {...{ project, id }} onClose={() => show(null)} />}
    </Card>
  );
};

const NoImports = ({ mayStart }: { readonly mayStart: boolean }): ReactNode => (
  <Notice
    icon="download"
    title="No imports yet"
    action={
      mayStart ? (
        <Button onClick={() => document.querySelector<HTMLInputElement>('.import-fields input')?.focus()}>
          Put the command together
        </Button>
      ) : undefined
    }
  >
    History in a file is loaded by a command that runs where the file is. Put it together below; as soon as it
    sends, it is listed here with how far it is.
  </Notice>
);
