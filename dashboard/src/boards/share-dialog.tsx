import { type ReactNode, useState } from 'react';
import type { BoardAnswer, VariableValues } from '../../../src/contract/boards.ts';
import type { CreatedShare, ShareAnswer } from '../../../src/contract/shares.ts';
import { useBoardShares, useMakeBoardShare, useRevokeBoardShare } from '../data/boards.ts';
import {
  Button,
  Checkbox,
  CodeBlock,
  Dialog,
  Loaded,
  Select,
  Skeleton,
  TextField,
  toast,
} from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { shareLink } from '../lib/share-link.ts';
import { since } from '../lib/since.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import type { BoardState } from './use-board-state.ts';
import { effective } from '../board/address-values.ts';
import { valueWords } from './values.ts';

/** When a link ends. */
const ENDS = [
  { value: 'never', text: 'When it is revoked', days: undefined },
  { value: '1', text: 'In a day', days: 1 },
  { value: '7', text: 'In a week', days: 7 },
  { value: '30', text: 'In 30 days', days: 30 },
  { value: '365', text: 'In a year', days: 365 },
] as const;
type End = (typeof ENDS)[number]['value'];

const DAY_MS = 86_400_000;

const endOf = (end: End): string | undefined => {
  const days = ENDS.find(({ value }) => value === end)?.days;
  return days === undefined ? undefined : new Date(Date.now() + days * DAY_MS).toISOString();
};

interface ShareProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly state: BoardState;
  readonly publicUrl: string;
  readonly onClose: () => void;
}

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

const NewLink = ({
  project,
  board,
  state,
  onMade,
}: Pick<ShareProps, 'project' | 'board' | 'state'> & {
  readonly onMade: (share: CreatedShare) => void;
}): ReactNode => {
  const make = useMakeBoardShare(project, board.id);
  const attempt = useAttempt();
  const [name, setName] = useState('');
  const [end, setEnd] = useState<End>('30');
  const [isPinned, setPinned] = useState(false);
  const [fixed, setFixed] = useState<ReadonlySet<string>>(() => new Set(Object.keys(state.values)));
  const title = name.trim();
  const submit = async (): Promise<void> => {
    const expires = endOf(end);
    const chosen = board.variables.filter((variable) => fixed.has(variable.name));
    onMade(
      await make({
        ...{ name: title, pinned: isPinned },
        ...(expires === undefined ? {} : { expires_at: expires }),
        variables: Object.fromEntries(
          chosen.map((variable) => [variable.name, effective(variable, state.values)]),
        ),
      }),
    );
    setName('');
  };
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (title !== '') attempt.run(submit);
      }}
    >
      <p className="dialog-words">
        Whoever has the link sees this board and its answers, without an account, and nothing else. They see
        neither questions nor single people.
      </p>
      <div className="share-fields">
        <TextField
          label="What it is for"
          placeholder="Board meeting"
          value={name}
          onChange={setName}
          maxLength={100}
        />
        <div className="field">
          <span className="field-label">It ends</span>
          <Select label="It ends" options={ENDS} value={end} onChange={setEnd} />
        </div>
      </div>
      <Checkbox label="Numbers stay as they are now, for good" isOn={isPinned} onChange={setPinned} />
      <Fixed board={board} values={state.values} fixed={fixed} onChange={setFixed} />
      {attempt.trouble === undefined ? null : (
        <p className="field-error" role="alert">
          {attempt.trouble}
        </p>
      )}
      <div className="share-make">
        <Button type="submit" kind="primary" disabled={title === '' || attempt.isBusy}>
          Make a link
        </Button>
      </div>
    </form>
  );
};

const Made = ({
  share,
  publicUrl,
}: {
  readonly share: CreatedShare;
  readonly publicUrl: string;
}): ReactNode => (
  <div className="share-made" role="status">
    <p>
      <strong>This is the link.</strong> It is shown now and never again; only its checksum is kept.
    </p>
    <CodeBlock text={shareLink(publicUrl, share.token)} label="Link" wraps />
  </div>
);

interface ListProps {
  readonly project: string;
  readonly id: string;
}

const useWords = (): ((share: ShareAnswer) => string) => {
  const zone = useTimeZone();
  return ({ pinned, expires_at: ends, expired, uses, last_used_at: used, created_by: by }) =>
    [
      pinned === null ? 'live' : `pinned to position ${pinned.as_of}`,
      ends === null ? 'no end' : `${expired ? 'ended' : 'ends'} ${momentIn(ends, zone)}`,
      used === null ? 'not used yet' : `${plural(uses, 'use')}, the last ${since(used)}`,
      `by ${by}`,
    ].join(' · ');
};

const Links = ({ project, id }: ListProps): ReactNode => {
  const { data, error } = useBoardShares(project, id);
  const revoke = useRevokeBoardShare(project, id);
  const attempt = useAttempt();
  const words = useWords();
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The links cannot be listed"
      loading={<Skeleton height="3rem" />}
    >
      {({ shares }) =>
        shares.length === 0 ? null : (
          <section className="share-list" aria-label="Links to this board">
            <h3 className="field-label">Links to this board</h3>
            {attempt.trouble === undefined ? null : (
              <p className="field-error" role="alert">
                {attempt.trouble}
              </p>
            )}
            <ul>
              {shares.map((share) => (
                <li key={share.id} className="share" data-ended={share.expired ? '' : undefined}>
                  <span className="share-words">
                    <span className="truncate">{share.name}</span>
                    <span className="field-note">{words(share)}</span>
                  </span>
                  <Button
                    size="small"
                    kind="danger"
                    disabled={attempt.isBusy}
                    aria-label={`Revoke ${share.name}`}
                    onClick={() =>
                      attempt.run(async () => {
                        await revoke(share.id);
                        toast(`The link ${share.name} is revoked.`);
                      })
                    }
                  >
                    Revoke
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )
      }
    </Loaded>
  );
};

/** Makes links that show a board to whoever has them, lists and revokes them. */
export const ShareDialog = ({ project, board, state, publicUrl, onClose }: ShareProps): ReactNode => {
  const [made, setMade] = useState<CreatedShare>();
  return (
    <Dialog title="Share this board" isWide onClose={onClose}>
      {made === undefined ? null : <Made share={made} publicUrl={publicUrl} />}
      <NewLink project={project} board={board} state={state} onMade={setMade} />
      <Links project={project} id={board.id} />
    </Dialog>
  );
};
