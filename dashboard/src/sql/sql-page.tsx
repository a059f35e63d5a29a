import './sql.css';
import { type ReactNode, useState } from 'react';
import { Button, Page, Panel } from '../design/index.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import type { PageProps } from '../page-props.ts';
import { DownloadMenu } from './download-menu.tsx';
import { ExampleList } from './example-list.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { Names } from './names.tsx';
import { Results } from './results.tsx';
import { StatementCard } from './statement-card.tsx';
import { useWorkbench, type Workbench } from './use-workbench.ts';

type Side = 'history' | 'names';

interface ActionsProps {
  readonly bench: Workbench;
  readonly isNarrow: boolean;
  readonly onOpen: (side: Side) => void;
}

const Actions = ({ bench, isNarrow, onOpen }: ActionsProps): ReactNode => (
  <>
    {isNarrow ? (
      <Button icon="table" onClick={() => onOpen('names')}>
        Tables
      </Button>
    ) : null}
    <Button icon="clock" onClick={() => onOpen('history')}>
      History
    </Button>
    <Button icon="share" disabled={bench.statement.text.trim() === ''} onClick={bench.share}>
      Share
    </Button>
  </>
);

/** Statements in SQL: written, run, looked at. */
export const SqlPage = ({ session, project, status }: PageProps): ReactNode => {
  const zone = useTimeZone();
  const isNarrow = useMedia(NARROW);
  const bench = useWorkbench(project, session.user?.id ?? 'key');
  const [side, setSide] = useState<Side>();
  const { editor, history, state, limits } = bench;
  const close = (): void => setSide(undefined);
  const choose = (sql: string): void => {
    close();
    editor.current?.set(sql);
  };
  const put = (name: string): void => {
    close();
    editor.current?.put(name);
  };
  return (
    <Page
      title="SQL"
      className="sql-page"
      status={status}
      actions={<Actions bench={bench} isNarrow={isNarrow} onOpen={setSide} />}
    >
      <div className="sql-layout">
        <div className="sql-work">
          <StatementCard bench={bench} />
          {state.answered === undefined ? (
            <ExampleList onChoose={choose} />
          ) : (
            <Results
              answered={state.answered}
              isRunning={state.runningSinceMs !== undefined}
              actions={
                <DownloadMenu
                  project={project}
                  question={state.answered.question}
                  rowsMax={limits.rows_max}
                  timeoutMs={limits.timeout_ms_max}
                />
              }
            />
          )}
        </div>
        {isNarrow ? null : (
          <aside className="card sql-names" aria-label="Tables and functions">
            <Names bench={bench} onPut={put} />
          </aside>
        )}
      </div>
      {isNarrow && side === 'names' ? (
        <Panel title="Tables and functions" onClose={close}>
          <Names bench={bench} onPut={put} />
        </Panel>
      ) : null}
      {side === 'history' ? (
        <HistoryPanel
          runs={history.runs}
          zone={zone}
          onChoose={choose}
          onKeep={history.keep}
          onForget={history.forget}
          onClose={close}
        />
      ) : null}
    </Page>
  );
};
