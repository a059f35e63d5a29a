import { type ReactNode, useMemo } from 'react';
import { useQuestion } from '../data/questions.ts';
import { CodeBlock, CopyButton, Notice, Skeleton } from '../design/index.ts';
import { Trouble } from '../insight/asked.tsx';
import type { Question } from './kinds.ts';
import { curlOf, jsonOf, sqlPieces } from './request-text.ts';

interface ViewProps {
  readonly project: string;
  /** Null: something is missing in it. */
  readonly question: Question | null;
}

const Unfinished = (): ReactNode => <Notice title="The question is not finished" />;

const Sql = ({ text }: { readonly text: string }): ReactNode => {
  const pieces = useMemo(() => sqlPieces(text), [text]);
  return (
    <figure className="code" data-wrap="" aria-label="SQL">
      <pre tabIndex={0} role="group" aria-label="SQL">
        <code>
          {pieces.map(({ kind, text: piece }, index) => (
            <span key={index} className={`sql-${kind}`}>
              {piece}
            </span>
          ))}
        </code>
      </pre>
      <CopyButton text={text} what="SQL" />
    </figure>
  );
};

/** The SQL that answers a question, and why it reads what it reads. */
export const SqlView = ({ project, question }: ViewProps): ReactNode => {
  const explained = useMemo<Question | null>(
    () => (question === null ? null : { ...question, explain: true }),
    [question],
  );
  const { data, error, again } = useQuestion<Question>(project, explained);
  if (question === null) return <Unfinished />;
  if (error !== undefined && data === undefined) return <Trouble error={error} again={again} />;
  if (data === undefined) return <Skeleton height="12rem" />;
  const { explain } = data;
  if (explain === undefined) return <Notice title="This question is not answered by SQL" />;
  const statements = explain.statements ?? [{ of: '', ...explain }];
  return (
    <div className="request-view">
      {statements.map(({ of, source_reason: reason, sql, parameters }, index) => (
        <section key={index} aria-label={of === '' ? 'Statement' : of}>
          <p className="quiet">
            {of === '' || statements.length === 1 ? '' : `${of}: `}
            {reason}
          </p>
          <Sql text={sql} />
          {Object.keys(parameters).length === 0 ? null : (
            <CodeBlock label="the parameters" text={JSON.stringify(parameters, null, 2)} isJson wraps />
          )}
        </section>
      ))}
    </div>
  );
};

/** The question as programs ask it. */
export const JsonView = ({ project, question }: ViewProps): ReactNode =>
  question === null ? (
    <Unfinished />
  ) : (
    <div className="request-view">
      <CodeBlock label="the question as JSON" text={jsonOf(question)} isJson wraps />
      <p className="quiet">The same from a shell, with a read key in AEVUM_KEY:</p>
      <CodeBlock label="the question as a command" text={curlOf(location.origin, project, question)} wraps />
    </div>
  );
