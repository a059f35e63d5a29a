import './statistics-view.css';
import { type ReactNode, useMemo, useState } from 'react';
import type { StatisticsAnswer, StatisticsSeries } from '../../../src/contract/statistics.ts';
import { BarChart } from '../chart/bar-chart.tsx';
import { colourOf } from '../chart/colours.ts';
import { type Unit, writerOf, written } from '../chart/units.ts';
import { Notice, Select } from '../design/index.ts';
import { fullCount, plural, shareText } from '../lib/format.ts';
import { boxExtent, boxOf, correlationWords, spreadBars, spreadName } from './statistics-shape.ts';
import { moneyUnit } from './table-shape.ts';
import type { Viewed } from './view-props.ts';
import { fieldWords, levelHead, titleOf } from './words.ts';
import { NUMBERS } from '../lib/numbers.ts';

const unitOf = ({ currency }: StatisticsSeries, field: string): Unit =>
  field === 'value' ? moneyUnit(currency) : { kind: 'number' };

const Facts = ({ series, unit }: { readonly series: StatisticsSeries; readonly unit: Unit }): ReactNode => {
  const write = writerOf(unit).short;
  const facts = [
    ['Mean', series.mean],
    ...series.quantiles.map(({ level, value }) => [levelHead(level), value] as const),
    ['Least', series.min],
    ['Greatest', series.max],
    ['Deviation', series.deviation],
  ] as const;
  return (
    <dl className="spread-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="number">{written(write, value)}</dd>
        </div>
      ))}
    </dl>
  );
};

const Correlation = ({
  series,
  of,
  other,
}: {
  readonly series: StatisticsSeries;
  readonly of: string;
  readonly other: string;
}): ReactNode => {
  const { correlation } = series;
  if (correlation === undefined) return null;
  const { count, pearson, slope, intercept } = correlation;
  if (pearson === null)
    return (
      <p className="insight-note">
        Of {fieldWords(of)} and {fieldWords(other)} one does not vary: there is no correlation.
      </p>
    );
  const write = writerOf({ kind: 'number' }).short;
  return (
    <div className="spread-correlation">
      <p>
        <strong className="number">r = {NUMBERS.fixed(pearson, 2)}</strong>, {correlationWords(pearson)}, over{' '}
        {plural(count, 'event')} with both.
      </p>
      <div
        className="spread-scale"
        role="img"
        aria-label={`Correlation ${NUMBERS.fixed(pearson, 2)} of -1 to 1`}
      >
        <span className="spread-zero" />
        <span
          className="spread-r"
          style={
            pearson < 0
              ? { right: '50%', width: `${-pearson * 50}%` }
              : { left: '50%', width: `${pearson * 50}%` }
          }
        />
      </div>
      {slope === null || intercept === null ? null : (
        <p className="quiet">
          With each 1 of {fieldWords(of)}, {fieldWords(other)} goes with {slope < 0 ? '−' : '+'}
          {write(Math.abs(slope))}; at 0 it is {write(intercept)}.
        </p>
      )}
    </div>
  );
};

interface BoxesProps {
  readonly series: readonly StatisticsSeries[];
  readonly field: string;
}

/** Groups beside each other, all of one currency: there is no common axis of several. */
const Boxes = ({ series: all, field }: BoxesProps): ReactNode => {
  const [low, high] = boxExtent(all);
  return (
    <ul className="spread-boxes" aria-label={`Least, quarters and ${shareText(0.95)} of each group`}>
      {all.map((series, index) => {
        const box = boxOf(series, low, high);
        const write = writerOf(unitOf(series, field)).short;
        const median = series.quantiles.find(({ level }) => level === 0.5)?.value;
        return (
          <li key={index}>
            <span className="truncate" title={spreadName(series)}>
              {spreadName(series)}
            </span>
            <span className="spread-box">
              {box === undefined ? null : (
                <>
                  <span
                    className="spread-whisker"
                    style={{ left: `${box.low * 100}%`, width: `${(box.high - box.low) * 100}%` }}
                  />
                  <span
                    className="spread-quarters"
                    style={{
                      left: `${box.from * 100}%`,
                      width: `${Math.max(0.4, (box.to - box.from) * 100)}%`,
                      background: colourOf(series.other ? 0 : index + 1, 45),
                    }}
                  />
                  <span className="spread-median" style={{ left: `${box.middle * 100}%` }} />
                </>
              )}
            </span>
            <span className="number" title={`Median of ${fullCount(series.count)}`}>
              {written(write, median ?? series.mean)}
            </span>
          </li>
        );
      })}
    </ul>
  );
};

/** The series with the most numbers: what is shown first. */
const fullest = ({ series }: StatisticsAnswer): StatisticsSeries | undefined =>
  series.reduce<StatisticsSeries | undefined>(
    (most, each) => (most === undefined || each.count > most.count ? each : most),
    undefined,
  );

/** How numbers are spread: a histogram, their quarters, and how they go with those of another field. */
export const StatisticsView = ({ question, answer, isCompact }: Viewed<'statistics'>): ReactNode => {
  const [chosen, setChosen] = useState<string>();
  const series = chosen === undefined ? fullest(answer) : (answer.series[Number(chosen)] ?? fullest(answer));
  const asked = question.kind === 'statistics' ? question : undefined;
  const of = asked?.of ?? 'value';
  const unit: Unit = useMemo(
    () => (series === undefined ? { kind: 'number' } : unitOf(series, of)),
    [series, of],
  );
  const histogram = useMemo(
    () => (series === undefined ? undefined : spreadBars(answer.edges, series, unit)),
    [answer.edges, series, unit],
  );
  if (series === undefined || histogram === undefined || series.count === 0)
    return (
      <Notice title="No numbers here">
        {answer.missing === 0
          ? 'No such event happened in this time.'
          : `None of ${plural(answer.missing, 'event')} has a number in ${fieldWords(of)}.`}
      </Notice>
    );
  const alike = answer.series.filter(({ currency }) => currency === series.currency || of !== 'value');
  return (
    <div className="spread">
      {answer.series.length < 2 ? null : (
        <div className="insight-choice">
          <Select
            label="Group"
            size="small"
            value={String(answer.series.indexOf(series))}
            onChange={setChosen}
            options={answer.series.map((each, index) => ({
              value: String(index),
              text: spreadName(each),
              note: plural(each.count, 'number'),
            }))}
          />
        </div>
      )}
      <BarChart
        label={titleOf(question)}
        bars={histogram.bars}
        lastEdge={histogram.lastEdge}
        unit={{ kind: 'count' }}
        {...(isCompact ? {} : { below: fieldWords(of) })}
      />
      {histogram.bars.length === 1 && answer.series.length > 1 && !isCompact ? (
        <p className="insight-note">
          All lie in one bin, because bins are the same for all groups and others reach further. Narrow the
          histogram by where it begins and ends.
        </p>
      ) : null}
      {isCompact ? null : (
        <>
          <Facts series={series} unit={unit} />
          {asked?.with === undefined ? null : <Correlation series={series} of={of} other={asked.with} />}
          {alike.length < 2 ? null : <Boxes series={alike} field={of} />}
          {answer.missing === 0 ? null : (
            <p className="insight-note">{plural(answer.missing, 'event')} without a number are left out.</p>
          )}
        </>
      )}
    </div>
  );
};
