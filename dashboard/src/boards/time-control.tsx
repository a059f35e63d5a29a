import { type ReactNode, useState } from 'react';
import type { BoardMoment } from '../data/board-answers.ts';
import { Button, Icon, Popover, TextField } from '../design/index.ts';
import { changeAddress } from '../lib/address.ts';
import { instantIn } from '../lib/zoned.ts';
import { isPosition, localInput, momentParameters } from './moments.ts';

/** Shows a board as of a moment; null: as of now, and on. */
export const pinTo = (moment: BoardMoment | null): void =>
  changeAddress(momentParameters(moment), { isStep: true });

interface TimeControlProps {
  /** What is shown. */
  readonly shown: BoardMoment | undefined;
  readonly isPinned: boolean;
  /** What was shown before in this visit, newest first. */
  readonly seen: readonly BoardMoment[];
  readonly zone: string;
}

interface MomentFormProps {
  readonly shown: BoardMoment;
  readonly onChoose: (moment: BoardMoment) => void;
}

const MomentForm = ({ shown, onChoose }: MomentFormProps): ReactNode => {
  const [position, setPosition] = useState(shown.position);
  const [at, setAt] = useState(localInput(shown.at));
  const isTime = !Number.isNaN(Date.parse(at));
  return (
    <form
      className="moment-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isPosition(position) && isTime)
          onChoose({ position, at: at === localInput(shown.at) ? shown.at : new Date(at).toISOString() });
      }}
    >
      <TextField
        label="When “now” is"
        type="datetime-local"
        step="1"
        note="Ranges such as “last 30 days” end then. By the clock of this device."
        value={at}
        onChange={setAt}
        error={isTime ? undefined : 'Choose a date and a time.'}
      />
      <TextField
        label="Events up to position"
        inputMode="numeric"
        spellCheck={false}
        note="Later ones of the log are not seen, as if they had not arrived."
        value={position}
        onChange={setPosition}
        error={isPosition(position) ? undefined : 'A position is a number.'}
      />
      <Button type="submit" kind="primary" disabled={!isPosition(position) || !isTime}>
        Show it as of then
      </Button>
    </form>
  );
};

/** Goes back to an earlier moment of a board, and on again. */
export const TimeControl = ({ shown, isPinned, seen, zone }: TimeControlProps): ReactNode => {
  const earlier = seen.filter(({ position, at }) => position !== shown?.position || at !== shown.at);
  return (
    <Popover
      label={isPinned ? 'Pinned: choose another moment' : 'Live: go back in time'}
      align="end"
      className="button"
      isDisabled={shown === undefined}
      button={
        <>
          <Icon name="clock" size={14} />
          {isPinned ? 'Pinned' : 'Live'}
          <Icon name="chevron" size={12} />
        </>
      }
    >
      {(close) => {
        const choose = (moment: BoardMoment | null): void => {
          pinTo(moment);
          close();
        };
        return (
          <div className="time-control">
            {isPinned ? (
              <Button kind="primary" icon="live" onClick={() => choose(null)}>
                Back to live
              </Button>
            ) : (
              <Button icon="pause" onClick={() => choose(shown ?? null)}>
                Stay at what is shown
              </Button>
            )}
            {earlier.length === 0 ? null : (
              <div className="time-seen" role="group" aria-label="Seen before">
                <span className="field-label">Seen before</span>
                {earlier.map((moment) => (
                  <button
                    key={`${moment.position} ${moment.at}`}
                    type="button"
                    className="menu-item number"
                    onClick={() => choose(moment)}
                  >
                    {instantIn(moment.at, zone)} <span className="quiet">position {moment.position}</span>
                  </button>
                ))}
              </div>
            )}
            {shown === undefined ? null : <MomentForm shown={shown} onChoose={choose} />}
          </div>
        );
      }}
    </Popover>
  );
};
