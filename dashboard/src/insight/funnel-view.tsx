import './funnel-view.css';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import type { FunnelAnswer } from '../../../src/contract/funnel.ts';
import { BarChart } from '../chart/bar-chart.tsx';
import { colourOf } from '../chart/colours.ts';
import { Swatch } from '../chart/legend.tsx';
import { timeSpan, written } from '../chart/units.ts';
import { Icon, Notice } from '../design/index.ts';
import { fullCount, percent, shortCount } from '../lib/format.ts';
import { useSize } from '../lib/use-size.ts';
import { dateIn, momentIn } from '../lib/zoned.ts';
import { type FunnelBar, type FunnelStage, funnelStages, timeBars } from './funnel-shape.ts';
import type { OnDrill } from './group.ts';
import type { Viewed } from './view-props.ts';

/** Narrower than so many pixels a step, steps stand below each other. */
const STEP_LEAST_PX = 132;
const STEP_LEAST_COMPACT_PX = 76;

const who = ({ actor }: FunnelAnswer): string => (actor === 'user' ? 'users' : 'sessions');

interface PartProps {
  readonly answer: FunnelAnswer;
  readonly onDrill: OnDrill | undefined;
}

const BarButton = ({
  bar,
  stage,
  answer,
  onDrill,
}: PartProps & { readonly bar: FunnelBar; readonly stage: FunnelStage }): ReactNode => {
  const words = `${bar.name === 'All' ? '' : `${bar.name}: `}${fullCount(bar.actors)} ${who(answer)} got to ${stage.name}, ${percent(bar.share)} of those who entered`;
  const size = { '--share': bar.share };
  const inside = (
    <span
      className="funnel-fill"
      style={{ background: colourOf(bar.slot), ...size }}
      data-thin={bar.share < 0.02 ? '' : undefined}
    />
  );
  if (onDrill === undefined)
    return (
      <span className="funnel-bar" role="img" aria-label={words} title={words}>
        {inside}
      </span>
    );
  return (
    <button
      type="button"
      className="funnel-bar"
      aria-label={words}
      title={words}
      onClick={() => onDrill({ kind: 'converted', step: stage.step, group: bar.group })}
    >
      {inside}
    </button>
  );
};

const Dropped = ({ bar, answer, onDrill }: PartProps & { readonly bar: FunnelBar }): ReactNode => {
  if (bar.dropped === null) return null;
  const words = (
    <>
      <Icon name="down" size={11} />
      {shortCount(bar.dropped)} dropped
      <span className="quiet">({written(percent, bar.dropOff)})</span>
    </>
  );
  const title = `${fullCount(bar.dropped)} ${who(answer)} went no further`;
  if (onDrill === undefined || bar.dropped === 0)
    return (
      <span className="funnel-dropped" title={title}>
        {words}
      </span>
    );
  return (
    <button
      type="button"
      className="funnel-dropped"
      title={`${title}. Press to see them`}
      onClick={() => onDrill({ kind: 'dropped', step: bar.step, group: bar.group })}
    >
      {words}
    </button>
  );
};

const Stage = ({
  stage,
  isLast,
  ...part
}: PartProps & { readonly stage: FunnelStage; readonly isLast: boolean }): ReactNode => {
  const { all } = stage;
  const { answer } = part;
  return (
    <li className="funnel-stage">
      <div className="funnel-name">
        <span className="funnel-number">{stage.step}</span>
        <span className="truncate" title={stage.name}>
          {stage.name}
        </span>
      </div>
      <div className="funnel-bars">
        {stage.bars.map((bar) => (
          <BarButton key={bar.key} bar={bar} stage={stage} {...part} />
        ))}
      </div>
      <div className="funnel-facts">
        <span className="funnel-share number">{percent(all.share)}</span>
        <span className="funnel-actors number" title={`${fullCount(all.actors)} ${who(answer)}`}>
          {shortCount(all.actors)} {who(answer)}
        </span>
        {all.fromPrevious === null ? null : (
          <span className="funnel-fact">{percent(all.fromPrevious)} of the step before</span>
        )}
        {all.medianMs === null ? null : (
          <span className="funnel-fact" title="Median time from the step before">
            <Icon name="clock" size={11} />
            {timeSpan(all.medianMs)}
          </span>
        )}
        {isLast ? null : <Dropped bar={all} {...part} />}
      </div>
    </li>
  );
};

