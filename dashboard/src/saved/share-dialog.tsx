import './saved.css';
import { type ReactNode, useState } from 'react';
import type { CreatedShare, NewShare, ShareAnswer } from '../../../src/contract/shares.ts';
import { type SavedRef, useMakeShare, useRevokeShare, useShares } from '../data/saved.ts';
import {
  Button,
  Checkbox,
  CodeBlock,
  Dialog,
  FieldError,
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
import { useAttempt } from '../lib/use-attempt.ts';
import { instantIn, momentIn } from '../lib/zoned.ts';

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

/** The moment that a link may be pinned to. */
export interface LinkMoment {
  readonly position: string;
  readonly at: string;
}

interface LinkProps {
  readonly saved: SavedRef;
  /** What whoever has the link sees, in words. */
  readonly words: string;
  /** An example of what a link may be for. */
  readonly example: string;
  /** The moment that is shown, which a link may be pinned to; undefined: that of making it. */
  readonly moment?: LinkMoment | undefined;
  /** What is shown is pinned already. */
  readonly isPinned?: boolean;
  /** Values of variables that the link fixes. */
  readonly variables?: NewShare['variables'];
  /** What can be chosen beside that. */
  readonly children?: ReactNode;
}

interface ShareProps extends LinkProps {
  readonly title: string;
  readonly publicUrl: string;
  readonly onClose: () => void;
}

const NewLink = (props: LinkProps & { readonly onMade: (share: CreatedShare) => void }): ReactNode => {
  const { saved, words, example, moment, variables, children, onMade } = props;
  const zone = useTimeZone();
  const make = useMakeShare(saved);
  const attempt = useAttempt();
  const [name, setName] = useState('');
  const [end, setEnd] = useState<End>('30');
  const [isPinned, setPinned] = useState(props.isPinned ?? false);
  const title = name.trim();
  const submit = async (): Promise<void> => {
    const expires = endOf(end);
    onMade(
      await make({
        ...{ name: title, pinned: isPinned ? (moment ?? true) : false },
        ...(expires === undefined ? {} : { expires_at: expires }),
        ...(variables === undefined ? {} : { variables }),
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
      <p className="dialog-words">{words}</p>
      <div className="share-fields">
        <TextField
          label="What it is for"
          placeholder={example}
          value={name}
          onChange={setName}
          maxLength={100}
        />
        <div className="field">
          <span className="field-label">It ends</span>
          <Select label="It ends" options={ENDS} value={end} onChange={setEnd} />
        </div>
      </div>
      <div className="share-pin">
        <Checkbox label="Numbers stay as they are now, for good" isOn={isPinned} onChange={setPinned} />
        {moment === undefined || !isPinned ? null : (
          <span className="field-note number">
            As of {instantIn(moment.at, zone)}, position {moment.position}: what you see.
          </span>
        )}
      </div>
      {children}
      <FieldError text={attempt.trouble} />
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

const useWords = (): ((share: ShareAnswer) => string) => {
  const zone = useTimeZone();
  return ({ pinned, expires_at: ends, expired, uses, last_used_at: used, created_by: by }) =>
    [
      pinned === null ? 'live' : `as of ${instantIn(pinned.at, zone)}, position ${pinned.as_of}`,
      ends === null ? 'no end' : `${expired ? 'ended' : 'ends'} ${momentIn(ends, zone)}`,
      used === null ? 'not used yet' : `${plural(uses, 'use')}, the last ${since(used)}`,
      `by ${by}`,
    ].join(' · ');
};

const Links = ({ saved }: Pick<LinkProps, 'saved'>): ReactNode => {
  const { data, error } = useShares(saved);
  const revoke = useRevokeShare(saved);
  const attempt = useAttempt();
  const words = useWords();
  const title = `Links to this ${saved.kind === 'boards' ? 'board' : 'insight'}`;
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The links could not be listed"
      loading={<Skeleton height="3rem" />}
    >
      {({ shares }) =>
        shares.length === 0 ? null : (
          <section className="share-list" aria-label={title}>
            <h3 className="field-label">{title}</h3>
            <FieldError text={attempt.trouble} />
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

/** Makes links that show a board or an insight to whoever has them, lists and revokes them. */
export const ShareDialog = ({ title, publicUrl, onClose, ...link }: ShareProps): ReactNode => {
  const [made, setMade] = useState<CreatedShare>();
  return (
    <Dialog title={title} isWide onClose={onClose}>
      {made === undefined ? null : <Made share={made} publicUrl={publicUrl} />}
      <NewLink {...link} onMade={setMade} />
      <Links saved={link.saved} />
    </Dialog>
  );
};
