import { type ReactNode, useMemo, useState } from 'react';
import type { RetentionAnswer } from '../../../src/contract/retention.ts';
import { LinesLegend } from '../chart/legend.tsx';
import type { Line } from '../chart/lines.ts';
import { SeriesChart } from '../chart/series-chart.tsx';
import { Notice, Select } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { HeatMap } from './heat-map.tsx';
import { cohortRows, groupRows } from './retention-shape.ts';
import { useHidden } from './use-hidden.ts';
import type { Viewed } from './view-props.ts';
import { groupWords, titleOf } from './words.ts';

const ALL = 'all';

const meanLines = ({ series }: RetentionAnswer): Line[] =>
  series.map(({ group, other, average, size }, index) => ({
    key: String(index),
    name:
      group === null && !other ? 'Mean of all cohorts' : `${groupWords(group, other)} (${fullCount(size)})`,
    slot: other ? 0 : index + 1,
    unit: { kind: 'share' },
    total: null,
    values: average.rates,
  }));

const Curves = ({ question, answer, display }: Viewed<'retention'>): ReactNode => {
  const [hidden, toggle] = useHidden();
  const lines = useMemo(() => meanLines(answer), [answer]);
  const periods = useMemo(
    () => Array.from({ length: answer.periods + 1 }, (_, index) => index),
    [answer.periods],
  );
  return (
    <div className="insight-panel">
      {display.legend && lines.length > 1 ? (
        <LinesLegend lines={lines} hidden={hidden} onToggle={toggle} />
      ) : null}
      <SeriesChart
        label={titleOf(question)}
        starts={periods}
        endSeconds={answer.periods + 1}
        lines={lines}
        mode="line"
        goal={display.goal}
        scale={display.scale}
        zone="UTC"
        hidden={hidden}
        incomplete={{ first: false, last: false }}
        stepWord={answer.period}
      />
    </div>
  );
};

const Triangle = ({ question, answer, onDrill, zone }: Viewed<'retention'>): ReactNode => {
  const isGrouped = answer.series.length > 1;
  const [chosen, setChosen] = useState(ALL);
  const series = isGrouped ? answer.series[Number(chosen)] : answer.series[0];
  const rows = useMemo(
    () => (series === undefined ? groupRows(answer) : cohortRows(answer, series, zone)),
    [answer, series, zone],
  );
  return (
    <>
      {isGrouped ? (
        <div className="insight-choice">
          <Select
            label="Group"
            size="small"
            value={chosen}
            onChange={setChosen}
            options={[
              { value: ALL, text: 'All groups, the mean of each' },
              ...answer.series.map(({ group, other }, index) => ({
                value: String(index),
                text: groupWords(group, other),
              })),
            ]}
          />
        </div>
      ) : null}
      <HeatMap
        label={titleOf(question)}
        head={series === undefined ? 'Group' : 'Cohort'}
        unit={answer.period}
        rows={rows}
        onPress={
          onDrill === undefined
            ? undefined
            : (row, cell) => {
                if (row.start !== null)
                  onDrill({
                    kind: 'cohort',
                    start: row.start,
                    period: cell.period,
                    group: series?.group ?? null,
                  });
                else if (series === undefined) setChosen(row.key);
              }
        }
      />
    </>
  );
};

/** Who came back: a triangle of cohorts, or the curve of their means. */
export const RetentionView = (viewed: Viewed<'retention'>): ReactNode => {
  const { answer, display } = viewed;
  if (answer.series.every(({ size }) => size === 0))
    return <Notice title="No cohorts here">Nobody did the first event in this time.</Notice>;
  return display.as === 'line' ? <Curves {...viewed} /> : <Triangle {...viewed} />;
};