const GroupTable = ({
  stages,
  answer,
  onDrill,
}: PartProps & { readonly stages: readonly FunnelStage[] }): ReactNode => (
  <div className="funnel-groups">
    <table>
      <caption className="unseen">The funnel by group</caption>
      <thead>
        <tr>
          <th scope="col">Group</th>
          {stages.map(({ step, name }) => (
            <th key={step} scope="col" title={name}>
              <span className="truncate">
                {step}. {name}
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.groups.map((_, index) => {
          const first = stages[0]?.bars[index];
          if (first === undefined) return null;
          return (
            <tr key={first.key}>
              <th scope="row">
                <Swatch slot={first.slot} /> <span>{first.name}</span>
              </th>
              {stages.map(({ step, bars }) => {
                const bar = bars[index];
                if (bar === undefined) return null;
                return (
                  <td key={step} className="number">
                    <span>{percent(bar.share)}</span>
                    <span className="quiet"> {shortCount(bar.actors)}</span>
                    {bar.dropped === null || bar.dropped === 0 || onDrill === undefined ? null : (
                      <button
                        type="button"
                        className="funnel-drop-cell"
                        title={`${fullCount(bar.dropped)} ${who(answer)} of ${bar.name} went no further. Press to see them`}
                        onClick={() => onDrill({ kind: 'dropped', step, group: bar.group })}
                      >
                        ↓{shortCount(bar.dropped)}
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

const Times = ({ answer }: { readonly answer: FunnelAnswer }): ReactNode => {
  const [isOpen, setOpen] = useState(false);
  const times = answer.total.time_to_convert;
  const bars = useMemo(
    () => (times === null ? [] : timeBars(times, answer.bins_ms, who(answer))),
    [times, answer],
  );
  if (times === null || bars.length === 0) return null;
  return (
    <div className="funnel-times">
      <button
        type="button"
        className="funnel-times-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="chevron" size={12} />
        Time to convert: half within {timeSpan(times.median_ms)}, nine in ten within {timeSpan(times.p90_ms)}
      </button>
      {isOpen ? (
        <div className="funnel-times-chart">
          <BarChart
            label="Time to convert"
            bars={bars}
            unit={{ kind: 'count' }}
            below="Time from the first step to the last"
          />
        </div>
      ) : null}
    </div>
  );
};

/** Whether numbers can still rise, and who was left out. */
const Notes = ({ answer, zone }: { readonly answer: FunnelAnswer; readonly zone: string }): ReactNode => {
  const { settles_at, freshness, total } = answer;
  const isOpen = Date.parse(settles_at) > Date.parse(freshness.answered_at);
  if (!isOpen && total.excluded === 0) return null;
  return (
    <p className="insight-note">
      {isOpen ? (
        <span title={momentIn(settles_at, zone)}>
          Numbers can rise until {dateIn(settles_at, zone)}: the time that steps may take is not over for all.{' '}
        </span>
      ) : null}
      {total.excluded === 0 ? null : `${fullCount(total.excluded)} ${who(answer)} are out by an exclusion.`}
    </p>
  );
};

/** A funnel: a bar a step, with what goes on, what is lost and how long it takes. */
export const FunnelView = ({ answer, display, onDrill, isCompact, zone }: Viewed<'funnel'>): ReactNode => {
  const box = useRef<HTMLDivElement>(null);
  const width = useSize(box)?.width;
  const stages = useMemo(() => funnelStages(answer), [answer]);
  if (answer.total.entered === 0)
    return (
      <Notice title="Nobody entered">
        Nobody did the first step in this time
        {answer.total.excluded === 0 ? '' : ', but who is out by an exclusion'}.
      </Notice>
    );
  const leastPx = stages.length * (isCompact ? STEP_LEAST_COMPACT_PX : STEP_LEAST_PX);
  const isDown = display.as === 'bar' || (width !== undefined && width < leastPx);
  return (
    <div className="funnel" ref={box} data-way={isDown ? 'down' : 'across'}>
      {answer.groups.length === 0 || !display.legend ? null : (
        <div className="funnel-legend">
          {stages[0]?.bars.map(({ key, name, slot }) => (
            <span key={key}>
              <Swatch slot={slot} /> {name}
            </span>
          ))}
        </div>
      )}
      <ol className="funnel-stages">
        {stages.map((stage, index) => (
          <Stage
            key={stage.step}
            stage={stage}
            isLast={index === stages.length - 1}
            answer={answer}
            onDrill={onDrill}
          />
        ))}
      </ol>
      {isCompact ? null : (
        <>
          {answer.groups.length === 0 ? null : (
            <GroupTable stages={stages} answer={answer} onDrill={onDrill} />
          )}
          <Times answer={answer} />
          <Notes answer={answer} zone={zone} />
        </>
      )}
    </div>
  );
};
