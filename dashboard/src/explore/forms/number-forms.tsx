import type { ReactNode } from 'react';
import type { ATTRIBUTION_MODELS } from '../../../../src/contract/attribution.ts';
import { Checkbox, Combobox, Notice } from '../../design/index.ts';
import { useMetrics } from '../../data/metrics.ts';
import { MODEL_WORDS } from '../../insight/models.ts';
import { fieldText } from '../../ask/fields.ts';
import {
  ActorRow,
  ByPart,
  Choice,
  DurationField,
  FilterPart,
  type FormProps,
  NumberField,
  NumberSelect,
  OptionalField,
  typesOf,
} from './controls.tsx';
import { More, Part, Row } from './part.tsx';
import { Selecting } from './selecting.tsx';
import { shareText } from '../../lib/format.ts';

/** What a question for revenue is put together of. */
export const RevenueForm = ({ project, question, change }: FormProps<'revenue'>): ReactNode => {
  const { events, filter, by, top } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="Money is the value of" at="events" note="Above zero it came in, below zero it went back.">
        <Selecting
          project={project}
          label="Events whose value is money"
          allowsAny={false}
          value={events}
          onChange={(next) => change({ events: next })}
        />
      </Part>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <ByPart project={project} types={types} by={by} top={top} onChange={change} />
    </>
  );
};

const MoreOfAttribution = ({ project, question, change }: FormProps<'attribution'>): ReactNode => {
  const { models = ['last'], touches, half_life: half, top, actor } = question;
  return (
    <More isUsed={touches !== undefined || half !== undefined || top !== undefined || actor === 'session'}>
      <Part title="Touches are" at="touches">
        <Selecting
          project={project}
          label="Touches"
          value={touches}
          onChange={(next) => change({ touches: next })}
        />
      </Part>
      {models.includes('time_decay') ? (
        <Row title="Credit halves every" at="half_life">
          <DurationField
            label="Credit halves every"
            value={half ?? '7d'}
            onChange={(next) => change({ half_life: next })}
          />
        </Row>
      ) : null}
      <Row title="Channels that are named" at="top">
        <NumberSelect
          label="Channels that are named"
          values={[5, 10, 20, 50]}
          value={top ?? 20}
          onChange={(next) => change({ top: next })}
        />
      </Row>
      <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
    </More>
  );
};

/** What a question for attribution is put together of. */
export const AttributionForm = ({ project, question, change }: FormProps<'attribution'>): ReactNode => {
  const { conversion, channel, filter, models = ['last'], lookback } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="Conversion" at="conversion">
        <Selecting
          project={project}
          label="Conversion"
          allowsAny={false}
          value={conversion}
          onChange={(next) => change({ conversion: next })}
        />
      </Part>
      <Part title="Channels are told apart by" at="channel">
        <OptionalField
          project={project}
          label="Channel"
          use="group"
          types={[]}
          value={channel}
          onChange={(next) => change({ channel: next ?? '' })}
          placeholder="utm_source, referrer"
        />
      </Part>
      <Part title="Credit is given to" at="models">
        {ATTRIBUTION_MODELS_SHOWN.map((model) => (
          <Checkbox
            key={model}
            label={MODEL_WORDS[model]}
            isOn={models.includes(model)}
            isDisabled={models.length === 1 && models.includes(model)}
            onChange={(isOn) =>
              change({ models: isOn ? [...models, model] : models.filter((each) => each !== model) })
            }
          />
        ))}
      </Part>
      <Row title="Touches up to" at="lookback" note="before the conversion">
        <DurationField
          label="Touches up to"
          value={lookback ?? '30d'}
          onChange={(next) => change({ lookback: next })}
        />
      </Row>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <MoreOfAttribution project={project} question={question} change={change} />
    </>
  );
};

const ATTRIBUTION_MODELS_SHOWN: readonly (typeof ATTRIBUTION_MODELS)[number][] = [
  'first',
  'last',
  'linear',
  'time_decay',
  'position',
  'markov',
];

const MoreOfStatistics = ({ question, change }: Omit<FormProps<'statistics'>, 'project'>): ReactNode => {
  const { bins, from, to } = question;
  return (
    <More isUsed={bins !== undefined || from !== undefined || to !== undefined}>
      <Row title="Bars of the histogram" at="bins">
        <NumberSelect
          label="Bars of the histogram"
          values={[5, 10, 20, 50, 100]}
          value={bins ?? 20}
          onChange={(next) => change({ bins: next })}
        />
      </Row>
      <Row title="From and to" at={['from', 'to']}>
        <NumberField
          label="Histogram from"
          placeholder="least"
          value={from}
          onChange={(next) => change({ from: next })}
        />
        <NumberField
          label="Histogram to"
          placeholder="largest"
          value={to}
          onChange={(next) => change({ to: next })}
        />
      </Row>
    </More>
  );
};

/** What a question for statistics is put together of. */
export const StatisticsForm = ({ project, question, change }: FormProps<'statistics'>): ReactNode => {
  const { of, with: other, events, filter, by, top } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="The number" at="of">
        <OptionalField
          project={project}
          label="Number"
          use="number"
          types={types}
          value={of}
          onChange={(next) => change({ of: next ?? '' })}
          placeholder="Value, or a property"
        />
      </Part>
      <Part title="Of events" at="events">
        <Selecting
          project={project}
          label="Events"
          value={events}
          onChange={(next) => change({ events: next })}
        />
      </Part>
      <Part
        title="Goes with"
        at="with"
        note={other === undefined ? undefined : `How ${fieldText(of)} and ${fieldText(other)} go together.`}
      >
        <OptionalField
          project={project}
          label="Another number"
          use="number"
          types={types}
          value={other}
          onChange={(next) => change({ with: next })}
          placeholder="Nothing"
        />
      </Part>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <ByPart project={project} types={types} by={by} top={top} onChange={change} />
      <MoreOfStatistics question={question} change={change} />
    </>
  );
};

