import { type ReactNode, useEffect, useState } from 'react';
import type { UsersAnswer } from '../../../src/contract/users.ts';
import { EventPicker } from '../ask/event-picker.tsx';
import { FilterEditor } from '../ask/filter-editor.tsx';
import type { Listing } from '../data/listing.ts';
import { useUsers } from '../data/users.ts';
import {
  Avatar,
  Button,
  Card,
  type Column,
  Fresh,
  Link,
  Listed,
  Notice,
  Page,
  Select,
  Table,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { addressStore, changeAddress, goTo } from '../lib/address.ts';
import { fullCount } from '../lib/format.ts';
import { useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { isNarrow, searchIn, SINCES, SORTS } from './search.ts';

type User = UsersAnswer['users'][number];

/** So long after the last key the list is asked for. */
const SETTLE_MS = 250;

const userPath = (id: string): string => `/users/${encodeURIComponent(id)}`;

const COLUMNS: readonly Column<User>[] = [
  {
    key: 'user',
    head: 'User',
    cell: ({ user_id: id }) => (
      <span className="user-name">
        <Avatar name={id} />
        <Link className="truncate" to={userPath(id)} title={id}>
          {id}
        </Link>
      </span>
    ),
  },
  { key: 'last', head: 'Last seen', cell: ({ last_seen: at }) => <Seen at={at} /> },
  { key: 'first', head: 'First seen', isWide: true, cell: ({ first_seen: at }) => <Seen at={at} /> },
  { key: 'events', head: 'Events', isNumber: true, cell: ({ events }) => fullCount(events) },
];

/** The beginning of an id, sought while it is typed. */
const IdSearch = ({ prefix }: { readonly prefix: string | undefined }): ReactNode => {
  const [text, setText] = useState(prefix ?? '');
  useEffect(() => {
    if (text === (prefix ?? '')) return;
    const timer = setTimeout(() => changeAddress({ q: text === '' ? null : text }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, prefix]);
  return (
    <input
      className="input user-search"
      type="search"
      aria-label="Id begins with"
      placeholder="Id begins with"
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
};

const Toolbar = ({ project }: { readonly project: string }): ReactNode => {
  const search = searchIn(useStore(addressStore));
  const change = (parameters: Readonly<Record<string, string | null>>): void =>
    changeAddress(parameters, { isStep: true });
  return (
    <div className="user-tools">
      <IdSearch prefix={search.prefix} />
      <span className="user-words">who did</span>
      <EventPicker
        project={project}
        label="Event"
        allowsAny
        value={search.type ?? ''}
        onChange={(type) => change({ type: type === '' ? null : type })}
      />
      <Select
        label="When"
        options={SINCES}
        value={
          search.since === undefined ? 'ever' : SINCES.find(({ value }) => value === search.since)?.value
        }
        onChange={(since) => change({ since: since === 'ever' ? null : since })}
      />
      <Select
        label="Order"
        className="user-order"
        options={SORTS}
        value={search.sort}
        onChange={(sort) => change({ sort: sort === 'last_seen' ? null : sort })}
      />
      <div className="user-filter">
        <FilterEditor
          project={project}
          types={search.type === undefined ? [] : [search.type]}
          value={search.filter}
          onChange={(filter) => change({ filter: filter === undefined ? null : JSON.stringify(filter) })}
          addText="Condition"
        />
      </div>
    </div>
  );
};

const clear = (): void => changeAddress({ q: null, type: null, filter: null, since: null }, { isStep: true });

const Nobody = ({ isSought }: { readonly isSought: boolean }): ReactNode =>
  isSought ? (
    <Notice icon="users" title="Nobody fits" action={<Button onClick={clear}>Show everybody</Button>}>
      No user of this project has an event that meets all of this. Ids are sought by how they begin, upper and
      lower case as they are.
    </Notice>
  ) : (
    <Notice
      icon="users"
      title="No users yet"
      action={
        <Link className="button" to="/">
          How events are sent
        </Link>
      }
    >
      Users appear here once an event names one: send <code>user_id</code> with events, or call{' '}
      <code>identify</code> of a client.
    </Notice>
  );

const Rows = ({
  list,
  isSought,
}: {
  readonly list: Listing<UsersAnswer>;
  readonly isSought: boolean;
}): ReactNode => {
  const users = list.pages.flatMap((page) => page.users);
  return (
    <Listed list={list} trouble="Users could not be listed" moreText="More users" height="20rem">
      <Table
        caption="Users"
        columns={COLUMNS}
        rows={users}
        keyOf={({ user_id: id }) => id}
        onRow={({ user_id: id }) => goTo(userPath(id))}
        empty={<Nobody isSought={isSought} />}
      />
    </Listed>
  );
};

/** All users of the project, those of them that were sought. */
export const UserList = ({ project, status }: PageProps): ReactNode => {
  const search = searchIn(useStore(addressStore));
  const list = useUsers(project, search);
  return (
    <Page
      title="Users"
      status={status}
      actions={
        <Button icon="refresh" disabled={list.isFetching} onClick={list.again}>
          Refresh
        </Button>
      }
      toolbar={<Toolbar project={project} />}
    >
      <Card title="People" aside={<Fresh atMs={list.atMs} />} className="user-list">
        <Rows list={list} isSought={isNarrow(search)} />
      </Card>
    </Page>
  );
};
