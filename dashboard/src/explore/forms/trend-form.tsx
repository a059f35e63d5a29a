import type { ReactNode } from 'react';
import { FilterEditor } from '../../ask/filter-editor.tsx';
import { MeasurePicker } from '../../ask/measure-picker.tsx';
import { TypesPicker } from '../../ask/selector-editor.tsx';
import { Button, Checkbox, IconButton } from '../../design/index.ts';
import type { QuestionOf } from '../kinds.ts';
import {
  ByPart,
  Choice,
  DurationField,
  FilterPart,
  type FormProps,
  NumberField,
  typesOf,
} from './controls.tsx';
import { More, Part, Problems, Row } from './part.tsx';

type Trend = QuestionOf<'trend'>;
type Series = NonNullable<Trend['series']>[number];
type Formula = NonNullable<Trend['formula']>[number];

const SERIES_MAX = 10;

/** By which formulas name series. */
const letterOf = (index: number): string => String.fromCodePoint(65 + index);

/** The series of a question, be it of one or of several. */
const seriesOf = ({ series, measure, types, filter }: Trend): readonly Series[] =>
  series ?? [{ measure, types, filter }];

/** Several series as such; a single one without a name is the question itself. */
const withSeries = (question: Trend, list: readonly Series[]): Partial<Trend> => {
  const [only] = list;
  const isPlain = list.length === 1 && question.formula === undefined && only?.name === undefined;
  if (isPlain && only !== undefined)
    return { series: undefined, measure: only.measure, types: only.types, filter: only.filter };
  return {
    series: [...list],
    measure: undefined,
    ...(question.series === undefined ? { types: undefined, filter: undefined } : {}),
  };
};

interface SeriesProps {
  readonly project: string;
  readonly series: Series;
  readonly index: number;
  readonly isOne: boolean;
  readonly hasFormula: boolean;
  readonly onChange: (series: Series) => void;
  readonly onRemove: () => void;
}

const SeriesCard = (props: SeriesProps): ReactNode => {
  const { project, series, index, isOne, hasFormula, onChange, onRemove } = props;
  const letter = letterOf(index);
  const types = series.types ?? [];
  const put = (patch: Partial<Series>): void => onChange({ ...series, ...patch });
  return (
    <div
      className="form-item"
      data-alone={isOne ? '' : undefined}
      role="group"
      aria-label={`Series ${letter}`}
    >
      {isOne ? null : (
        <div className="form-item-head">
          <span className="form-letter" aria-hidden="true">
            {letter}
          </span>
          <input
            className="input form-name"
            aria-label={`Name of series ${letter}`}
            placeholder={`Series ${letter}`}
            value={series.name ?? ''}
            onChange={({ target }) => put({ name: target.value === '' ? undefined : target.value })}
          />
          <IconButton icon="close" size="small" label={`Remove series ${letter}`} onClick={onRemove} />
        </div>
      )}
      <TypesPicker
        project={project}
        label="Event"
        types={types}
        onChange={(next) => put({ types: next.length === 0 ? undefined : [...next] })}
      />
      <MeasurePicker
        project={project}
        types={types}
        value={series.measure ?? 'count'}
        onChange={(measure) => put({ measure })}
      />
      <FilterEditor
        project={project}
        types={types}
        value={series.filter}
        onChange={(filter) => put({ filter })}
      />
      {hasFormula ? (
        <Checkbox
          label="Only for the formula"
          isOn={series.hidden === true}
          onChange={(isOn) => put({ hidden: isOn ? true : undefined })}
        />
      ) : null}
    </div>
  );
};

interface FormulasProps {
  readonly formulas: readonly Formula[];
  readonly onChange: (formulas: readonly Formula[]) => void;
}

const Formulas = ({ formulas, onChange }: FormulasProps): ReactNode =>
  formulas.map((each, index) => {
    const { name, formula } = typeof each === 'string' ? { name: undefined, formula: each } : each;
    const put = (patch: { name?: string | undefined; formula?: string }): void => {
      const next = { name, formula, ...patch };
      onChange(
        formulas.map((old, at) => (at === index ? (next.name === undefined ? next.formula : next) : old)),
      );
    };
    return (
      <div className="form-item" key={index} role="group" aria-label={`Formula ${index + 1}`}>
        <div className="form-item-head">
          <input
            className="input form-formula"
            aria-label={`Formula ${index + 1}`}
            placeholder="100 * A / B"
            spellCheck={false}
            value={formula}
            onChange={({ target }) => put({ formula: target.value })}
          />
          <input
            className="input form-name"
            aria-label={`Name of formula ${index + 1}`}
            placeholder="Name"
            value={name ?? ''}
            onChange={({ target }) => put({ name: target.value === '' ? undefined : target.value })}
          />
          <IconButton
            icon="close"
            size="small"
            label={`Remove formula ${index + 1}`}
            onClick={() => onChange(formulas.filter((_, at) => at !== index))}
          />
        </div>
        <Problems at={`formula.${index}`} />
      </div>
    );
  });

