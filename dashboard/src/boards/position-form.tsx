import { type ReactNode, useState } from 'react';
import type { BoardMoment } from '../data/board-answers.ts';
import { Button, TextField } from '../design/index.ts';
import { instantIn } from '../lib/zoned.ts';
import { isPosition } from './moments.ts';

interface PositionFormProps {
  readonly shown: BoardMoment;
  readonly zone: string;
  readonly onChoose: (moment: BoardMoment) => void;
}

/** Shows a board as of a position of the log, for those who have one from an answer or a trace. */
export const PositionForm = ({ shown, zone, onChoose }: PositionFormProps): ReactNode => {
  const [position, setPosition] = useState(shown.position);
  const isGood = isPosition(position);
  return (
    <details className="position-form">
      <summary>By position</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood) onChoose({ position, at: shown.at });
        }}
      >
        <TextField
          label="Events up to position"
          inputMode="numeric"
          spellCheck={false}
          note={`Later ones of the log are not seen. Ranges such as “last 30 days” end ${instantIn(shown.at, zone)}, as they do now.`}
          value={position}
          onChange={setPosition}
          error={isGood ? undefined : 'A position is a number.'}
        />
        <Button type="submit" disabled={!isGood}>
          Show it as of there
        </Button>
      </form>
    </details>
  );
};
