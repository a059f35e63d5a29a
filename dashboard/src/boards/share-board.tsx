import { type ReactNode, useState } from 'react';
import type { BoardAnswer, VariableValues } from '../../../src/contract/boards.ts';
import { effective } from '../board/address-values.ts';
import { Checkbox } from '../design/index.ts';
import { ShareDialog } from '../saved/share-dialog.tsx';
import type { BoardState } from './use-board-state.ts';
import { valueWords } from './values.ts';

interface FixedProps {
  readonly board: BoardAnswer;
  readonly values: VariableValues;
  readonly fixed: ReadonlySet<string>;
  readonly onChange: (fixed: ReadonlySet<string>) => void;
}

/** Which variables the link fixes, at what they are now. */
const Fixed = ({ board, values, fixed, onChange }: FixedProps): ReactNode => {
  if (board.variables.length === 0) return null;
  return (
    <fieldset className="share-fixed">
      <legend className="field-label">Fixed for whoever has the link</legend>
      {board.variables.map((variable) => (
        <Checkbox
          key={variable.name}
          label={`${variable.label === '' ? variable.name : variable.label}: ${valueWords(variable, effective(variable, values))}`}
          isOn={fixed.has(variable.name)}
          onChange={(isOn) => {
            const next = new Set(fixed);
            if (isOn) next.add(variable.name);
            else next.delete(variable.name);
            onChange(next);
          }}
        />
      ))}
      <span className="field-note">
        Of the others only lists of choices can be changed by the link; the rest is as the board has it.
      </span>
    </fieldset>
  );
};

interface ShareProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly state: BoardState;
  readonly publicUrl: string;
  readonly onClose: () => void;
}

const WORDS =
  'Whoever has the link sees this board and its answers, without an account, and nothing else. They see neither questions nor single people.';

/** Links to a board, with the variables that they fix. */
export const ShareBoard = ({ project, board, state, publicUrl, onClose }: ShareProps): ReactNode => {
  const { values, pinned, reading } = state;
  const [fixed, setFixed] = useState<ReadonlySet<string>>(() => new Set(Object.keys(values)));
  // What is pinned is the moment that was seen when the dialog was opened, whatever is asked again behind it.
  const [seen] = useState(reading);
  const position = seen?.position ?? null;
  const chosen = board.variables.filter(({ name }) => fixed.has(name));
  return (
    <ShareDialog
      saved={{ project, kind: 'boards', id: board.id }}
      title="Share this board"
      words={WORDS}
      example="Board meeting"
      moment={seen === undefined || position === null ? undefined : { position, at: seen.at }}
      isPinned={pinned !== null}
      variables={Object.fromEntries(chosen.map((variable) => [variable.name, effective(variable, values)]))}
      publicUrl={publicUrl}
      onClose={onClose}
    >
      <Fixed board={board} values={values} fixed={fixed} onChange={setFixed} />
    </ShareDialog>
  );
};
