import './boards.css';
import { type ReactNode, useState } from 'react';
import type { BoardsAnswer } from '../../../src/contract/boards.ts';
import { useBoards } from '../data/boards.ts';
import {
  Button,
  type Column,
  Icon,
  Link,
  Loaded,
  Menu,
  type MenuEntry,
  Notice,
  Page,
  Skeleton,
  Table,
} from '../design/index.ts';
import { changeAddress, addressStore, goTo } from '../lib/address.ts';
import { plural } from '../lib/format.ts';
import { since } from '../lib/since.ts';
import { useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { BoardActions, type BoardAction } from './board-actions.tsx';
import { NewBoard } from './new-board.tsx';
import { TemplateCards, type Start } from './template-cards.tsx';

type Listed = BoardsAnswer['boards'][number];

const fits = ({ name, description, tags, updated_by: by }: Listed, sought: string): boolean =>
  `${name} ${description} ${tags.join(' ')} ${by}`.toLowerCase().includes(sought.trim().toLowerCase());

const columnsOf = (
  mayWrite: boolean,
  onTag: (tag: string) => void,
  onAction: (action: BoardAction) => void,
): readonly Column<Listed>[] => [
  {
    key: 'name',
    head: 'Name',
    sortBy: ({ name }) => name.toLowerCase(),
    cell: ({ id, name, description }) => (
      <span className="board-name">
        <Link to={`/boards/${id}`} className="board-link truncate">
          {name}
        </Link>
        {description === '' ? null : <span className="board-note truncate">{description}</span>}
      </span>
    ),
  },
  {
    key: 'tags',
    head: 'Tags',
    isWide: true,
    cell: ({ tags }) => (
      <span className="board-tags">
        {tags.map((tag) => (
          <button
            key={tag}
            type="button"
            className="tag truncate"
            onClick={(event) => {
              event.stopPropagation();
              onTag(tag);
            }}
          >
            {tag}
          </button>
        ))}
      </span>
    ),
  },
  {
    key: 'tiles',
    head: 'Tiles',
    isNumber: true,
    isWide: true,
    sortBy: ({ tiles }) => tiles,
    cell: ({ tiles }) => tiles,
  },
  {
    key: 'changed',
    head: 'Changed',
    sortBy: ({ updated_at: at }) => -Date.parse(at),
    cell: ({ updated_at: at, updated_by: by }) => (
      <span className="board-changed" title={at}>
        {since(at)} <span className="quiet">by {by}</span>
      </span>
    ),
  },
  {
    key: 'menu',
    head: '',
    cell: (board) => (mayWrite ? <RowMenu board={board} onAction={onAction} /> : null),
  },
];

const RowMenu = ({
  board,
  onAction,
}: {
  readonly board: Listed;
  readonly onAction: (action: BoardAction) => void;
}): ReactNode => {
  const { id, name } = board;
  const entries: readonly MenuEntry[] = [
    { kind: 'action', text: 'Rename', icon: 'edit', onChoose: () => onAction({ kind: 'rename', id, name }) },
    { kind: 'action', text: 'Duplicate', icon: 'copy', onChoose: () => onAction({ kind: 'copy', id, name }) },
    { kind: 'line' },
    { kind: 'action', text: 'Delete', icon: 'trash', onChoose: () => onAction({ kind: 'remove', id, name }) },
  ];
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keeps presses on the menu from opening the board
    <div onClick={(event) => event.stopPropagation()}>
      <MoreMenu label={`Board ${name}`} entries={entries} />
    </div>
  );
};

const MoreMenu = ({
  label,
  entries,
}: {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}): ReactNode => (
  <Menu label={label} className="button board-more" align="end" entries={entries}>
    <Icon name="more" size={14} />
  </Menu>
);

interface ListProps {
  readonly project: string;
  readonly mayWrite: boolean;
}

