import { type ReactNode, useState } from 'react';
import { useChangePassword, useEndSession, useMe, useMySessions } from '../data/settings.ts';
import {
  Button,
  Card,
  type Column,
  FieldError,
  Link,
  Loaded,
  Notice,
  Skeleton,
  Table,
  TextField,
  toast,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';

interface OwnSession {
  readonly id: string;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly current: boolean;
}

const Password = ({ project }: { readonly project: string }): ReactNode => {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [again, setAgain] = useState('');
  const change = useChangePassword(project);
  const attempt = useAttempt();
  const isSame = wanted === again;
  const submit = async (): Promise<void> => {
    await change({ current_password: current, new_password: wanted });
    setCurrent('');
    setWanted('');
    setAgain('');
    toast('The password is changed.');
  };
  return (
    <Card title="Password">
      <form
        className="dialog-form settings-password"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSame) attempt.run(submit);
        }}
      >
        <TextField
          label="Password now"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={setCurrent}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          note="A few words are better than few letters."
          value={wanted}
          onChange={setWanted}
        />
        <TextField
          label="New password again"
          type="password"
          autoComplete="new-password"
          error={again === '' || isSame ? undefined : 'It differs from the one above.'}
          value={again}
          onChange={setAgain}
        />
        <FieldError text={attempt.trouble} />
        <div>
          <Button
            type="submit"
            kind="primary"
            disabled={attempt.isBusy || current === '' || wanted === '' || !isSame}
          >
            Change it
          </Button>
        </div>
      </form>
    </Card>
  );
};

const sessionColumns = (
  zone: string,
  isBusy: boolean,
  onEnd: (id: string) => void,
): readonly Column<OwnSession>[] => [
  {
    key: 'since',
    head: 'Signed in',
    cell: ({ created_at: at, current }) => (
      <>
        {instantIn(at, zone)}
        {current ? <strong>, this one</strong> : null}
      </>
    ),
  },
  { key: 'used', head: 'Last used', cell: ({ last_used_at: at }) => <Seen at={at} /> },
  {
    key: 'do',
    head: '',
    isNumber: true,
    cell: ({ id, current }) =>
      current ? null : (
        <Button size="small" disabled={isBusy} onClick={() => onEnd(id)}>
          Sign out there
        </Button>
      ),
  },
];

const Sessions = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error, again } = useMySessions(project);
  const end = useEndSession(project);
  const attempt = useAttempt();
  const zone = useTimeZone();
  return (
    <Card title="Where you are signed in" className="settings-list">
      <FieldError text={attempt.trouble} />
      <Loaded
        data={data}
        error={error?.message}
        trouble="Sessions could not be listed"
        again={again}
        loading={<Skeleton height="6rem" />}
      >
        {({ sessions }) => (
          <Table
            caption="Sessions"
            columns={sessionColumns(zone, attempt.isBusy, (id) => attempt.run(() => end(id)))}
            rows={sessions}
            keyOf={({ id }) => id}
          />
        )}
      </Loaded>
    </Card>
  );
};

/** Whoever signed in by a key or a link. */
const NoAccount = ({ project, role }: { readonly project: string; readonly role: string }): ReactNode => {
  const { data, error, again } = useMe(project);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="How you signed in could not be read"
      again={again}
      loading={<Skeleton height="12rem" />}
    >
      {({ kind }) => (
        <Notice icon="key" title="You have no account here">
          You signed in by {kind === 'key' ? 'a key' : 'a printed link'}, as {role}. Invite yourself under{' '}
          <Link to="/settings/members">Members</Link> for an account with a password, and a name in the audit
          log.
        </Notice>
      )}
    </Loaded>
  );
};

/** One's own account: password and sessions. Whoever signed in by a key or a link has none. */
export const SecurityPart = ({ project, session }: PageProps): ReactNode => {
  const { user } = session;
  if (user === null) return <NoAccount project={project} role={session.role} />;
  return (
    <div className="settings-parts">
      <Card title="Your account">
        <p>
          <strong>{user.name}</strong> <span className="quiet">{user.email}</span>
        </p>
        <p className="quiet">
          {session.role} of the project {session.project}
        </p>
      </Card>
      <Password project={project} />
      <Sessions project={project} />
    </div>
  );
};
