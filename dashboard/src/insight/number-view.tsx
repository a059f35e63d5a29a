import './number-view.css';
import { type ReactNode, useMemo } from 'react';
import { Swatch } from '../chart/legend.tsx';
import { type Unit, writerOf, written } from '../chart/units.ts';
import { Icon, Notice } from '../design/index.ts';
import { Sparkline } from '../design/stat.tsx';
import { changeOf, fullCount } from '../lib/format.ts';
import type { Display } from '../../../src/contract/insights.ts';
import type { Answer, Question } from './display.ts';
import { type BigNumber, numbersOf } from './numbers.ts';
import { NUMBERS } from '../lib/numbers.ts';

const SPOKEN = { up: 'up by', down: 'down by', same: 'unchanged,' } as const;

/** Whether a change is good news: shown by its colour. */
const TONES = { up: 'down', down: 'up', same: 'same' } as const;

interface ChangeProps {
  readonly now: number;
  readonly before: number;
  readonly unit: Unit;
  readonly isLessBetter: boolean;
}

const Change = ({ now, before, unit, isLessBetter }: ChangeProps): ReactNode => {
  const change = changeOf(now, before);
  if (change === undefined) return null;
  return (
    <span
      className="change"
      data-direction={isLessBetter ? TONES[change.direction] : change.direction}
      title={`${writerOf(unit).full(before)} in the period before`}
    >
      {change.direction === 'same' ? null : <Icon name={change.direction} size={12} />}
      <span className="unseen">{SPOKEN[change.direction]} </span>
      {change.text}
    </span>
  );
};

const Tile = ({
  number,
  goal,
}: {
  readonly number: BigNumber;
  readonly goal: number | undefined;
}): ReactNode => {
  const { name, slot, unit, value, before, spark, isLessBetter = false } = number;
  const write = writerOf(unit);
  return (
    <div className="big-number" role="group" aria-label={name}>
      <span className="big-number-name truncate">
        {slot === 0 ? null : <Swatch slot={slot} />}
        <span className="truncate" title={name}>
          {name}
        </span>
      </span>
      <span className="big-number-line">
        <span className="big-number-value number" title={written(write.full, value)}>
          {written(write.short, value)}
        </span>
        {value === null || before === null ? null : (
          <Change {...{ now: value, before, unit, isLessBetter }} />
        )}
      </span>
      {goal === undefined || value === null || goal <= 0 ? null : (
        <span className="big-number-goal">
          <progress value={Math.max(0, Math.min(1, value / goal))} aria-label="Of the goal" />
          {NUMBERS.withPercent(fullCount((value / goal) * 100))} of {write.short(goal)}
        </span>
      )}
      {spark.length < 2 ? null : (
        <span className="big-number-spark">
          <Sparkline values={spark} />
        </span>
      )}
    </div>
  );
};

interface NumberViewProps {
  readonly question: Question;
  readonly answer: Answer;
  readonly display: Display;
}

/** An answer as a number, or as a few. */
export const NumberView = ({ question, answer, display }: NumberViewProps): ReactNode => {
  const numbers = useMemo(() => numbersOf(question, answer, display), [question, answer, display]);
  if (numbers.length === 0)
    return <Notice title="Nothing here">Nothing that the question asks for happened in this time.</Notice>;
  return (
    <div className="big-numbers" data-count={numbers.length === 1 ? 'one' : 'many'}>
      {numbers.map((number) => (
        <Tile key={number.key} number={number} goal={numbers.length === 1 ? display.goal : undefined} />
      ))}
    </div>
  );
};
