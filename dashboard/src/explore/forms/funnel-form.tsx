import type { ReactNode } from 'react';
import type { FUNNEL_LIMITS, FunnelOrder } from '../../../../src/contract/funnel.ts';
import { Button, IconButton } from '../../design/index.ts';
import { type QuestionOf, UNCHOSEN } from '../kinds.ts';
import { isUnchosen } from '../problems.ts';
import {
  ActorRow,
  ByPart,
  Choice,
  DurationField,
  FilterPart,
  type FormProps,
  NumberSelect,
  typesOf,
} from './controls.tsx';
import { More, Part, Problems, Row } from './part.tsx';
import { Selecting } from './selecting.tsx';

type Funnel = QuestionOf<'funnel'>;
type Step = Funnel['steps'][number];
type Exclusion = NonNullable<Funnel['exclusions']>[number];

const ORDERS: Readonly<Record<FunnelOrder, string>> = {
  ordered: 'One after the other',
  strict: 'With nothing between',
  any: 'In any order',
};

const nameOf = (step: Step): string | undefined => (typeof step === 'string' ? undefined : step.name);

/** A step with other events, and the name that it has. */
const stepOf = (selector: Step, name: string | undefined): Step => {
  if (name === undefined) return selector;
  return typeof selector === 'string' ? { name, types: [selector] } : { ...selector, name };
};

const withName = (step: Step, name: string): Step => {
  const { types, filter } = typeof step === 'string' ? { types: [step], filter: undefined } : step;
  return name === '' && filter === undefined && types?.length === 1 && types[0] !== undefined
    ? types[0]
    : { ...(name === '' ? {} : { name }), types, filter };
};

interface StepProps {
  readonly project: string;
  readonly step: Step;
  readonly index: number;
  readonly count: number;
  readonly onChange: (step: Step) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

const StepCard = ({ project, step, index, count, onChange, onMove, onRemove }: StepProps): ReactNode => {
  const number = index + 1;
  return (
    <li className="form-item" aria-label={`Step ${number}`}>
      <div className="form-item-head">
        <span className="form-letter" aria-hidden="true">
          {number}
        </span>
        <input
          className="input form-name"
          aria-label={`Name of step ${number}`}
          placeholder={`Step ${number}`}
          disabled={isUnchosen(step)}
          value={nameOf(step) ?? ''}
          onChange={({ target }) => onChange(withName(step, target.value))}
        />
        <IconButton
          icon="up"
          size="small"
          label={`Step ${number} earlier`}
          disabled={index === 0}
          onClick={() => onMove(-1)}
        />
        <IconButton
          icon="down"
          size="small"
          label={`Step ${number} later`}
          disabled={number === count}
          onClick={() => onMove(1)}
        />
        <IconButton
          icon="close"
          size="small"
          label={`Remove step ${number}`}
          disabled={count <= FUNNEL_LIMITS_MIN}
          onClick={onRemove}
        />
      </div>
      <Selecting
        project={project}
        label={`Event of step ${number}`}
        value={typeof step === 'string' ? step : { types: step.types, filter: step.filter }}
        onChange={(selector) => onChange(stepOf(selector, nameOf(step)))}
      />
      <Problems at={`steps.${index}`} />
    </li>
  );
};

const FUNNEL_LIMITS_MIN = 2;
const STEPS_MAX: (typeof FUNNEL_LIMITS)['stepsMax'] = 20;
const EXCLUSIONS_MAX: (typeof FUNNEL_LIMITS)['exclusionsMax'] = 4;

interface ExclusionsProps {
  readonly project: string;
  readonly steps: number;
  readonly exclusions: readonly Exclusion[];
  readonly onChange: (exclusions: Exclusion[] | undefined) => void;
}

const Exclusions = ({ project, steps, exclusions, onChange }: ExclusionsProps): ReactNode => {
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  const put = (index: number, patch: Partial<Exclusion>): void =>
    onChange(exclusions.map((each, at) => (at === index ? { ...each, ...patch } : each)));
  const remove = (index: number): void => {
    const rest = exclusions.filter((_, at) => at !== index);
    onChange(rest.length === 0 ? undefined : rest);
  };
  return (
    <Part title="Left out is who does" at="exclusions">
      {exclusions.map((exclusion, index) => (
        <div className="form-item" key={index} role="group" aria-label={`Exclusion ${index + 1}`}>
          <div className="form-item-head">
            <span className="form-row-title">between step</span>
            <NumberSelect
              label="After step"
              values={numbers}
              value={exclusion.after ?? 1}
              onChange={(after) => put(index, { after })}
            />
            <span className="form-row-title">and</span>
            <NumberSelect
              label="Before step"
              values={numbers}
              value={exclusion.before ?? steps}
              onChange={(before) => put(index, { before })}
            />
            <IconButton
              icon="close"
              size="small"
              label={`Remove exclusion ${index + 1}`}
              onClick={() => remove(index)}
            />
          </div>
          <Selecting
            project={project}
            label={`Event of exclusion ${index + 1}`}
            allowsAny={false}
            value={exclusion.events}
            onChange={(events) => put(index, { events })}
          />
        </div>
      ))}
      <div className="form-adds">
        <Button
          kind="plain"
          size="small"
          icon="plus"
          disabled={exclusions.length >= EXCLUSIONS_MAX}
          onClick={() => onChange([...exclusions, { events: UNCHOSEN }])}
        >
          Exclusion
        </Button>
      </div>
    </Part>
  );
};

const moved = (steps: readonly Step[], index: number, by: 1 | -1): Step[] => {
  const next = [...steps];
  const [step] = next.splice(index, 1);
  if (step !== undefined) next.splice(index + by, 0, step);
  return next;
};

/** What a funnel is put together of. */
export const FunnelForm = ({ project, question, change }: FormProps<'funnel'>): ReactNode => {
  const { steps, order, window, actor, exclusions = [], by, top, filter } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="Steps" at={steps.length < FUNNEL_LIMITS_MIN ? 'steps' : []}>
        <ol className="form-items">
          {steps.map((step, index) => (
            <StepCard
              key={index}
              project={project}
              step={step}
              index={index}
              count={steps.length}
              onChange={(next) => change({ steps: steps.map((each, at) => (at === index ? next : each)) })}
              onMove={(direction) => change({ steps: moved(steps, index, direction) })}
              onRemove={() => change({ steps: steps.filter((_, at) => at !== index) })}
            />
          ))}
        </ol>
        <div className="form-adds">
          <Button
            kind="plain"
            size="small"
            icon="plus"
            disabled={steps.length >= STEPS_MAX}
            onClick={() => change({ steps: [...steps, UNCHOSEN] })}
          >
            Step
          </Button>
        </div>
      </Part>
      <Row title="Steps are done" at="order">
        <Choice
          label="Steps are done"
          options={ORDERS}
          value={order ?? 'ordered'}
          onChange={(next) => change({ order: next === 'ordered' ? undefined : next })}
        />
      </Row>
      <Row title="Within" at="window">
        <DurationField label="Within" value={window ?? '7d'} onChange={(next) => change({ window: next })} />
      </Row>
      <ByPart
        project={project}
        types={types}
        by={by}
        top={top}
        onChange={change}
        note="As it is in the event that is the first step."
      />
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <More isUsed={exclusions.length > 0 || actor === 'session'}>
        <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
        <Exclusions
          project={project}
          steps={steps.length}
          exclusions={exclusions}
          onChange={(next) => change({ exclusions: next })}
        />
      </More>
    </>
  );
};
