import { type ReactNode, useState } from 'react';
import { type Key, useKeys, useMakeKey, useRevokeKey, useRotateKey } from '../data/settings.ts';
import {
  Button,
  Card,
  Checkbox,
  type Column,
  ConfirmDialog,
  DialogForm,
  Field,
  Fresh,
  Loaded,
  Select,
  Skeleton,
  Table,
  TextArea,
  TextField,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { dateIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { isOver, linesOf, SCOPES, stateOf } from './key-facts.ts';
import { administers, Lacking } from './lacking.tsx';
import { ShownOnce } from './shown-once.tsx';

type Scope = Key['scopes'][number];

const DAY_MS = 86_400_000;

const ENDS = [
  { value: 'never', text: 'Never', days: undefined },
  { value: '7', text: 'In 7 days', days: 7 },
  { value: '30', text: 'In 30 days', days: 30 },
  { value: '90', text: 'In 90 days', days: 90 },
  { value: '365', text: 'In a year', days: 365 },
] as const;

type End = (typeof ENDS)[number]['value'];

interface NewKeyProps {
  readonly project: string;
  readonly onMade: (key: string) => void;
  readonly onClose: () => void;
}

const NewKey = ({ project, onMade, onClose }: NewKeyProps): ReactNode => {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['ingest']);
  const [end, setEnd] = useState<End>('never');
  const [origins, setOrigins] = useState('');
  const make = useMakeKey(project);
  const attempt = useAttempt();
  const mayConfine = scopes.length === 1 && scopes[0] === 'ingest';
  const submit = async (): Promise<void> => {
    const days = ENDS.find(({ value }) => value === end)?.days;
    const { key } = await make({
      ...{ name: name.trim(), scopes },
      ...(days === undefined ? {} : { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
      ...(mayConfine && linesOf(origins).length > 0 ? { origins: linesOf(origins) } : {}),
    });
    onMade(key);
  };
  return (
    <DialogForm
      title="New key"
      action="Make the key"
      attempt={attempt}
      isDisabled={name.trim() === '' || scopes.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label="Name"
        note="What people call it: where it is used."
        value={name}
        maxLength={200}
        onChange={setName}
      />
      <fieldset className="settings-scopes">
        <legend className="field-label">What it may do</legend>
        {SCOPES.map(({ scope, text }) => (
          <Checkbox
            key={scope}
            label={text}
            isOn={scopes.includes(scope)}
            onChange={(isOn) =>
              setScopes(isOn ? [...scopes, scope] : scopes.filter((each) => each !== scope))
            }
          />
        ))}
      </fieldset>
      <Field label="It ends">
        {({ id }) => <Select id={id} label="It ends" options={ENDS} value={end} onChange={setEnd} />}
      </Field>
      {mayConfine ? (
        <TextArea
          label="Only pages of these origins (if any)"
          note="One a line, as https://shop.example.com or https://*.example.com. Programs that are no pages are refused then."
          value={origins}
          rows={2}
          spellCheck={false}
          onChange={setOrigins}
        />
      ) : null}
    </DialogForm>
  );
};

const GRACE_HOURS = 24;

type Doing = { readonly what: 'new' } | { readonly what: 'rotate' | 'revoke'; readonly key: Key } | undefined;

const columnsOf = (zone: string, nowMs: number, begin: (doing: Doing) => void): readonly Column<Key>[] => [
  {
    key: 'name',
    head: 'Name',
    sortBy: ({ name }) => name,
    cell: (key) => (
      <span className="settings-key" data-over={isOver(key, nowMs) ? '' : undefined}>
        <strong>{key.name}</strong>
        <span className="settings-key-facts">
          <code>{key.prefix}…</code>
          <span className="settings-narrow"> · {key.scopes.join(', ')}</span>
          {key.origins.length === 0 ? '' : ` · only from ${key.origins.join(', ')}`}
        </span>
      </span>
    ),
  },
  { key: 'scopes', head: 'May', isWide: true, cell: ({ scopes }) => scopes.join(', ') },
  {
    key: 'used',
    head: 'Last used',
    isWide: true,
    sortBy: ({ last_used_at: at }) => at ?? '',
    cell: ({ last_used_at: at }) => (at === null ? 'never' : <Seen at={at} />),
  },
  { key: 'state', head: 'State', cell: (key) => stateOf(key, nowMs, (at) => dateIn(at, zone)) },
  {
    key: 'do',
    head: '',
    isNumber: true,
    cell: (key) =>
      isOver(key, nowMs) ? null : (
        <span className="settings-do">
          <Button
            size="small"
            aria-label={`Replace ${key.name}`}
            onClick={() => begin({ what: 'rotate', key })}
          >
            Replace
          </Button>
          <Button
            size="small"
            kind="danger"
            aria-label={`Revoke ${key.name}`}
            onClick={() => begin({ what: 'revoke', key })}
          >
            Revoke
          </Button>
        </span>
      ),
  },
];

const Dialogs = ({
  project,
  doing,
  onMade,
  onClose,
}: {
  readonly project: string;
  readonly doing: Doing;
  readonly onMade: (key: string) => void;
  readonly onClose: () => void;
}): ReactNode => {
  const rotate = useRotateKey(project);
  const revoke = useRevokeKey(project);
  if (doing === undefined) return null;
  if (doing.what === 'new') return <NewKey project={project} onMade={onMade} onClose={onClose} />;
  const { key } = doing;
  if (doing.what === 'rotate')
    return (
      <ConfirmDialog
        title={`Replace ${key.name}?`}
        action="Make the new key"
        onConfirm={async () => {
          const made = await rotate({ id: key.id, grace_s: GRACE_HOURS * 3600 });
          onMade(made.key);
        }}
        onClose={onClose}
      >
        A new key with the same rights takes its place. The old one is good for another {GRACE_HOURS} hours,
        so that whoever uses it has time to change.
      </ConfirmDialog>
    );
  return (
    <ConfirmDialog
      title={`Revoke ${key.name}?`}
      action="Revoke it"
      isDanger
      onConfirm={() => revoke(key.id)}
      onClose={onClose}
    >
      Whatever uses it is refused at once: events that it sends are lost unless their sender keeps them. This
      cannot be undone.
    </ConfirmDialog>
  );
};

/** The keys of the project: what programs sign in with. */
export const KeysPart = ({ project, session }: PageProps): ReactNode =>
  administers(session) ? (
    <div className="settings-parts">
      <Keys project={project} />
    </div>
  ) : (
    <Lacking session={session} title="You may not see keys" />
  );

const Keys = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error, atMs, again } = useKeys(project);
  const [doing, setDoing] = useState<Doing>();
  const [made, setMade] = useState<string>();
  const [nowMs] = useState(() => Date.now());
  const zone = useTimeZone();
  return (
    <Card
      title="Keys"
      aside={
        <>
          <Fresh atMs={atMs} staleMs={300_000} />
          <Button size="small" icon="plus" onClick={() => setDoing({ what: 'new' })}>
            New key
          </Button>
        </>
      }
      className="settings-list"
    >
      <Loaded
        data={data}
        error={error?.message}
        trouble="Keys could not be listed"
        again={again}
        loading={<Skeleton height="8rem" />}
      >
        {({ keys }) => (
          <Table
            caption="Keys"
            columns={columnsOf(zone, nowMs, setDoing)}
            rows={[...keys].sort((a, b) => Number(isOver(a, nowMs)) - Number(isOver(b, nowMs)))}
            keyOf={({ id }) => id}
          />
        )}
      </Loaded>
      <Dialogs
        project={project}
        doing={doing}
        onMade={(key) => {
          setDoing(undefined);
          setMade(key);
        }}
        onClose={() => setDoing(undefined)}
      />
      {made === undefined ? null : (
        <ShownOnce title="The key is made" label="the key" text={made} onClose={() => setMade(undefined)}>
          It is shown here and never again. Only its hash is kept.
        </ShownOnce>
      )}
    </Card>
  );
};
