import type { ReactNode } from 'react';
import { FunnelForm } from './forms/funnel-form.tsx';
import {
  AttributionForm,
  ExperimentForm,
  MetricForm,
  RevenueForm,
  StatisticsForm,
} from './forms/number-forms.tsx';
import { Problems, ProblemsContext } from './forms/part.tsx';
import { ActivityForm, PathsForm, RetentionForm, SessionsForm } from './forms/people-forms.tsx';
import { TrendForm } from './forms/trend-form.tsx';
import type { Question } from './kinds.ts';
import type { Problem } from './problems.ts';

interface QuestionFormProps {
  readonly project: string;
  readonly question: Question;
  readonly problems: readonly Problem[];
  readonly change: (patch: Partial<Question>) => void;
}

const Form = ({ project, question, change }: Omit<QuestionFormProps, 'problems'>): ReactNode => {
  switch (question.kind) {
    case 'trend':
      return <TrendForm project={project} question={question} change={change} />;
    case 'funnel':
      return <FunnelForm project={project} question={question} change={change} />;
    case 'retention':
      return <RetentionForm project={project} question={question} change={change} />;
    case 'paths':
      return <PathsForm project={project} question={question} change={change} />;
    case 'sessions':
      return <SessionsForm project={project} question={question} change={change} />;
    case 'lifecycle':
    case 'stickiness':
      return <ActivityForm project={project} question={question} change={change} />;
    case 'revenue':
      return <RevenueForm project={project} question={question} change={change} />;
    case 'attribution':
      return <AttributionForm project={project} question={question} change={change} />;
    case 'statistics':
      return <StatisticsForm project={project} question={question} change={change} />;
    case 'experiment':
      return <ExperimentForm project={project} question={question} change={change} />;
    case 'metric':
      return <MetricForm project={project} question={question} change={change} />;
  }
};

/** What a question is put together of, with what is wrong where it is wrong. */
export const QuestionForm = ({ problems, ...rest }: QuestionFormProps): ReactNode => (
  <ProblemsContext value={problems}>
    <form className="card question-form" aria-label="Question" onSubmit={(event) => event.preventDefault()}>
      <Form key={rest.question.kind} {...rest} />
      <Problems at="" />
    </form>
  </ProblemsContext>
);
