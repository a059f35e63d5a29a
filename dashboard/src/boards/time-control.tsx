import type { ReactNode } from 'react';
import type { BoardMoment } from '../data/board-answers.ts';
import { Button, Icon, Popover } from '../design/index.ts';
import { changeAddress } from '../lib/address.ts';
import { instantIn } from '../lib/zoned.ts';
import { momentParameters } from './moments.ts';
import { PositionForm } from './position-form.tsx';
import { TimeForm } from './time-form.tsx';

/** Shows a board as of a moment; null: as of now, and on. */
export const pinTo = (moment: BoardMoment | null): void =>
  changeAddress(momentParameters(moment), { isStep: true });

interface TimeControlProps {
  readonly project: string;
  /** What is shown. */
  readonly shown: BoardMoment | undefined;
  readonly isPinned: boolean;
  /** What was shown before in this visit, newest first. */
  readonly seen: readonly BoardMoment[];
  readonly zone: string;
}

/** Goes back to an earlier moment of a board, and on again. */
export const TimeControl = ({ project, shown, isPinned, seen, zone }: TimeControlProps): ReactNode => {
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
              <Button icon="live" onClick={() => choose(null)}>
                Back to live
              </Button>
            ) : (
              <Button icon="pause" onClick={() => choose(shown ?? null)}>
                Stay at what is shown
              </Button>
            )}
            {shown === undefined ? null : <TimeForm {...{ project, shown, zone }} onChoose={choose} />}
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
            {shown === undefined ? null : <PositionForm shown={shown} zone={zone} onChoose={choose} />}
          </div>
        );
      }}
    </Popover>
  );
};
