import { type ReactNode, useState } from 'react';
import type { BoardAnswer } from '../../../src/contract/boards.ts';
import { boardTrouble } from '../board/board-trouble.ts';
import { MomentLine } from '../board/moment-line.tsx';
import { rowsOf } from '../board/places.ts';
import { fillScreen, Wall } from '../board/wall.tsx';
import { useInsightsOf } from '../data/insights.ts';
import { Banner, Button, Icon, IconButton, Menu, Notice, Page, Select } from '../design/index.ts';
import { addressStore, changeAddress, goTo } from '../lib/address.ts';
import { plural } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { instantIn } from '../lib/zoned.ts';
import { BoardActions, type BoardAction } from './board-actions.tsx';
import { BoardTiles } from './board-tiles.tsx';
import { BoardVersions } from './board-versions.tsx';
import { DetailsDialog } from './details-dialog.tsx';
import { REFRESHES } from './moments.ts';
import { ShareBoard } from './share-board.tsx';
import { insightIdsOf } from './tile-facts.ts';
import { pinTo, TimeControl } from './time-control.tsx';
import { ToBoards } from './to-boards.tsx';
import { type BoardState, useBoardState } from './use-board-state.ts';
import { VariablesBar } from './variables-bar.tsx';

interface BoardViewProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly mayWrite: boolean;
  readonly publicUrl: string;
  readonly onEdit: () => void;
}

const STALE_LEAST_MS = 60_000;
const WALL_EVERY_MS = 60_000;

const MomentOf = ({ state }: { readonly state: BoardState }): ReactNode => {
  const zone = useTimeZone();
  const { shown, pinned, refresh } = state;
  if (shown === undefined) return null;
  const staleMs =
    refresh.everyMs === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(STALE_LEAST_MS, 2.5 * refresh.everyMs);
  return <MomentLine moment={shown} zone={zone} isPinned={pinned !== null} staleMs={staleMs} />;
};

const shownMoment = ({ reading }: BoardState) =>
  reading === undefined || reading.position === null
    ? undefined
    : { position: reading.position, at: reading.at };

/** What is to be said above the tiles. */
const Said = ({ state }: { readonly state: BoardState }): ReactNode => {
  const zone = useTimeZone();
  const { pinned, error, values, again } = state;
  const trouble = boardTrouble(state);
  return (
    <>
      {pinned === null ? null : (
        <Banner
          kind="info"
          actions={
            <Button size="small" icon="live" onClick={() => pinTo(null)}>
              Back to live
            </Button>
          }
        >
          All of it is as of {instantIn(pinned.at, zone)}, position {pinned.position}. Later events are not
          seen.
        </Banner>
      )}
      {trouble === undefined ? null : (
        <Banner
          kind={trouble.isEmpty ? 'bad' : 'warn'}
          actions={
            <>
              {error?.status === 400 && Object.keys(values).length > 0 ? (
                <Button size="small" onClick={() => goTo(location.pathname)}>
                  As it was saved
                </Button>
              ) : null}
              <Button size="small" onClick={again}>
                Try again
              </Button>
            </>
          }
        >
          <strong>{trouble.title}</strong> {trouble.text}
        </Banner>
      )}
    </>
  );
};

type Dialog = 'share' | 'versions' | 'details';

interface HeadProps extends BoardViewProps {
  readonly state: BoardState;
  readonly onDialog: (dialog: Dialog) => void;
  readonly onAction: (action: BoardAction) => void;
}

const toWall = (): void => {
  fillScreen();
  changeAddress({ wall: '1' }, { isStep: true });
};

