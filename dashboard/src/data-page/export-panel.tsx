import type { ReactNode } from 'react';
import type { ExportAnswer, ExportRun } from '../../../src/contract/exports.ts';
import { readExportFile, useExportFiles, useExportRuns } from '../data/exports.ts';
import {
  Button,
  CodeBlock,
  type Column,
  FieldError,
  Notice,
  Panel,
  Skeleton,
  Table,
  toast,
} from '../design/index.ts';
import { byteSize, duration, fullCount } from '../lib/format.ts';
import { saveFile } from '../lib/save-file.ts';
import { momentIn } from '../lib/zoned.ts';
import { contentWords, scheduleWords } from './schedule-words.ts';

interface ExportPanelProps {
  readonly project: string;
  readonly shown: ExportAnswer;
  readonly zone: string;
  readonly onClose: () => void;
}

const download = (project: string, id: string, name: string): void => {
  readExportFile(project, id, name).then(
    (file) => saveFile(file, name),
    (error: unknown) => toast(error instanceof Error ? error.message : String(error)),
  );
};

const Files = ({ project, shown, zone }: Omit<ExportPanelProps, 'onClose'>): ReactNode => {
  const { data, error } = useExportFiles(project, shown.id);
  if (data === undefined)
    return error === undefined ? <Skeleton height="4rem" /> : <FieldError text={error.message} isStanding />;
  if (data.files.length === 0) return <p className="quiet">None is written yet.</p>;
  return (
    <ul className="export-files">
      {data.files.map(({ name, bytes, rows, written_at: at }) => (
        <li key={name}>
          <span className="truncate" title={name}>
            <code>{name}</code>
            <span className="quiet number">
              {momentIn(at, zone)} · {fullCount(rows)} rows · {byteSize(bytes)}
            </span>
          </span>
          <Button size="small" icon="download" onClick={() => download(project, shown.id, name)}>
            <span className="unseen">Download {name}</span>
            <span aria-hidden="true">Download</span>
          </Button>
        </li>
      ))}
    </ul>
  );
};

const columnsOf = (zone: string): readonly Column<ExportRun>[] => [
  {
    key: 'due',
    head: 'Due',
    cell: ({ due_at: at, by_hand: isByHand }) => `${momentIn(at, zone)}${isByHand ? ', by hand' : ''}`,
  },
  {
    key: 'state',
    head: 'State',
    cell: ({ state, attempts, error }) => (
      <span className="export-state" data-state={state} title={error ?? undefined}>
        {state}
        {attempts > 1 ? `, tried ${attempts} times` : ''}
      </span>
    ),
  },
  { key: 'rows', head: 'Rows', isNumber: true, cell: ({ rows }) => (rows === null ? '' : fullCount(rows)) },
  {
    key: 'took',
    head: 'Took',
    isNumber: true,
    isWide: true,
    cell: ({ duration_ms: ms }) => (ms === null ? '' : duration(ms)),
  },
];

const Runs = ({ project, shown, zone }: Omit<ExportPanelProps, 'onClose'>): ReactNode => {
  const { data, error } = useExportRuns(project, shown.id);
  if (data === undefined)
    return error === undefined ? <Skeleton height="4rem" /> : <FieldError text={error.message} isStanding />;
  const failed = data.runs.find(({ error: why }) => why !== null);
  return (
    <>
      <FieldError
        text={failed === undefined ? undefined : `${momentIn(failed.due_at, zone)}: ${failed.error}`}
        isStanding
      />
      <Table
        caption="Runs"
        columns={columnsOf(zone)}
        rows={data.runs}
        keyOf={({ id }) => id}
        empty={<p className="quiet">It has not run yet.</p>}
      />
    </>
  );
};

/** One export: what it writes, its files and its runs. */
export const ExportPanel = ({ project, shown, zone, onClose }: ExportPanelProps): ReactNode => (
  <Panel title={shown.name} onClose={onClose}>
    <div className="data-one">
      {shown.stopped === null ? null : (
        <Notice kind="error" icon="warning" title="It does not run any more">
          {shown.stopped}
        </Notice>
      )}
      {shown.description === '' ? null : <p>{shown.description}</p>}
      <dl className="data-facts">
        <div>
          <dt>runs</dt>
          <dd>
            {scheduleWords(shown.schedule)}
            {shown.paused ? ', paused' : ''}
          </dd>
        </div>
        <div>
          <dt>writes</dt>
          <dd>
            {contentWords(shown)} as {shown.format}
          </dd>
        </div>
        <div>
          <dt>folder</dt>
          <dd>
            <code>{shown.folder}</code>, {fullCount(shown.keep)} files kept
          </dd>
        </div>
        <div>
          <dt>owner</dt>
          <dd>{shown.owner}</dd>
        </div>
      </dl>
      <section>
        <h3>Files</h3>
        <Files {...{ project, shown, zone }} />
      </section>
      <section>
        <h3>Runs</h3>
        <Runs {...{ project, shown, zone }} />
      </section>
      <section>
        <h3>What it asks</h3>
        {shown.what.kind === 'sql' ? (
          <CodeBlock label="statement" text={shown.what.sql} wraps />
        ) : (
          <CodeBlock label="question" text={JSON.stringify(shown.what, null, 2)} isJson wraps />
        )}
      </section>
    </div>
  </Panel>
);
