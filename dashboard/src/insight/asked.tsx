import './insight.css';
import { type ReactNode, useMemo } from 'react';
import type { ApiError } from '../data/api.ts';
import { useQuestion } from '../data/questions.ts';
import { Button, Fresh, Notice, Skeleton } from '../design/index.ts';
import { fullCount, plural } from '../lib/format.ts';
import { askedFor, type Answer, type Question } from './display.ts';
import { InsightView, type InsightViewProps } from './insight-view.tsx';
import { NUMBERS } from '../lib/numbers.ts';

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  events: 'counted from events',
  rollup_10s: 'counted from 10 s roll-ups',
  rollup_15m: 'counted from 15 min roll-ups',
  rollup_metric: 'counted from the kept metric',
  metric_windows: 'counted from kept windows',
};

const costWords = ({ elapsed_ms, rows_read, cached }: Answer['statistics']): string => {
  if (cached === true) return 'as asked before';
  const rows = rows_read === null ? '' : `, ${plural(rows_read, 'row')} read`;
  return `${NUMBERS.fixed(elapsed_ms, elapsed_ms < 10 ? 1 : 0)} ms${rows}`;
};

/** Up to where something counts, and what is not in it yet. */
export const AsOf = ({ as_of, freshness }: Pick<Answer, 'as_of' | 'freshness'>): ReactNode => (
  <>
    {as_of === null ? null : (
      <span title="Every event up to this position of the log is in the answer">
        as of {fullCount(Number(as_of))}
      </span>
    )}
    {freshness.pending_events === 0 ? null : (
      <span title="Received, and perhaps not in the answer yet">
        {plural(freshness.pending_events, 'event')} under way
      </span>
    )}
  </>
);

interface FootProps {
  readonly answer: Answer;
  readonly atMs: number | undefined;
  readonly everyMs?: number | undefined;
  readonly onSql?: ((answer: Answer) => void) | undefined;
}

/** A quiet line below an answer: how old it is, up to where it counts, from what, and what that cost. */
export const AnswerFoot = ({ answer, atMs, everyMs, onSql }: FootProps): ReactNode => {
  const { as_of, freshness, source, statistics, explain } = answer;
  return (
    <div className="insight-foot">
      {atMs === undefined ? null : <Fresh atMs={atMs} staleMs={Math.max(60_000, 3 * (everyMs ?? 0))} />}
      <AsOf as_of={as_of} freshness={freshness} />
      <span>{SOURCE_WORDS[source] ?? source}</span>
      <span>{costWords(statistics)}</span>
      {explain === undefined || onSql === undefined ? null : (
        <button type="button" className="insight-sql" onClick={() => onSql(answer)}>
          SQL
        </button>
      )}
    </div>
  );
};

const TOO_LARGE: ReadonlySet<string> = new Set(['result_too_large', 'query_timeout', 'query_memory']);

/** What helps against an error, if it is the question that is too much. */
export const adviceOn = (error: ApiError | undefined): string | undefined =>
  error !== undefined && TOO_LARGE.has(error.code)
    ? 'Ask for a shorter range, a wider interval or fewer groups.'
    : undefined;

/** Why a question was not answered, and what helps. */
export const Trouble = ({
  error,
  again,
}: {
  readonly error: ApiError;
  readonly again: () => void;
}): ReactNode => {
  if (error.status === 403)
    return (
      <Notice icon="lock" title="Not for you">
        {error.message}
      </Notice>
    );
  const advice = adviceOn(error);
  return (
    <Notice
      kind="error"
      icon="warning"
      title={advice !== undefined ? 'Too much for one answer' : 'This could not be answered'}
      action={
        <Button size="small" onClick={again}>
          Try again
        </Button>
      }
    >
      {error.message} {advice}
    </Notice>
  );
};

/** A question that is asked and drawn. */
export interface AskedProps extends Omit<InsightViewProps, 'answer'> {
  readonly project: string;
  /** Asked again so often, in milliseconds. */
  readonly everyMs?: number | undefined;
  /** The line below is left out. */
  readonly isBare?: boolean;
  /** Told of each new answer. */
  readonly onSql?: ((answer: Answer) => void) | undefined;
}

const Loading = (): ReactNode => (
  <div className="insight-loading" role="status" aria-label="Being answered">
    <Skeleton width="40%" />
    <Skeleton height="auto" />
  </div>
);

/** Asks a question and draws what is answered, with what there is to say while there is no answer. */
export const Asked = (props: AskedProps): ReactNode => {
  const { project, everyMs, isBare = false, onSql, ...view } = props;
  const asked = useMemo(() => askedFor(props.question, props.display), [props.question, props.display]);
  const { data, error, isOld, atMs, again } = useQuestion<Question>(project, asked, { everyMs });
  if (data === undefined || data.kind !== asked.kind)
    return error === undefined ? (
      <div className="insight" data-compact={props.compact === true ? '' : undefined}>
        <Loading />
      </div>
    ) : (
      <Trouble error={error} again={again} />
    );
  return (
    <div className="asked" data-old={isOld ? '' : undefined} aria-busy={isOld}>
      <InsightView {...view} question={asked} answer={data} />
      {isBare ? null : <AnswerFoot answer={data} atMs={atMs} everyMs={everyMs} onSql={onSql} />}
    </div>
  );
};