const Actions = ({ project, board, mayWrite, state, onEdit, onDialog, onAction }: HeadProps): ReactNode => {
  const zone = useTimeZone();
  const { id, name } = board;
  return (
    <>
      <Select
        label="Asked again"
        options={REFRESHES.map(({ value, text }) => ({ value, text }))}
        value={state.refresh.value}
        onChange={(value) => changeAddress({ refresh: value })}
        isDisabled={state.pinned !== null}
      />
      <IconButton
        icon="refresh"
        label="Ask again now"
        kind="normal"
        disabled={state.isFetching || state.pinned !== null}
        onClick={state.again}
      />
      <TimeControl
        project={project}
        shown={shownMoment(state)}
        isPinned={state.pinned !== null}
        seen={state.seen}
        zone={zone}
      />
      <IconButton icon="full" label="Wall: fill the screen" kind="normal" onClick={toWall} />
      <Menu
        label={`More of the board ${name}`}
        align="end"
        entries={[
          { kind: 'action', text: 'Versions', icon: 'clock', onChoose: () => onDialog('versions') },
          ...(mayWrite
            ? ([
                { kind: 'action', text: 'Name and tags', icon: 'edit', onChoose: () => onDialog('details') },
                {
                  kind: 'action',
                  text: 'Duplicate',
                  icon: 'copy',
                  onChoose: () => onAction({ kind: 'copy', id, name }),
                },
                { kind: 'line' },
                {
                  kind: 'action',
                  text: 'Delete',
                  icon: 'trash',
                  onChoose: () => onAction({ kind: 'remove', id, name }),
                },
              ] as const)
            : []),
        ]}
      >
        <Icon name="more" size={14} />
      </Menu>
      {mayWrite ? (
        <>
          <Button icon="share" onClick={() => onDialog('share')}>
            Share
          </Button>
          <Button icon="edit" onClick={onEdit}>
            Edit
          </Button>
        </>
      ) : null}
    </>
  );
};

const Empty = ({ mayWrite, onEdit }: Pick<BoardViewProps, 'mayWrite' | 'onEdit'>): ReactNode => (
  <Notice
    icon="board"
    title="Nothing is on this board yet"
    action={
      mayWrite ? (
        <Button kind="primary" icon="plus" onClick={onEdit}>
          Put something on it
        </Button>
      ) : null
    }
  >
    Insights, questions and texts stand side by side on it.
  </Notice>
);

/** A board that is looked at. */
export const BoardView = (props: BoardViewProps): ReactNode => {
  const { project, board, mayWrite, publicUrl, onEdit } = props;
  const { name, description, tags, tiles, variables } = board;
  const search = useStore(addressStore);
  const isWall = new URLSearchParams(search).get('wall') === '1';
  const state = useBoardState(project, board, isWall ? WALL_EVERY_MS : undefined);
  const insights = useInsightsOf(project, insightIdsOf(tiles));
  const [dialog, setDialog] = useState<Dialog>();
  const [action, setAction] = useState<BoardAction>();
  const close = (): void => setDialog(undefined);
  if (isWall)
    return (
      <Wall
        title={name}
        status={<MomentOf state={state} />}
        rows={rowsOf(tiles)}
        trouble={boardTrouble(state)}
        onLeave={() => changeAddress({ wall: null })}
      >
        <BoardTiles tiles={tiles} insights={insights} tileOf={state.tileOf} isWall />
      </Wall>
    );
  return (
    <Page
      title={name}
      className="board-page"
      status={<ToBoards />}
      actions={<Actions {...props} state={state} onDialog={setDialog} onAction={setAction} />}
      {...(description === '' ? {} : { description })}
      toolbar={
        <>
          <VariablesBar project={project} variables={variables} values={state.values} />
          <MomentOf state={state} />
        </>
      }
    >
      <Said state={state} />
      {tiles.length === 0 ? (
        <Empty mayWrite={mayWrite} onEdit={onEdit} />
      ) : (
        <BoardTiles tiles={tiles} insights={insights} tileOf={state.tileOf} />
      )}
      <p className="board-foot">
        {plural(tiles.length, 'tile')}, version {board.version}
        {tags.length === 0 ? '' : `, ${tags.join(', ')}`}
      </p>
      {dialog === 'share' ? (
        <ShareBoard project={project} board={board} state={state} publicUrl={publicUrl} onClose={close} />
      ) : null}
      {dialog === 'versions' ? (
        <BoardVersions project={project} board={board} mayWrite={mayWrite} onClose={close} />
      ) : null}
      {dialog === 'details' ? <DetailsDialog project={project} board={board} onClose={close} /> : null}
      {action === undefined ? null : (
        <BoardActions project={project} action={action} names={[name]} onClose={() => setAction(undefined)} />
      )}
    </Page>
  );
};