const SOURCES = {
  auto: 'Whatever is fastest',
  events: 'Events',
  rollup_10s: 'Roll-up of 10 seconds',
  rollup_15m: 'Roll-up of 15 minutes',
} as const;

const MoreOfTrend = ({ question, change }: Omit<FormProps<'trend'>, 'project'>): ReactNode => {
  const { window, cumulative, per, smooth, source } = question;
  return (
    <More isUsed={window !== undefined || cumulative === true || per !== undefined || smooth !== undefined}>
      <Row title="Running total" at="cumulative">
        <Checkbox
          label="From the start of the range"
          isOn={cumulative === true}
          onChange={(isOn) => change({ cumulative: isOn ? true : undefined })}
        />
      </Row>
      <Row title="Sliding window" at="window" note="Each point looks back over so much time.">
        <Checkbox
          label="Look back"
          isOn={window !== undefined}
          onChange={(isOn) => change({ window: isOn ? '7d' : undefined })}
        />
        {window === undefined ? null : (
          <DurationField
            label="Length of the window"
            value={window}
            onChange={(next) => change({ window: next })}
          />
        )}
      </Row>
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
      <Row title="Per active user" at="per">
        <Checkbox
          label="Divide by who was there"
          isOn={per === 'active_user'}
          onChange={(isOn) => change({ per: isOn ? 'active_user' : undefined })}
        />
      </Row>
      <Row title="Counted from" at="source">
        <Choice
          label="Counted from"
          options={SOURCES}
          value={source ?? 'auto'}
          onChange={(next) => change({ source: next === 'auto' ? undefined : next })}
        />
      </Row>
    </More>
  );
};

/** What a trend is put together of. */
export const TrendForm = ({ project, question, change }: FormProps<'trend'>): ReactNode => {
  const list = seriesOf(question);
  const formulas = question.formula ?? [];
  const types = typesOf(question);
  const put = (next: readonly Series[]): void => change(withSeries(question, next));
  const putFormulas = (next: readonly Formula[]): void =>
    change({
      formula: next.length === 0 ? undefined : [...next],
      ...(question.series === undefined ? { ...withSeries({ ...question, formula: [...next] }, list) } : {}),
    });
  return (
    <>
      <Part
        title={list.length === 1 ? 'Events' : 'Series'}
        at={['series', 'measure', 'types', ...(question.series === undefined ? ['filter'] : [])]}
      >
        {list.map((series, index) => (
          <SeriesCard
            key={index}
            project={project}
            series={series}
            index={index}
            isOne={list.length === 1 && question.series === undefined}
            hasFormula={formulas.length > 0}
            onChange={(next) => put(list.map((each, at) => (at === index ? next : each)))}
            onRemove={() => put(list.filter((_, at) => at !== index))}
          />
        ))}
        <Formulas formulas={formulas} onChange={putFormulas} />
        <div className="form-adds">
          <Button
            kind="plain"
            size="small"
            icon="plus"
            disabled={list.length >= SERIES_MAX}
            onClick={() => put([...list, { measure: 'count' }])}
          >
            Series
          </Button>
          <Button
            kind="plain"
            size="small"
            icon="plus"
            disabled={formulas.length >= SERIES_MAX}
            onClick={() => putFormulas([...formulas, list.length > 1 ? '100 * A / B' : 'A / 2'])}
          >
            Formula
          </Button>
        </div>
      </Part>
      {question.series === undefined ? null : (
        <FilterPart
          project={project}
          types={types}
          title="Filter of all series"
          value={question.filter}
          onChange={(filter) => change({ filter })}
        />
      )}
      <ByPart project={project} types={types} by={question.by} top={question.top} onChange={change} />
      <MoreOfTrend question={question} change={change} />
    </>
  );
};
