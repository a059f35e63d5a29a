import { type ReactNode, useState } from 'react';
import type { ExportAnswer } from '../../../src/contract/exports.ts';
import { useChangeExport, useExports, useRemoveExport, useRunExport } from '../data/exports.ts';
import {
  Button,
  Card,
  Checkbox,
  type Column,
  ConfirmDialog,
  Fresh,
  Icon,
  type IconName,
  Loaded,
  Notice,
  Popover,
  Skeleton,
  Table,
  toast,
} from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { momentIn } from '../lib/zoned.ts';
import { ExportForm } from './export-form.tsx';
import { ExportPanel } from './export-panel.tsx';
import { contentWords, scheduleWords, stateOf } from './schedule-words.ts';
import { may, type TabProps } from './tab-props.ts';

const said = (work: Promise<unknown>, done: string): void => {
  work.then(
    () => toast(done),
    (error: unknown) => toast(error instanceof Error ? error.message : String(error)),
  );
};

interface Doing {
  readonly text: string;
  readonly icon: IconName;
  readonly run: () => void;
}

interface DoProps {
  readonly project: string;
  readonly of: ExportAnswer;
  readonly onRemove: () => void;
}

/** What can be done with an export. A popover, because a menu would be cut off by the table. */
const Doings = ({ project, of, onRemove }: DoProps): ReactNode => {
  const run = useRunExport(project);
  const change = useChangeExport(project);
  const { paused, name } = of;
  const entries: readonly Doing[] = [
    { text: 'Run now', icon: 'play', run: () => said(run(of.id), `${name} runs.`) },
    {
      text: paused ? 'Go on with the schedule' : 'Pause the schedule',
      icon: paused ? 'refresh' : 'pause',
      run: () =>
        said(change({ of, to: { paused: !paused } }), paused ? `${name} goes on.` : `${name} is paused.`),
    },
    ...(of.stopped === null
      ? []
      : [
          {
            text: 'Take it over and start it',
            icon: 'user' as const,
            run: () => said(change({ of, to: {} }), `${name} is yours now.`),
          },
        ]),
    { text: 'Delete', icon: 'trash', run: onRemove },
  ];
  return (
    <Popover label={`What to do with ${name}`} align="end" button={<Icon name="more" size={14} />}>
      {(close) => (
        <div className="export-menu">
          {entries.map((entry) => (
            <button
              key={entry.text}
              type="button"
              className="menu-item"
              onClick={() => {
                close();
                entry.run();
              }}
            >
              <Icon name={entry.icon} />
              {entry.text}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
};

const Removing = ({
  project,
  of,
  onClose,
}: {
  readonly project: string;
  readonly of: ExportAnswer;
  readonly onClose: () => void;
}): ReactNode => {
  const remove = useRemoveExport(project);
  const [isWithFiles, setWithFiles] = useState(false);
  return (
    <ConfirmDialog
      title={`Delete ${of.name}?`}
      action="Delete"
      isDanger
      onConfirm={() => remove({ id: of.id, isWithFiles })}
      onClose={onClose}
    >
      <p>It does not run any more, and its runs are forgotten.</p>
      <Checkbox label="Delete its files as well" isOn={isWithFiles} onChange={setWithFiles} />
    </ConfirmDialog>
  );
};

interface Columns extends TabProps {
  readonly zone: string;
  readonly onOpen: (of: ExportAnswer) => void;
  readonly onRemove: (of: ExportAnswer) => void;
}

const columnsOf = ({
  project,
  session,
  zone,
  onOpen,
  onRemove,
}: Columns): readonly Column<ExportAnswer>[] => [
  {
    key: 'name',
    head: 'Export',
    sortBy: ({ name }) => name,
    cell: (of) => (
      <button type="button" className="stretch-button truncate" onClick={() => onOpen(of)}>
        {of.name}
      </button>
    ),
  },
  {
    key: 'state',
    head: 'State',
    cell: (of) => (
      <span
        className="export-state"
        data-state={stateOf(of)}
        title={of.stopped ?? of.last_run?.error ?? undefined}
      >
        {stateOf(of)}
      </span>
    ),
  },
  { key: 'what', head: 'Writes', isWide: true, cell: (of) => `${contentWords(of)}, ${of.format}` },
  { key: 'when', head: 'Runs', isWide: true, cell: ({ schedule }) => scheduleWords(schedule) },
  {
    key: 'last',
    head: 'Last run',
    isWide: true,
    cell: ({ last_run: last }) => (last === null ? '' : momentIn(last.due_at, zone)),
  },
  {
    key: 'next',
    head: 'Next run',
    cell: ({ next_run_at: at }) => (at === null ? '' : momentIn(at, zone)),
  },
  ...(may(session, 'insights:write')
    ? [
        {
          key: 'do',
          head: '',
          isNumber: true,
          cell: (of: ExportAnswer) => <Doings project={project} of={of} onRemove={() => onRemove(of)} />,
        },
      ]
    : []),
];

/** Answers that are written to files on a schedule. */
export const ExportsTab = ({ project, session }: TabProps): ReactNode => {
  const zone = useTimeZone();
  const { data, atMs, error, again } = useExports(project);
  const [isNew, setNew] = useState(false);
  const [removing, setRemoving] = useState<ExportAnswer>();
  const openId = new URLSearchParams(useStore(addressStore)).get('export');
  const open = data?.exports.find(({ id }) => id === openId);
  const show = (id: string | null): void => changeAddress({ export: id }, { isStep: true });
  const mayWrite = may(session, 'insights:write');
  return (
    <Card
      title="Scheduled exports"
      aside={
        <>
          <Fresh atMs={atMs} />
          {mayWrite ? (
            <Button size="small" icon="plus" onClick={() => setNew(true)}>
              New export
            </Button>
          ) : null}
        </>
      }
    >
      <Loaded
        data={data}
        error={error?.message}
        trouble="The exports could not be read"
        again={again}
        loading={<Skeleton height="10rem" />}
      >
        {({ exports }) => (
          <Table
            caption="Exports"
            className="exports-table"
            columns={columnsOf({
              project,
              session,
              zone,
              onOpen: ({ id }) => show(id),
              onRemove: setRemoving,
            })}
            rows={exports}
            keyOf={({ id }) => id}
            empty={
              <Notice
                icon="download"
                title="No exports yet"
                action={mayWrite ? <Button onClick={() => setNew(true)}>New export</Button> : undefined}
              >
                An export writes the answer to a question into a file, every hour, day, week or month, into a
                folder of the server.
              </Notice>
            }
          />
        )}
      </Loaded>
      {open === undefined ? null : (
        <ExportPanel key={open.id} project={project} shown={open} zone={zone} onClose={() => show(null)} />
      )}
      {isNew ? <ExportForm {...{ project, session, zone }} onClose={() => setNew(false)} /> : null}
      {removing === undefined ? null : (
        <Removing project={project} of={removing} onClose={() => setRemoving(undefined)} />
      )}
    </Card>
  );
};
