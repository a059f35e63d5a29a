import './experiment-view.css';
import { type ReactNode, useMemo } from 'react';
import { type Unit, type Writer, writerOf, written } from '../chart/units.ts';
import { Banner, Notice } from '../design/index.ts';
import { fullCount, plural, shortCount } from '../lib/format.ts';
import type { Question } from './display.ts';
import { type Forest, type ForestRow, forestOf } from './experiment-shape.ts';
import type { Viewed } from './view-props.ts';
import { titleOf } from './words.ts';
import { NUMBERS } from '../lib/numbers.ts';

const VERDICT_WORDS = {
  control: 'Control',
  better: 'Better',
  worse: 'Worse',
  open: 'No difference shown',
} as const;

const unitOf = (question: Question): Unit => {
  if (question.kind !== 'experiment' || (question.measure ?? 'conversion') === 'conversion')
    return { kind: 'share' };
  return question.currency === undefined
    ? { kind: 'number' }
    : { kind: 'money', currency: question.currency };
};

/** The difference of two shares is told in points: `+0.4 %` could mean either. */
const apart = (unit: Unit): Writer => {
  if (unit.kind !== 'share') return writerOf(unit);
  const { full, short, axis } = writerOf({ kind: 'named', unit: 'pts' });
  return {
    full: (share) => full(share * 100),
    short: (share) => short(share * 100),
    axis: (share) => axis(share * 100),
  };
};

const signed = (write: (value: number) => string, value: number): string =>
  value > 0 ? `+${write(value)}` : value < 0 ? `−${write(-value)}` : write(0);

const chance = (p: number): string =>
  p < 0.001 ? `p < ${NUMBERS.fixed(0.001, 3)}` : `p = ${NUMBERS.fixed(p, 3)}`;

const place = (share: number): string => `${(share * 100).toFixed(2)}%`;

const Interval = ({
  row,
  forest,
  words,
}: {
  readonly row: ForestRow;
  readonly forest: Forest;
  readonly words: string;
}): ReactNode => (
  <div className="forest-plot" role="img" aria-label={words} title={words}>
    <span className="forest-zero" style={{ left: place(forest.zero) }} />
    {row.low === undefined || row.high === undefined ? null : (
      <span className="forest-line" style={{ left: place(row.low), width: place(row.high - row.low) }} />
    )}
    {row.middle === undefined ? null : <span className="forest-dot" style={{ left: place(row.middle) }} />}
  </div>
);

const Row = ({
  row,
  forest,
  unit,
}: {
  readonly row: ForestRow;
  readonly forest: Forest;
  readonly unit: Unit;
}): ReactNode => {
  const { variant, actors, converted, mean, interval, compared } = row.variant;
  const write = writerOf(unit);
  const between = apart(unit);
  const range = interval === null ? '' : `${write.full(interval.low)} to ${write.full(interval.high)}`;
  const words =
    compared === null
      ? 'What the others are compared with'
      : `${signed(between.full, compared.difference)}${compared.interval === null ? '' : `, between ${signed(between.full, compared.interval.low)} and ${signed(between.full, compared.interval.high)}`}`;
  return (
    <tr data-verdict={row.verdict}>
      <th scope="row">
        <span className="truncate" title={variant}>
          {variant}
        </span>
        <span className="forest-verdict">{VERDICT_WORDS[row.verdict]}</span>
      </th>
      <td className="number" title={`${fullCount(converted)} with the goal`}>
        {shortCount(actors)}
      </td>
      <td className="number" title={range}>
        <strong>{write.short(mean)}</strong>
        <span className="forest-note">{range}</span>
      </td>
      <td className="forest-cell">
        <Interval row={row} forest={forest} words={words} />
      </td>
      <td className="number">
        {compared === null ? (
          ''
        ) : (
          <>
            <strong>
              {compared.relative === null
                ? signed(between.short, compared.difference)
                : signed(writerOf({ kind: 'share' }).short, compared.relative)}
            </strong>
            <span className="forest-note">{written(chance, compared.p_value)}</span>
          </>
        )}
      </td>
    </tr>
  );
};

const Axis = ({ forest, unit }: { readonly forest: Forest; readonly unit: Unit }): ReactNode => (
  <div className="forest-axis" aria-hidden="true">
    {forest.ticks.map(({ at, value }) => (
      <span key={value} style={{ left: place(at) }}>
        {signed(apart(unit).axis, value)}
      </span>
    ))}
  </div>
);

/** An experiment: each variant with its mean, and how far it lies from the control, with the interval in which the truth is likely. */
export const ExperimentView = ({ question, answer, isCompact }: Viewed<'experiment'>): ReactNode => {
  const forest = useMemo(() => forestOf(answer), [answer]);
  const unit = unitOf(question);
  const { sample_ratio, mixed, variants } = answer;
  if (variants.length === 0)
    return <Notice title="Nobody saw a variant">There is no exposure with a variant in this time.</Notice>;
  return (
    <div className="forest">
      {sample_ratio === null || sample_ratio.ok ? null : (
        <Banner kind="warn">
          <strong>The variants were not shared out as meant</strong> ({chance(sample_ratio.p_value)}):
          exposures are lost, or given otherwise. No difference below can be trusted until this is mended.
        </Banner>
      )}
      <div className="forest-box" tabIndex={0} role="group" aria-label="Variants">
        <table>
          <caption className="unseen">{titleOf(question)}</caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" className="number">
                Actors
              </th>
              <th scope="col" className="number">
                {unit.kind === 'share' ? 'Conversion' : 'Mean'}
              </th>
              <th scope="col" className="forest-cell">
                Difference from the control
              </th>
              <th scope="col" className="number">
                Relative
              </th>
            </tr>
          </thead>
          <tbody>
            {forest.rows.map((row) => (
              <Row key={row.variant.variant} row={row} forest={forest} unit={unit} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={3} aria-hidden="true">
                {' '}
              </td>
              <td className="forest-cell">
                <Axis forest={forest} unit={unit} />
              </td>
              <td aria-hidden="true"> </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {isCompact || mixed === 0 ? null : (
        <p className="insight-note">
          {plural(mixed, 'actor')} saw more than one variant and {mixed === 1 ? 'is' : 'are'} left out.
        </p>
      )}
    </div>
  );
};
