import { type ReactNode, useMemo } from 'react';
import { LinesLegend } from '../chart/legend.tsx';
import type { LineMode } from '../chart/lines.ts';
import { SeriesChart } from '../chart/series-chart.tsx';
import { writerOf, written } from '../chart/units.ts';
import { Notice } from '../design/index.ts';
import { HorizontalBars } from './horizontal-bars.tsx';
import { type AnswerLine, byUnit, type Timed, timedOf, type TimedAnswer } from './timed.ts';
import { useHidden } from './use-hidden.ts';
import type { Viewed } from './view-props.ts';
import { titleOf } from './words.ts';
import { fullCount } from '../lib/format.ts';

/** So many lines are drawn; a table has all. */
const LINES_MAX = 25;
const DESCRIBED = 3;

const MODES: Readonly<Record<string, LineMode>> = { line: 'line', area: 'area', bar: 'bar' };

const describe = (lines: readonly AnswerLine[]): string =>
  lines
    .slice(0, DESCRIBED)
    .map(({ name, total, values, unit }) => {
      const write = writerOf(unit).full;
      return `${name} ${written(write, total ?? values.findLast((value) => value !== null))}`;
    })
    .join(', ');

/** What a chart says to who does not see it. */
const Summary = ({ lines }: { readonly lines: readonly AnswerLine[] }): ReactNode => (
  <ul className="unseen">
    {lines.map(({ key, name, unit, total, values }) => {
      const known = values.filter((value) => value !== null);
      const write = writerOf(unit).full;
      return (
        <li key={key}>
          {name}: {total === null ? '' : `total ${write(total)}, `}
          {known.length === 0
            ? 'no numbers'
            : `least ${write(Math.min(...known))}, greatest ${write(Math.max(...known))}, last ${write(known.at(-1) ?? 0)}`}
        </li>
      );
    })}
  </ul>
);

interface PanelProps {
  /** There are others: what it shows must be named. */
  readonly isOneOfMany: boolean;
  readonly viewed: Viewed<TimedAnswer['kind']>;
  readonly timed: Timed;
  readonly lines: readonly AnswerLine[];
}

const Panel = ({ viewed, timed, lines, isOneOfMany }: PanelProps): ReactNode => {
  const { question, answer, display, onRange, onDrill, zone, marks } = viewed;
  const [hidden, toggle] = useHidden();
  const { starts, endSeconds, beforeStarts, incomplete } = timed;
  const press = (index: number): void => {
    const from = starts[index];
    if (from === undefined) return;
    const to = starts[index + 1] ?? Date.parse(answer.range.to) / 1000;
    onDrill?.({
      kind: 'bucket',
      from: new Date(from * 1000).toISOString(),
      to: new Date(to * 1000).toISOString(),
    });
  };
  return (
    <>
      {isOneOfMany || (display.legend && (lines.length > 1 || lines[0]?.before !== undefined)) ? (
        <LinesLegend lines={lines} hidden={hidden} onToggle={toggle} />
      ) : null}
      <SeriesChart
        label={`${titleOf(question)}: ${describe(lines)}`}
        starts={starts}
        endSeconds={endSeconds}
        beforeStarts={beforeStarts}
        lines={lines}
        mode={MODES[display.as] ?? 'line'}
        isStacked={display.stacked}
        scale={display.scale}
        goal={display.goal}
        hasLabels={display.labels}
        zone={zone}
        hidden={hidden}
        incomplete={incomplete}
        marks={marks}
        onRange={onRange}
        onPress={onDrill === undefined ? undefined : press}
      />
      <Summary lines={lines} />
    </>
  );
};

/** Lines, areas or bars over time; one plot for each unit. Without a time axis, bars from the left. */
export const TimedView = (viewed: Viewed<TimedAnswer['kind']>): ReactNode => {
  const { question, answer, display, onDrill } = viewed;
  const timed = useMemo(() => timedOf(question, answer, display), [question, answer, display]);
  const panels = useMemo(() => byUnit(timed.lines.slice(0, LINES_MAX)), [timed]);
  if (timed.lines.length === 0)
    return <Notice title="Nothing here">Nothing that the question asks for happened in this time.</Notice>;
  if (timed.isTotal) return <HorizontalBars lines={timed.lines} onDrill={onDrill} />;
  return (
    <div className="insight-panels" data-many={panels.length > 2 ? '' : undefined}>
      {panels.map((lines) => (
        <div className="insight-panel" key={JSON.stringify(lines[0]?.unit)}>
          <Panel viewed={viewed} timed={timed} lines={lines} isOneOfMany={panels.length > 1} />
        </div>
      ))}
      {timed.lines.length > LINES_MAX ? (
        <p className="insight-note">
          {LINES_MAX} of {fullCount(timed.lines.length)} series are drawn. The table has all.
        </p>
      ) : null}
    </div>
  );
};