const MEASURES = {
  conversion: 'Whether they do it',
  count: 'How often they do it',
  sum: 'The sum of a number',
} as const;

const AddedUp = ({ project, question, change }: FormProps<'experiment'>): ReactNode => {
  const { of, currency } = question;
  return (
    <Part title="Added up is">
      <OptionalField
        project={project}
        label="Number"
        use="number"
        types={[]}
        value={of}
        onChange={(next) => change({ of: next })}
      />
      {of === 'value' ? (
        <input
          className="input form-number"
          aria-label="Currency"
          placeholder="EUR"
          maxLength={3}
          value={currency ?? ''}
          onChange={({ target }) =>
            change({ currency: target.value === '' ? undefined : target.value.toUpperCase() })
          }
        />
      ) : null}
    </Part>
  );
};

const MoreOfExperiment = ({ question, change }: Omit<FormProps<'experiment'>, 'project'>): ReactNode => {
  const { control, confidence, actor } = question;
  return (
    <More isUsed={control !== undefined || confidence !== undefined || actor === 'session'}>
      <Row title="Compared with" at="control">
        <input
          className="input form-number"
          aria-label="Compared with"
          placeholder="first by name"
          value={control ?? ''}
          onChange={({ target }) => change({ control: target.value === '' ? undefined : target.value })}
        />
      </Row>
      <Row title="Confidence" at="confidence">
        <NumberSelect
          label="Confidence"
          values={[0.9, 0.95, 0.99]}
          value={confidence ?? 0.95}
          textOf={shareText}
          onChange={(next) => change({ confidence: next as 0.9 | 0.95 | 0.99 })}
        />
      </Row>
      <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
    </More>
  );
};

/** What a question for an experiment is put together of. */
export const ExperimentForm = ({ project, question, change }: FormProps<'experiment'>): ReactNode => {
  const { exposure, variant, goal, measure, of, window, filter } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="Somebody saw a variant by" at="exposure">
        <Selecting
          project={project}
          label="Exposure"
          allowsAny={false}
          value={exposure}
          onChange={(next) => change({ exposure: next })}
        />
      </Part>
      <Part title="The variant is its" at="variant">
        <OptionalField
          project={project}
          label="Variant"
          use="group"
          types={types}
          value={variant}
          onChange={(next) => change({ variant: next ?? '' })}
        />
      </Part>
      <Part title="Goal" at="goal">
        <Selecting
          project={project}
          label="Goal"
          allowsAny={false}
          value={goal}
          onChange={(next) => change({ goal: next })}
        />
      </Part>
      <Row title="Measured is" at={['measure', 'of', 'currency']}>
        <Choice
          label="Measured is"
          options={MEASURES}
          value={measure ?? 'conversion'}
          onChange={(next) =>
            change({
              measure: next,
              ...(next === 'sum' ? { of: of ?? 'value' } : { of: undefined, currency: undefined }),
            })
          }
        />
      </Row>
      {measure === 'sum' ? <AddedUp project={project} question={question} change={change} /> : null}
      <Row title="Within" at="window">
        <DurationField label="Within" value={window ?? '14d'} onChange={(next) => change({ window: next })} />
      </Row>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <MoreOfExperiment question={question} change={change} />
    </>
  );
};

/** What a question for a metric is put together of. */
export const MetricForm = ({ project, question, change }: FormProps<'metric'>): ReactNode => {
  const { metric, filter, by, top, smooth } = question;
  const { data, error } = useMetrics(project);
  const metrics = data?.metrics ?? [];
  const chosen = metrics.find(({ id, name }) => id === metric || name === metric);
  if (data !== undefined && metrics.length === 0)
    return (
      <Notice icon="gear" title="No metrics are defined">
        A metric is a number that is defined once and asked by name, by{' '}
        <code>POST /api/metric-definitions</code>.
      </Notice>
    );
  return (
    <>
      <Part title="Metric" at="metric" note={chosen?.description}>
        <Combobox
          label="Metric"
          options={metrics.map(({ name, title }) => ({ value: name, text: title }))}
          value={metric === '' ? undefined : (chosen?.name ?? metric)}
          onChange={(next) => change({ metric: next, by: undefined })}
          trouble={error?.message}
        />
      </Part>
      <ByPart
        project={project}
        types={[]}
        by={by}
        top={top}
        onChange={change}
        note={
          chosen === undefined
            ? ''
            : `By what the metric keeps apart: ${(chosen.dimensions ?? []).map(fieldText).join(', ') || 'nothing'}.`
        }
      />
      <FilterPart project={project} types={[]} value={filter} onChange={(next) => change({ filter: next })} />
      <More isUsed={smooth !== undefined}>
        <Row title="Moving average of" at="smooth">
          <NumberField
            label="Moving average of so many points"
            placeholder="points"
            value={smooth?.moving_average}
            onChange={(points) =>
              change({ smooth: points === undefined ? undefined : { moving_average: Math.round(points) } })
            }
          />
        </Row>
      </More>
    </>
  );
};
