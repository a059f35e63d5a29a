import { type RefObject, useMemo, useRef } from 'react';
import type { SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { useProperties } from '../data/catalog.ts';
import type { ApiError } from '../data/api.ts';
import { type SqlQuestion, useSqlSchema } from '../data/sql.ts';
import { copyText, toast } from '../design/index.ts';
import type { EditorHandle } from './editor.tsx';
import { askedOf, parametersOf, parameterValue } from './statement.ts';
import { type History, useHistory } from './use-history.ts';
import { type RunState, useRun } from './use-run.ts';
import { type Statement, useStatement } from './use-statement.ts';

const NO_TYPES: readonly string[] = [];

/** Until the server tells its limits. */
const CAUTIOUS = { rows_max: 1_000, timeout_ms_max: 30_000 } as const;

/** All that the page knows and does. */
export interface Workbench {
  readonly editor: RefObject<EditorHandle | null>;
  readonly statement: Statement;
  readonly history: History;
  readonly schema: SqlSchemaAnswer | undefined;
  readonly schemaError: ApiError | undefined;
  readonly readSchema: () => void;
  /** Keys of properties of the project. */
  readonly properties: readonly string[];
  readonly limits: SqlSchemaAnswer['limits'];
  readonly state: RunState;
  readonly run: () => void;
  readonly cancel: () => void;
  readonly clearFault: () => void;
  readonly share: () => void;
}

/** What is written, run and remembered by a user in a project. */
export const useWorkbench = (project: string, user: string): Workbench => {
  const editor = useRef<EditorHandle>(null);
  const { data: schema, error: schemaError, again: readSchema } = useSqlSchema(project);
  const { properties: found } = useProperties(project, NO_TYPES);
  const properties = useMemo(() => found.map(({ key }) => key), [found]);
  const statement = useStatement(project);
  const history = useHistory(project, user);
  const limits = schema?.limits ?? CAUTIOUS;
  const { state, run, cancel, clearFault } = useRun(project, limits.timeout_ms_max);
  const questionOf = (sql: string): SqlQuestion => ({
    sql,
    limit: Math.min(statement.limit, limits.rows_max),
    parameters: Object.fromEntries(
      parametersOf(sql).map(({ name, type }) => [name, parameterValue(type, statement.values[name] ?? '')]),
    ),
  });
  const runNow = async (): Promise<void> => {
    const handle = editor.current;
    if (handle === null || handle.text().trim() === '') return;
    const asked = askedOf(handle.text(), handle.selection());
    statement.keep();
    const answer = await run(asked, questionOf(asked.text));
    history.add({ sql: asked.text, rows: answer?.row_count, ms: answer?.statistics.elapsed_ms });
  };
  const share = async (): Promise<void> => {
    statement.keep();
    toast(
      (await copyText(location.href))
        ? 'The address with the statement is copied.'
        : 'Copy the address of this page: it holds the statement.',
    );
  };
  return {
    ...{ editor, statement, history, schema, schemaError, readSchema, properties, limits, state },
    ...{ cancel, clearFault },
    run: () => void runNow(),
    share: () => void share(),
  };
};
