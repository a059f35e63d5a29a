import './sql.css';
import { type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type { SqlFormat } from '../../../src/contract/sql.ts';
import { useProperties } from '../data/catalog.ts';
import { runSqlToFile, type SqlQuestion, useSqlSchema } from '../data/sql.ts';
import {
  Button,
  copyText,
  Icon,
  Menu,
  Notice,
  Page,
  Panel,
  Select,
  Skeleton,
  toast,
} from '../design/index.ts';
import { duration, fullCount } from '../lib/format.ts';
import { saveFile } from '../lib/save-file.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { useNow } from '../lib/use-now.ts';
import type { PageProps } from '../page-props.ts';
import { Editor, type EditorHandle } from './editor.tsx';
import { EXAMPLES } from './examples.ts';
import { FaultBar } from './fault-bar.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { useHistory } from './use-history.ts';
import { ParameterFields } from './parameter-fields.tsx';
import { Results } from './results.tsx';
import { SchemaBrowser } from './schema-browser.tsx';
import { useStatement } from './use-statement.ts';
import { askedOf, parametersOf, parameterValue } from './statement.ts';
import { useRun } from './use-run.ts';

const LIMITS = [100, 1_000, 10_000, 100_000];
const TIMEOUT_MS = 30_000;
const NO_TYPES: readonly string[] = [];

const FILES = [
  { format: 'csv', text: 'CSV' },
  { format: 'ndjson', text: 'NDJSON' },
  { format: 'parquet', text: 'Parquet' },
  { format: 'arrow', text: 'Arrow' },
] as const satisfies readonly { format: Exclude<SqlFormat, 'json'>; text: string }[];

const fileName = (project: string, format: string): string =>
  `${project}-${new Date().toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}.${format}`;

/** How long a statement has been running. */
const Running = ({ sinceMs }: { readonly sinceMs: number }): ReactNode => {
  const now = useNow();
  return (
    <span className="sql-running number" role="status">
      <span className="beacon" /> Running
      <span aria-hidden="true"> {duration(Math.max(0, now - sinceMs))}</span>
    </span>
  );
};

const Examples = ({ onChoose }: { readonly onChoose: (sql: string) => void }): ReactNode => (
  <section className="card sql-examples" aria-labelledby="sql-examples">
    <h2 id="sql-examples">To begin with</h2>
    <ul>
      {EXAMPLES.map(({ title, sql }) => (
        <li key={title}>
          <button type="button" onClick={() => onChoose(sql)}>
            <span>{title}</span>
            <code>{sql}</code>
          </button>
        </li>
      ))}
    </ul>
  </section>
);

/** Whose history it is, in this browser. */
const userOf = ({ user }: PageProps['session']): string => user?.id ?? 'key';

/** Statements in SQL: written, run, looked at. */
const SqlPage = ({ session, project, status }: PageProps): ReactNode => {
  const zone = useTimeZone();
  const isNarrow = useMedia(NARROW);
  const editor = useRef<EditorHandle>(null);
  const { data: schema, error: schemaError } = useSqlSchema(project);
  const statement = useStatement(project);
  const { text, limit, values } = statement;
  const keys = useProperties(project, NO_TYPES).properties;
  const properties = useMemo(() => keys.map(({ key }) => key), [keys]);
  const past = useHistory(project, userOf(session));
  const rowsMax = schema?.limits.rows_max ?? 1_000;
  const timeoutMs = schema?.limits.timeout_ms_max ?? TIMEOUT_MS;
  const { state, run, cancel, clearFault } = useRun(project, timeoutMs);
  const [isHistory, setHistory] = useState(false);
  const [isNames, setNames] = useState(false);
  const parameters = parametersOf(text);
  const isRunning = state.runningSinceMs !== undefined;

  const questionOf = (sql: string, rows: number): SqlQuestion => ({
    sql,
    limit: Math.min(rows, rowsMax),
    parameters: Object.fromEntries(
      parametersOf(sql).map(({ name, type }) => [name, parameterValue(type, values[name] ?? '')]),
    ),
  });
  const runNow = async (): Promise<void> => {
    const handle = editor.current;
    if (handle === null || handle.text().trim() === '') return;
    const asked = askedOf(handle.text(), handle.selection());
    statement.keep();
    const answer = await run(asked, questionOf(asked.text, limit));
    past.add({ sql: asked.text, rows: answer?.row_count, ms: answer?.statistics.elapsed_ms });
  };
  const choose = (sql: string): void => {
    editor.current?.set(sql);
    setHistory(false);
  };
  const download = async (format: Exclude<SqlFormat, 'json'>): Promise<void> => {
    if (state.answered === undefined) return;
    const { question } = state.answered;
    toast('The statement runs again, for the file.');
    try {
      const signal = new AbortController().signal;
      const { file, isTruncated } = await runSqlToFile(
        project,
        { ...question, limit: rowsMax, format },
        { signal, timeoutMs },
      );
      saveFile(file, fileName(project, format));
      if (isTruncated) toast(`The file holds the first ${fullCount(rowsMax)} rows. There are more.`);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  };
  const share = async (): Promise<void> => {
    statement.keep();
    const done = await copyText(location.href);
    toast(
      done
        ? 'The address with the statement is copied.'
        : 'Copy the address of this page: it holds the statement.',
    );
  };
  // What comes in by the address, while the page is open, takes the place of what is in the editor.
  const take = useEffectEvent((sql: string) => editor.current?.set(sql));
  useEffect(() => {
    if (statement.arrived !== undefined) take(statement.arrived.sql);
  }, [statement.arrived]);

  const put = (name: string): void => {
    setNames(false);
    editor.current?.put(name);
  };
  const names =
    schema === undefined ? (
      schemaError === undefined ? (
        <Skeleton height="12rem" />
      ) : (
        <Notice kind="error" title="The names could not be read">
          {schemaError.message}
        </Notice>
      )
    ) : (
      <SchemaBrowser schema={schema} properties={properties} onPut={put} />
    );
  return (
    <Page
      title="SQL"
      className="sql-page"
      status={status}
      actions={
        <>
          {isNarrow ? (
            <Button icon="table" onClick={() => setNames(true)}>
              Tables
            </Button>
          ) : null}
          <Button icon="clock" onClick={() => setHistory(true)}>
            History
          </Button>
          <Button icon="share" disabled={text.trim() === ''} onClick={() => void share()}>
            Share
          </Button>
        </>
      }
    >
      <div className="sql-layout">
        <div className="sql-work">
          <section className="card sql-write" aria-label="Statement">
            <Editor
              ref={editor}
              initial={text}
              schema={schema}
              properties={properties}
              fault={state.fault}
              onChange={(next) => {
                statement.change(next);
                clearFault();
              }}
              onRun={() => void runNow()}
            />
            <ParameterFields
              parameters={parameters}
              values={values}
              onChange={statement.setValue}
              onRun={() => void runNow()}
            />
            {state.fault === undefined ? null : (
              <FaultBar
                fault={state.fault}
                text={text}
                onGo={(at) => editor.current?.focus(at)}
                onMend={(at, name) => editor.current?.put(name, at)}
              />
            )}
            <footer className="sql-bar">
              {isRunning ? (
                <Button icon="close" onClick={cancel}>
                  Cancel
                </Button>
              ) : (
                <Button
                  kind="primary"
                  icon="play"
                  disabled={text.trim() === ''}
                  onClick={() => void runNow()}
                >
                  Run <kbd>Ctrl ⏎</kbd>
                </Button>
              )}
              <Select
                label="Rows at most"
                options={LIMITS.filter((each) => each <= rowsMax || each === LIMITS[0]).map((each) => ({
                  value: String(each),
                  text: `${fullCount(each)} rows`,
                }))}
                value={String(limit)}
                onChange={(value) => statement.setLimit(Number(value))}
              />
              {state.runningSinceMs === undefined ? null : <Running sinceMs={state.runningSinceMs} />}
              {state.isCancelled ? <span className="quiet">Cancelled.</span> : null}
              <span className="sql-rules quiet">
                One SELECT, up to {duration(timeoutMs)}. Times are UTC.{' '}
                <span className="sql-key-help">
                  <kbd>Ctrl Space</kbd> completes.
                </span>
              </span>
            </footer>
          </section>
          {state.answered === undefined ? (
            <Examples onChoose={choose} />
          ) : (
            <Results
              answered={state.answered}
              isRunning={isRunning}
              actions={
                <Menu
                  label="Download"
                  align="end"
                  entries={[
                    { kind: 'label', text: `Up to ${fullCount(rowsMax)} rows` },
                    ...FILES.map(({ format, text: words }) => ({
                      kind: 'action' as const,
                      text: words,
                      onChoose: () => void download(format),
                    })),
                  ]}
                >
                  <Icon name="download" size={14} />
                  Download
                </Menu>
              }
            />
          )}
        </div>
        {isNarrow ? null : (
          <aside className="card sql-names" aria-label="Tables and functions">
            {names}
          </aside>
        )}
      </div>
      {isNarrow && isNames ? (
        <Panel title="Tables and functions" onClose={() => setNames(false)}>
          {names}
        </Panel>
      ) : null}
      {isHistory ? (
        <HistoryPanel
          runs={past.runs}
          zone={zone}
          onChoose={choose}
          onKeep={past.keep}
          onForget={past.forget}
          onClose={() => setHistory(false)}
        />
      ) : null}
    </Page>
  );
};

export default SqlPage;
