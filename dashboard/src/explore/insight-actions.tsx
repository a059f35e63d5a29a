import { type ReactNode, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { type InsightInput, readInsight, useRemoveInsight, useSaveInsight } from '../data/insights.ts';
import { type Conflict, conflictIn } from '../data/saved.ts';
import { Button, ConfirmDialog, copyText, Icon, Menu, type MenuEntry, toast } from '../design/index.ts';
import type { DisplayInput } from '../insight/display.ts';
import { goTo } from '../lib/address.ts';
import { ConflictDialog } from '../saved/conflict-dialog.tsx';
import { AddToBoard } from './add-to-board.tsx';
import { InsightList } from './insight-list.tsx';
import { InsightVersions } from './insight-versions.tsx';
import type { Question } from './kinds.ts';
import { RenameDialog, SaveDialog } from './save-dialog.tsx';
import { ShareInsight } from './share-insight.tsx';

type Open = 'list' | 'save' | 'copy' | 'rename' | 'versions' | 'share' | 'board' | 'remove';

interface ActionsProps {
  readonly project: string;
  readonly saved: InsightAnswer | undefined;
  /** What would be saved; null while something is missing in it. */
  readonly what: Pick<InsightInput, 'question' | 'display'> | null;
  /** What it would be called. */
  readonly name: string;
  readonly isChanged: boolean;
  readonly mayWrite: boolean;
  readonly publicUrl: string;
  readonly onLook: (question: Question, display: DisplayInput) => void;
}

const openInsight = (insight: Pick<InsightAnswer, 'id'>): void =>
  goTo(`/explore/${encodeURIComponent(insight.id)}`);

/** Saves over what is saved, from the version that is known. */
const useSave = ({ project, saved, what }: ActionsProps) => {
  const save = useSaveInsight(project, saved?.id ?? '');
  const [conflict, setConflict] = useState<Conflict>();
  const [isBusy, setBusy] = useState(false);
  const put = async (version: number): Promise<void> => {
    if (saved === undefined || what === null || isBusy) return;
    setBusy(true);
    try {
      const { name, description, tags } = saved;
      await save({ name, description, tags, ...what, version });
      setConflict(undefined);
      toast(`${name} is saved.`);
      openInsight(saved);
    } catch (error) {
      const found = conflictIn(error);
      setConflict(found);
      if (found === undefined) toast(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return { put, conflict, isBusy, forget: () => setConflict(undefined) };
};

/** What stands on the page when something was chosen. */
const Opened = (props: ActionsProps & { readonly open: Open; readonly close: () => void }): ReactNode => {
  const { project, saved, what, name, mayWrite, publicUrl, onLook, open, close } = props;
  const remove = useRemoveInsight(project);
  if (open === 'list') return <InsightList project={project} current={saved?.id} onClose={close} />;
  if ((open === 'save' || open === 'copy') && what !== null)
    return (
      <SaveDialog
        project={project}
        what={what}
        from={open === 'copy' ? saved : undefined}
        name={open === 'copy' && saved !== undefined ? `${saved.name} (copy)` : name}
        onSaved={(insight) => {
          close();
          openInsight(insight);
        }}
        onClose={close}
      />
    );
  if (saved === undefined) return null;
  if (open === 'rename') return <RenameDialog project={project} saved={saved} onClose={close} />;
  if (open === 'share')
    return <ShareInsight project={project} saved={saved} publicUrl={publicUrl} onClose={close} />;
  if (open === 'board') return <AddToBoard project={project} saved={saved} onClose={close} />;
  if (open === 'versions')
    return (
      <InsightVersions
        {...{ project, saved, mayWrite, onLook }}
        onRestored={() => {
          close();
          openInsight(saved);
        }}
        onClose={close}
      />
    );
  if (open !== 'remove') return null;
  return (
    <ConfirmDialog
      title={`Delete ${saved.name}?`}
      action="Delete"
      isDanger
      onConfirm={async () => {
        await remove(saved.id);
        toast(`${saved.name} is deleted.`);
        goTo('/explore');
      }}
      onClose={close}
    >
      Its versions and its links go with it. A board that it stands on keeps it from being deleted.
    </ConfirmDialog>
  );
};

const entriesOf = (
  { saved, what, mayWrite }: ActionsProps,
  setOpen: (open: Open) => void,
): readonly MenuEntry[] => {
  const action = (
    text: string,
    icon: Extract<MenuEntry, { kind: 'action' }>['icon'] & string,
    open: Open,
  ): MenuEntry => ({
    ...{ kind: 'action', text, icon },
    onChoose: () => setOpen(open),
  });
  const start: MenuEntry = {
    ...{ kind: 'action', text: 'New question', icon: 'plus' },
    onChoose: () => goTo('/explore'),
  };
  const address: MenuEntry = {
    ...{ kind: 'action', text: 'Copy the address', icon: 'copy' },
    onChoose: () =>
      void copyText(location.href).then((done) =>
        toast(done ? 'The address is copied: it holds the whole question.' : 'Copy it from the address bar.'),
      ),
  };
  if (saved === undefined) return [start, address];
  return [
    start,
    address,
    action('Versions', 'clock', 'versions'),
    ...(mayWrite
      ? [
          ...(what === null ? [] : [action('Save as another', 'copy', 'copy')]),
          action('Name and description', 'edit', 'rename'),
          { kind: 'line' as const },
          action('Share by a link', 'external', 'share'),
          action('Add to a board', 'board', 'board'),
          { kind: 'line' as const },
          action('Delete', 'trash', 'remove'),
        ]
      : []),
  ];
};

/** What can be done with what is explored: open, save, share, and the rest. */
export const InsightActions = (props: ActionsProps): ReactNode => {
  const { project, saved, what, isChanged, mayWrite } = props;
  const [open, setOpen] = useState<Open>();
  const { put, conflict, isBusy, forget } = useSave(props);
  const close = (): void => setOpen(undefined);
  const takeTheirs = async (): Promise<void> => {
    forget();
    if (saved !== undefined) openInsight(saved);
  };
  const why = mayWrite
    ? undefined
    : 'Saving needs the permission insights:write: ask who administers the project.';
  return (
    <>
      <Button icon="save" onClick={() => setOpen('list')}>
        Open
      </Button>
      <Button
        kind="primary"
        disabled={!mayWrite || what === null || isBusy || (saved !== undefined && !isChanged)}
        title={why}
        onClick={() => (saved === undefined ? setOpen('save') : void put(saved.version))}
      >
        {saved !== undefined && !isChanged ? 'Saved' : 'Save'}
      </Button>
      <Menu label="More to do" align="end" className="button" entries={entriesOf(props, setOpen)}>
        <Icon name="more" size={14} />
        <span className="unseen">More to do</span>
      </Menu>
      {why === undefined ? null : (
        <p className="explore-why" role="note">
          <Icon name="lock" size={12} /> {why}
        </p>
      )}
      {open === undefined ? null : <Opened {...props} open={open} close={close} />}
      {conflict === undefined || saved === undefined ? null : (
        <ConflictDialog what="insight" conflict={conflict} onClose={forget}>
          <Button onClick={() => void takeTheirs()}>Take theirs</Button>
          <Button
            onClick={() =>
              void readInsight(project, saved.id)
                .then(({ version }) => put(version))
                .catch((error: unknown) => toast(String(error)))
            }
          >
            Save mine over it
          </Button>
          <Button
            kind="primary"
            onClick={() => {
              forget();
              setOpen('copy');
            }}
          >
            Save mine as another
          </Button>
        </ConflictDialog>
      )}
    </>
  );
};