/** There are none yet: where to begin. */
const Empty = ({
  project,
  mayWrite,
  onStart,
}: ListProps & { readonly onStart: (start: Start) => void }): ReactNode => (
  <div className="boards-empty">
    <Notice icon="board" title="No boards yet">
      A board puts numbers, charts and texts side by side, all as of one position of the log.{' '}
      {mayWrite
        ? 'Begin with one of these, and change whatever you like.'
        : 'Whoever may save insights can make one.'}
    </Notice>
    {mayWrite ? <TemplateCards project={project} onStart={onStart} /> : null}
  </div>
);

interface FinderProps {
  readonly sought: string;
  readonly tag: string | null;
  readonly tags: readonly string[];
  readonly count: number;
  readonly onTag: (tag: string) => void;
}

const Finder = ({ sought, tag, tags, count, onTag }: FinderProps): ReactNode => (
  <>
    <input
      className="input boards-find"
      type="search"
      placeholder="Find a board"
      aria-label="Find a board"
      value={sought}
      onChange={({ target }) => changeAddress({ find: target.value === '' ? null : target.value })}
    />
    {tags.map((each) => (
      <button
        key={each}
        type="button"
        className="tag truncate"
        aria-pressed={each === tag}
        onClick={() => onTag(each)}
      >
        {each}
      </button>
    ))}
    <span className="quiet number">{plural(count, 'board')}</span>
  </>
);

/** The boards that the address asks for, and what else it says. */
const useFound = (all: readonly Listed[]) => {
  const parameters = new URLSearchParams(useStore(addressStore));
  const sought = parameters.get('find') ?? '';
  const tag = parameters.get('tag');
  const found = all.filter((board) => fits(board, sought) && (tag === null || board.tags.includes(tag)));
  const tags = [...new Set(all.flatMap((board) => board.tags))].sort((a, b) => a.localeCompare(b));
  const onTag = (next: string): void => changeAddress({ tag: next === tag ? null : next });
  return { found, finder: <Finder {...{ sought, tag, tags, onTag }} count={found.length} />, onTag };
};

/** All boards of a project: found, made, renamed, copied and deleted. */
export const BoardList = ({
  project,
  mayWrite,
  status,
}: ListProps & Pick<PageProps, 'status'>): ReactNode => {
  const { data, error, again } = useBoards(project);
  const [start, setStart] = useState<Start>();
  const [action, setAction] = useState<BoardAction>();
  const all = data?.boards ?? [];
  const { found, finder, onTag } = useFound(all);
  const isEmpty = all.length === 0;
  return (
    <Page
      title="Boards"
      status={status}
      isBusy={data === undefined && error === undefined}
      actions={
        mayWrite && !isEmpty ? (
          <Button kind="primary" icon="plus" onClick={() => setStart({ template: null })}>
            New board
          </Button>
        ) : null
      }
      {...(isEmpty ? {} : { toolbar: finder })}
    >
      <Loaded
        data={data}
        error={error?.message}
        trouble="Boards could not be listed"
        again={again}
        loading={<Skeleton height="12rem" />}
      >
        {() =>
          isEmpty ? (
            <Empty project={project} mayWrite={mayWrite} onStart={setStart} />
          ) : (
            <div className="card boards-list">
              <Table
                caption="Boards"
                columns={columnsOf(mayWrite, onTag, setAction)}
                rows={found}
                keyOf={({ id }) => id}
                onRow={({ id }) => goTo(`/boards/${id}`)}
                empty={<Notice title="No board is like that">Look for less, or take the tag away.</Notice>}
              />
            </div>
          )
        }
      </Loaded>
      {start === undefined ? null : (
        <NewBoard project={project} start={start} onClose={() => setStart(undefined)} />
      )}
      {action === undefined ? null : (
        <BoardActions
          project={project}
          action={action}
          names={all.map(({ name }) => name)}
          onClose={() => setAction(undefined)}
        />
      )}
    </Page>
  );
};
