import { type ReactNode, useState } from 'react';
import type { BoardMoment } from '../data/board-answers.ts';
import { positionAt, useKnownTimes } from '../data/positions.ts';
import { Button, TextField } from '../design/index.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { instantIn, localMinuteIn } from '../lib/zoned.ts';
import { type KnownTimes, localWords, quickTimes, timeProblem } from './moments.ts';

interface TimeFormProps {
  readonly project: string;
  readonly shown: BoardMoment;
  readonly zone: string;
  readonly onChoose: (moment: BoardMoment) => void;
}

const knownWords = ({ earliest, latest }: KnownTimes, zone: string): string =>
  earliest === null || latest === null
    ? ''
    : ` Known from ${instantIn(earliest, zone)} to ${instantIn(latest, zone)}.`;

/** Shows a board as of a time: the server tells which position the log had then. */
export const TimeForm = ({ project, shown, zone, onChoose }: TimeFormProps): ReactNode => {
  const { data: known } = useKnownTimes(project);
  const [local, setLocal] = useState(() => localMinuteIn(shown.at, zone));
  const [problem, setProblem] = useState<string>();
  const [nowMs] = useState(Date.now);
  const attempt = useAttempt();
  const change = (value: string): void => {
    setLocal(value);
    setProblem(undefined);
  };
  const go = (value: string): void => {
    setLocal(value);
    const wrong = known === undefined ? undefined : timeProblem(value, known, zone);
    setProblem(wrong);
    if (wrong !== undefined) return;
    attempt.run(async () => {
      const { position, at } = await positionAt(project, value, zone);
      if (position === null || at === null)
        throw new Error('Nothing can be told yet: the first events came only just now.');
      onChoose({ position, at });
    });
  };
  return (
    <form
      className="moment-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go(local);
      }}
    >
      <div role="group" aria-label="Often wanted">
        {quickTimes(nowMs, zone).map(({ text, local: wanted }) => (
          <button
            key={text}
            type="button"
            className="menu-item"
            disabled={attempt.isBusy}
            onClick={() => go(wanted)}
          >
            {text} <span className="quiet number time-when">{localWords(wanted)}</span>
          </button>
        ))}
      </div>
      <TextField
        label="As of"
        type="datetime-local"
        value={local}
        onChange={change}
        note={`What had been received before then, by the clock of ${zone}.${known === undefined ? '' : knownWords(known, zone)}`}
        error={problem ?? attempt.trouble}
      />
      <Button type="submit" kind="primary" disabled={attempt.isBusy}>
        Show it as of then
      </Button>
    </form>
  );
};
