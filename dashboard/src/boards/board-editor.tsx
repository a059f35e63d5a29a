import './editor.css';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import type { BoardAnswer, Tile } from '../../../src/contract/boards.ts';
import { inReadingOrder } from '../board/places.ts';
import { useSaveBoard } from '../data/boards.ts';
import { useInsightsOf } from '../data/insights.ts';
import { type Conflict, conflictIn } from '../data/saved.ts';
import { Banner, Button, IconButton, Menu, Notice, Page, toast } from '../design/index.ts';
import { guardLeaving } from '../lib/address.ts';
import { AddInsight } from './add-insight.tsx';
import { BoardConflict } from './board-conflict.tsx';
import {
  begin,
  type BoardContent,
  change,
  type Editing,
  freeId,
  isChanged,
  redo,
  undo,
  withTile,
} from './draft.ts';
import { EditGrid } from './edit-grid.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { compacted, roomFor } from './layout.ts';
import { insightIdsOf, type Insights } from './tile-facts.ts';
import { TileDialog } from './tile-dialog.tsx';
import { type Attempt, useAttempt } from '../lib/use-attempt.ts';
import { useBoardState } from './use-board-state.ts';
import { VariablesDialog } from './variables-dialog.tsx';

interface EditorProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly onClose: () => void;
}

const beginCompact = (board: BoardAnswer): Editing => begin({ ...board, tiles: [...compacted(board.tiles)] });

/** Asks before what was not saved is lost, wherever one goes. */
const useGuard = (isHeld: boolean, onHeld: () => void): void => {
  const held = useEffectEvent(onHeld);
  useEffect(() => {
    if (!isHeld) return;
    const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    const end = guardLeaving(() => {
      held();
      return false;
    });
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      end();
    };
  }, [isHeld]);
};

/** Undoing and redoing, by keys that everybody knows. */
const useUndoKeys = (onUndo: () => void, onRedo: () => void): void => {
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea') !== null;
    if (!(event.ctrlKey || event.metaKey) || isTyping || document.querySelector('dialog[open]') !== null)
      return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) onUndo();
    else if (key === 'y' || (key === 'z' && event.shiftKey)) onRedo();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
};

type Open =
  | { readonly kind: 'insight' }
  | { readonly kind: 'variables' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'tile'; readonly id: string };

const TEXT_SIZE = { w: 4, h: 3 } as const;

/** A tile put where there is room. */
const added = (tiles: readonly Tile[], tile: Tile): Tile[] => [
  ...tiles,
  { ...tile, id: freeId(tiles, tile.id), ...roomFor(tiles, tile) },
];

interface HeadProps {
  readonly editing: Editing;
  readonly isBusy: boolean;
  readonly onStep: (step: (editing: Editing) => Editing) => void;
  readonly onOpen: (open: Open) => void;
  readonly onText: () => void;
  readonly onSave: () => void;
  readonly onCancel: () => void;
}

const Actions = (props: HeadProps): ReactNode => {
  const { editing, isBusy, onStep, onOpen, onText, onSave, onCancel } = props;
  return (
    <>
      <IconButton
        icon="back"
        kind="normal"
        label="Undo (Ctrl Z)"
        disabled={editing.past.length === 0}
        onClick={() => onStep(undo)}
      />
      <IconButton
        icon="next"
        kind="normal"
        label="Redo (Ctrl Y)"
        disabled={editing.future.length === 0}
        onClick={() => onStep(redo)}
      />
      <Menu
        label="Add a tile"
        align="end"
        entries={[
          {
            kind: 'action',
            text: 'Saved insight',
            icon: 'chart',
            onChoose: () => onOpen({ kind: 'insight' }),
          },
          { kind: 'action', text: 'Text', icon: 'edit', onChoose: onText },
        ]}
      >
        Add a tile
      </Menu>
      <Button icon="filter" onClick={() => onOpen({ kind: 'variables' })}>
        Variables
      </Button>
      <Button onClick={onCancel}>{isChanged(editing) ? 'Discard' : 'Done'}</Button>
      <Button kind="primary" icon="save" disabled={!isChanged(editing) || isBusy} onClick={onSave}>
        Save
      </Button>
    </>
  );
};

const EmptyBoard = ({ onAdd }: { readonly onAdd: () => void }): ReactNode => (
  <Notice
    icon="board"
    title="An empty board"
    action={
      <Button kind="primary" icon="plus" onClick={onAdd}>
        Add an insight
      </Button>
    }
  >
    Put saved insights and texts on it.
  </Notice>
);

interface Editor {
  readonly editing: Editing;
  readonly step: (step: (editing: Editing) => Editing) => void;
  readonly put: (next: Partial<BoardContent>) => void;
  readonly putTiles: (tiles: readonly Tile[]) => void;
  readonly open: Open | undefined;
  readonly setOpen: (open: Open | undefined) => void;
  readonly attempt: Attempt;
  readonly store: () => void;
}

