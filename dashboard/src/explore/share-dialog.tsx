import { type ReactNode, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import type { CreatedShare, ShareAnswer } from '../../../src/contract/shares.ts';
import { useInsightShares, useMakeInsightShare, useRevokeInsightShare } from '../data/insights.ts';
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
import { useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { momentIn } from '../lib/zoned.ts';
import { shareLink } from '../lib/share-link.ts';

const DAYS: Readonly<Record<string, string>> = {
  '': 'When it is revoked',
  '1': 'In a day',
  '7': 'In a week',
  '30': 'In 30 days',
  '365': 'In a year',
};
const END_OPTIONS = Object.entries(DAYS).map(([value, text]) => ({ value, text }));
const DAY_MS = 86_400_000;

interface PartProps {
  readonly project: string;
  readonly saved: InsightAnswer;
}

const NewLink = ({
  project,
  saved,
  onMade,
}: PartProps & { readonly onMade: (share: CreatedShare) => void }): ReactNode => {
  const make = useMakeInsightShare(project, saved.id);
  const attempt = useAttempt();
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [isPinned, setPinned] = useState(false);
  const submit = async (): Promise<void> => {
    const expires =
      days === '' ? {} : { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };
    onMade(await make({ name: name.trim(), pinned: isPinned, ...expires }));
    setName('');
  };
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') attempt.run(submit);
      }}
    >
      <p className="dialog-words">
        Whoever has the link sees this insight as it is saved and its answer, without an account, and nothing
        else.
      </p>
      <TextField
        label="What it is for"
        placeholder="Weekly mail"
        maxLength={100}
        value={name}
        onChange={setName}
      />
      <div className="field">
        <span className="field-label">It ends</span>
        <Select label="It ends" options={END_OPTIONS} value={days} onChange={setDays} />
      </div>
      <Checkbox label="The numbers stay as they are now, for good" isOn={isPinned} onChange={setPinned} />
      {attempt.trouble === undefined ? null : (
        <p className="field-error" role="alert">
          {attempt.trouble}
        </p>
      )}
      <div className="dialog-actions">
        <Button type="submit" kind="primary" disabled={name.trim() === '' || attempt.isBusy}>
          Make a link
        </Button>
      </div>
    </form>
  );
};

const factsOf = ({ pinned, expires_at: ends, expired, uses }: ShareAnswer, zone: string): string =>
  [
    pinned === null ? 'live' : `as of position ${pinned.as_of}`,
    ends === null ? 'without an end' : `${expired ? 'ended' : 'ends'} ${momentIn(ends, zone)}`,
    plural(uses, 'use'),
  ].join(', ');

const Links = ({ project, saved }: PartProps): ReactNode => {
  const zone = useTimeZone();
  const { data, error } = useInsightShares(project, saved.id);
  const revoke = useRevokeInsightShare(project, saved.id);
  const attempt = useAttempt();
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The links cannot be listed"
      loading={<Skeleton height="3rem" />}
    >
      {({ shares }) => (
        <ul className="insight-links" aria-label="Links to this insight">
          {attempt.trouble === undefined ? null : <li className="field-error">{attempt.trouble}</li>}
          {shares.map((share) => (
            <li key={share.id}>
              <span className="insight-link-words">
                <span className="truncate">{share.name}</span>
                <span className="field-note">{factsOf(share, zone)}</span>
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
      )}
    </Loaded>
  );
};

interface ShareProps extends PartProps {
  /** Where the platform is reached. */
  readonly publicUrl: string;
  readonly onClose: () => void;
}

/** Links that show one insight to whoever has them. */
export const ShareDialog = ({ project, saved, publicUrl, onClose }: ShareProps): ReactNode => {
  const [made, setMade] = useState<CreatedShare>();
  return (
    <Dialog title={`Share ${saved.name}`} onClose={onClose}>
      {made === undefined ? null : (
        <div className="insight-made" role="status">
          <p>
            <strong>This is the link.</strong> It is shown now and never again.
          </p>
          <CodeBlock label="Link" text={shareLink(publicUrl, made.token)} wraps />
        </div>
      )}
      <NewLink project={project} saved={saved} onMade={setMade} />
      <Links project={project} saved={saved} />
    </Dialog>
  );
};
