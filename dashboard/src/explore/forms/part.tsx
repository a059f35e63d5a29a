import { createContext, type ReactNode, useContext, useId } from 'react';
import { Icon } from '../../design/index.ts';
import { belongsTo, type Problem } from '../problems.ts';

/** What is wrong with the question that the form shows. */
export const ProblemsContext = createContext<readonly Problem[]>([]);

interface PartProps {
  readonly title: string;
  /** Where in the question it stands: problems there are told here. */
  readonly at?: string | readonly string[];
  /** What to know of it. */
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

const listOf = (at: PartProps['at']): readonly string[] => {
  if (at === undefined) return [];
  return typeof at === 'string' ? [at] : at;
};

/** What is wrong with a part of the question, in words. */
export const Problems = ({ at }: { readonly at: string | readonly string[] }): ReactNode => {
  const problems = useContext(ProblemsContext);
  const mine = problems.filter((problem) => listOf(at).some((control) => belongsTo(problem, control)));
  return mine.map(({ path, message }) => (
    <p key={`${path} ${message}`} className="form-problem">
      <Icon name="info" size={12} />
      {message}
    </p>
  ));
};

/** A part of a form with its name, and what is wrong with it. */
export const Part = ({ title, at, note, aside, children }: PartProps): ReactNode => {
  const id = useId();
  return (
    <section className="form-part" aria-labelledby={id}>
      <div className="form-part-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
      {note === undefined ? null : <p className="form-note">{note}</p>}
      {at === undefined ? null : <Problems at={at} />}
    </section>
  );
};

interface RowProps {
  readonly title: string;
  readonly at?: string | readonly string[];
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** A setting of one line: its name, and its control at the right. */
export const Row = ({ title, at, note, children }: RowProps): ReactNode => (
  <div className="form-row">
    <div className="form-row-line">
      <span className="form-row-title">{title}</span>
      <span className="form-row-control">{children}</span>
    </div>
    {note === undefined ? null : <p className="form-note">{note}</p>}
    {at === undefined ? null : <Problems at={at} />}
  </div>
);

/** What is seldom wanted. It stands open if any of it was changed. */
export const More = ({
  isUsed,
  children,
}: {
  readonly isUsed: boolean;
  readonly children: ReactNode;
}): ReactNode => (
  <details className="form-more" open={isUsed}>
    <summary>More</summary>
    <div className="form-more-parts">{children}</div>
  </details>
);