/** A board under way: its steps, what is open, and how it is saved. */
const useEditor = ({ project, board, onClose }: EditorProps): Editor => {
  const [editing, setEditing] = useState(() => beginCompact(board));
  const [open, setOpen] = useState<Open>();
  const save = useSaveBoard(project, board.id);
  const attempt = useAttempt();
  const { now, version } = editing;
  const put = (next: Partial<BoardContent>): void => setEditing((before) => change(before, next));
  const store = (): void =>
    attempt.run(async () => {
      try {
        await save({ ...now, tiles: [...inReadingOrder(now.tiles)], version });
      } catch (error) {
        const conflict = conflictIn(error);
        if (conflict === undefined) throw error;
        setOpen({ kind: 'conflict', conflict });
        return;
      }
      toast('The board is saved.');
      onClose();
    });
  useGuard(isChanged(editing), () => setOpen({ kind: 'leave' }));
  useUndoKeys(
    () => setEditing(undo),
    () => setEditing(redo),
  );
  return {
    ...{ editing, open, setOpen, put, attempt, store },
    step: setEditing,
    putTiles: (tiles) => put({ tiles: [...compacted(tiles)] }),
  };
};

interface OpenedProps extends EditorProps {
  readonly editor: Editor;
  readonly insights: Insights;
}

/** The dialog that is open. */
const Opened = ({ project, editor, insights, onClose }: OpenedProps): ReactNode => {
  const { open, setOpen, putTiles, put } = editor;
  const { now } = editor.editing;
  const close = (): void => setOpen(undefined);
  switch (open?.kind) {
    case undefined:
      return null;
    case 'insight':
      return (
        <AddInsight
          project={project}
          onAdd={(tile) => {
            putTiles(added(now.tiles, tile));
            close();
          }}
          onClose={close}
        />
      );
    case 'tile': {
      const tile = now.tiles.find(({ id }) => id === open.id);
      return tile === undefined ? null : (
        <TileDialog
          tile={tile}
          insights={insights}
          variables={now.variables}
          onChange={(next) => putTiles(withTile(now.tiles, next.id, () => next))}
          onClose={close}
        />
      );
    }
    case 'variables':
      return <VariablesDialog project={project} content={now} onChange={put} onClose={close} />;
    case 'leave':
      return <LeaveDialog onDiscard={onClose} onClose={close} />;
    case 'conflict': {
      const { conflict } = open;
      return <BoardConflict {...{ project, conflict }} content={now} onReloaded={onClose} onClose={close} />;
    }
  }
};

const HOW =
  'Drag tiles by their head, size them at their corner. By keyboard: Tab to a tile, arrow keys move it, Shift and arrow keys size it, Enter opens it, Delete takes it away.';

/** A board that is changed: its tiles are moved, sized, made and taken away; every step can be undone until it is saved. */
export const BoardEditor = (props: EditorProps): ReactNode => {
  const { project, board, onClose } = props;
  const editor = useEditor(props);
  const { editing, putTiles, setOpen, attempt } = editor;
  const { now } = editing;
  const state = useBoardState(project, board);
  const insights = useInsightsOf(project, insightIdsOf(now.tiles));
  const hasChanged = isChanged(editing);
  const addText = (): void => {
    const id = freeId(now.tiles, 'text');
    putTiles(added(now.tiles, { kind: 'text', id, x: 0, y: 0, ...TEXT_SIZE, title: '', text: '' }));
    setOpen({ kind: 'tile', id });
  };
  return (
    <Page
      title={`Edit ${now.name}`}
      heading={now.name}
      className="board-page"
      status={<span className="editing-mark">{hasChanged ? 'Not saved' : 'Editing'}</span>}
      description={HOW}
      actions={
        <Actions
          editing={editing}
          isBusy={attempt.isBusy}
          onStep={editor.step}
          onOpen={setOpen}
          onText={addText}
          onSave={editor.store}
          onCancel={() => (hasChanged ? setOpen({ kind: 'leave' }) : onClose())}
        />
      }
    >
      {attempt.trouble === undefined ? null : (
        <Banner kind="bad">
          <strong>It is not saved.</strong> {attempt.trouble}
        </Banner>
      )}
      {now.tiles.length === 0 ? (
        <EmptyBoard onAdd={() => setOpen({ kind: 'insight' })} />
      ) : (
        <EditGrid
          {...{ project, board, insights, state }}
          content={now}
          onTiles={putTiles}
          onOpen={(id) => setOpen({ kind: 'tile', id })}
          onCopy={(tile) => putTiles(added(now.tiles, tile))}
          onRemove={(id) => putTiles(withTile(now.tiles, id, () => undefined))}
        />
      )}
      <Opened {...props} editor={editor} insights={insights} />
    </Page>
  );
};
