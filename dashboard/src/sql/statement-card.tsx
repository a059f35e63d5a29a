import { type ReactNode, useEffect, useEffectEvent } from 'react';
import { Editor } from './editor.tsx';
import { FaultBar } from './fault-bar.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { RunBar } from './run-bar.tsx';
import { parametersOf } from './statement.ts';
import type { Workbench } from './use-workbench.ts';

/** Where the statement is written, its parameters, what is wrong with it, and what runs it. */
export const StatementCard = ({ bench }: { readonly bench: Workbench }): ReactNode => {
  const { editor, statement, state, schema, properties, run } = bench;
  const { text, values, arrived } = statement;
  const take = useEffectEvent((sql: string) => editor.current?.set(sql));
  useEffect(() => {
    if (arrived !== undefined) take(arrived.sql);
  }, [arrived]);
  const changed = (next: string): void => {
    statement.change(next);
    bench.clearFault();
  };
  return (
    <section className="card sql-write" aria-label="Statement">
      <Editor
        ref={editor}
        initial={text}
        fault={state.fault}
        onChange={changed}
        onRun={run}
        {...{ schema, properties }}
      />
      <ParameterFields
        parameters={parametersOf(text)}
        values={values}
        onChange={statement.setValue}
        onRun={run}
      />
      {state.fault === undefined ? null : (
        <FaultBar
          fault={state.fault}
          text={text}
          onGo={(at) => editor.current?.focus(at)}
          onMend={(at, name) => editor.current?.put(name, at)}
        />
      )}
      <RunBar bench={bench} />
    </section>
  );
};
