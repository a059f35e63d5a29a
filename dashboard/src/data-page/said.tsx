import './said.css';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button, FieldError, Icon, TextArea, TextField, toast } from '../design/index.ts';
import { mayLeave } from '../lib/address.ts';
import { type Attempt, useAttempt } from '../lib/use-attempt.ts';
import { useGuard } from '../lib/use-guard.ts';

/** As many characters as the server takes. */
const DESCRIPTION_MAX = 1_000;
const OWNER_MAX = 100;

/** What people say of a type or a property. */
export interface Wording {
  readonly description: string;
  /** Undefined: it has none, as properties have. */
  readonly owner?: string;
  /** 0: nothing was said yet. */
  readonly version: number;
}

interface SaidProps {
  /** What is described, for screen readers. */
  readonly what: string;
  readonly said: Wording;
  /** Owners to choose from; any other may be typed. */
  readonly owners?: readonly string[];
  readonly mayWrite: boolean;
  /** What stands there if nothing is said. */
  readonly none?: string;
  readonly onSave: (said: Wording) => Promise<unknown>;
}

const OwnerField = ({
  owner,
  owners,
  onChange,
  onKeyDown,
}: {
  readonly owner: string;
  readonly owners: readonly string[];
  readonly onChange: (owner: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}): ReactNode => {
  const list = useId();
  return (
    <>
      <TextField
        label="Owner"
        placeholder="A team, a person, an address"
        maxLength={OWNER_MAX}
        autoComplete="off"
        list={list}
        onKeyDown={onKeyDown}
        value={owner}
        onChange={onChange}
      />
      <datalist id={list}>
        {owners.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </datalist>
    </>
  );
};

interface TheirsProps {
  readonly said: Wording;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
}

/** Somebody else said something meanwhile: nothing is saved over it unless that is wanted. */
const Theirs = ({ said, onTheirs, onMine }: TheirsProps): ReactNode => (
  <div className="said-theirs" role="alert">
    <p>
      <strong>Somebody else changed this meanwhile.</strong> It now says:
    </p>
    <p className="said-text">
      {said.description === '' ? 'nothing' : said.description}
      {said.owner === undefined || said.owner === '' ? '' : ` (${said.owner})`}
    </p>
    <div className="said-actions">
      <Button size="small" onClick={onTheirs}>
        Take theirs
      </Button>
      <Button size="small" onClick={onMine}>
        Keep mine
      </Button>
    </div>
  </div>
);

interface SayingProps extends Pick<SaidProps, 'what' | 'said' | 'owners'> {
  readonly attempt: Attempt;
  readonly onSave: (said: Wording) => void;
  readonly onCancel: () => void;
}

const Saying = ({ what, said, owners = [], attempt, onSave, onCancel }: SayingProps): ReactNode => {
  const [draft, setDraft] = useState(said);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const field = form.current?.querySelector('textarea');
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const isChanged = draft.description !== said.description || draft.owner !== said.owner;
  useGuard(isChanged && !attempt.isBusy, 'Leave without saving the description?');
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      // Else it would close the panel.
      event.preventDefault();
      if (mayLeave()) onCancel();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.current?.requestSubmit();
    }
  };
  const isOld = said.version !== draft.version && !attempt.isBusy;
  return (
    <form
      ref={form}
      className="said-form"
      aria-label={`Description of ${what}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOld) onSave(draft);
      }}
    >
      <TextArea
        label="Description"
        placeholder="What it is, and when it is sent"
        rows={said.owner === undefined ? 2 : 4}
        maxLength={DESCRIPTION_MAX}
        onKeyDown={onKey}
        value={draft.description}
        onChange={(description) => setDraft({ ...draft, description })}
      />
      {draft.owner === undefined ? null : (
        <OwnerField
          owner={draft.owner}
          owners={owners}
          onKeyDown={onKey}
          onChange={(owner) => setDraft({ ...draft, owner })}
        />
      )}
      {isOld ? (
        <Theirs
          said={said}
          onTheirs={() => setDraft(said)}
          onMine={() => setDraft({ ...draft, version: said.version })}
        />
      ) : (
        <FieldError text={attempt.trouble} />
      )}
      <div className="said-actions">
        <Button type="submit" size="small" kind="primary" disabled={attempt.isBusy || isOld}>
          Save
        </Button>
        <Button size="small" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
};

/** What people say of something: shown, and changed where it stands. */
export const Said = ({ what, said, owners = [], mayWrite, none, onSave }: SaidProps): ReactNode => {
  const [isSaying, setSaying] = useState(false);
  const attempt = useAttempt();
  const button = useRef<HTMLButtonElement>(null);
  const wasSaying = useRef(false);
  useEffect(() => {
    if (wasSaying.current && !isSaying) button.current?.focus();
    wasSaying.current = isSaying;
  }, [isSaying]);
  const { description, owner = '' } = said;
  if (isSaying)
    return (
      <Saying
        {...{ what, said, owners, attempt }}
        onCancel={() => setSaying(false)}
        onSave={(draft) =>
          attempt.run(async () => {
            await onSave(draft);
            setSaying(false);
            toast(`Saved what ${what} is.`);
          })
        }
      />
    );
  const isSaid = description !== '' || owner !== '';
  return (
    <div className="said">
      {description === '' ? null : <p className="said-text">{description}</p>}
      {owner === '' ? null : (
        <p className="said-owner">
          <Icon name="user" size={12} />
          <span className="unseen">Owner: </span>
          {owner}
        </p>
      )}
      {isSaid || none === undefined ? null : <p className="quiet">{none}</p>}
      {mayWrite ? (
        <Button
          ref={button}
          size="small"
          icon="edit"
          aria-label={`${isSaid ? 'Edit' : 'Describe'} ${what}`}
          onClick={() => setSaying(true)}
        >
          {isSaid ? 'Edit' : 'Describe'}
        </Button>
      ) : null}
    </div>
  );
};
