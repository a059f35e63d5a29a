import { type ReactNode, useState } from 'react';
import {
  type Invitation,
  type Member,
  type Role,
  useChangeRole,
  useInvitations,
  useInvite,
  useMe,
  useMembers,
  useRemoveMember,
  useUninvite,
} from '../data/settings.ts';
import {
  Avatar,
  Button,
  Card,
  type Column,
  ConfirmDialog,
  DialogForm,
  Failed,
  Field,
  FieldError,
  Loaded,
  Notice,
  Select,
  Skeleton,
  Table,
  TextField,
  toast,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { useTimeZone } from '../lib/time-zone.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { dateIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { administers, Lacking } from './lacking.tsx';
import { ShownOnce } from './shown-once.tsx';

const ROLES: readonly { readonly value: Role; readonly text: string; readonly note: string }[] = [
  { value: 'owner', text: 'Owner', note: 'also administers the organisation' },
  { value: 'admin', text: 'Admin', note: 'also administers the project' },
  { value: 'analyst', text: 'Analyst', note: 'also sees single people, asks in SQL, saves' },
  { value: 'viewer', text: 'Viewer', note: 'asks questions that name nobody' },
];

/** Stands for all projects; no project is called so. */
const ALL = '';

interface InviteProps {
  readonly project: string;
  readonly organisation: string;
  readonly isOwner: boolean;
  readonly onMade: (url: string, email: string) => void;
  readonly onClose: () => void;
}

const Invite = ({ project, organisation, isOwner, onMade, onClose }: InviteProps): ReactNode => {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const [where, setWhere] = useState(project);
  const invite = useInvite(project, organisation);
  const attempt = useAttempt();
  // Owners are owners of whole organisations.
  const isWhole = where === ALL || role === 'owner';
  return (
    <DialogForm
      title="Invite somebody"
      action="Make the link"
      attempt={attempt}
      isDisabled={email.trim() === ''}
      onSubmit={async () => {
        const made = await invite({ email: email.trim(), role, ...(isWhole ? {} : { project: where }) });
        onMade(made.url, made.invitation.email);
      }}
      onClose={onClose}
    >
      <TextField
        label="E-mail"
        type="email"
        note="It names the account; nothing is sent to it. You pass the link on."
        value={email}
        onChange={setEmail}
      />
      <Field label="Role">
        {({ id }) => (
          <Select
            id={id}
            label="Role"
            options={isOwner ? ROLES : ROLES.filter(({ value }) => value !== 'owner')}
            value={role}
            onChange={setRole}
          />
        )}
      </Field>
      {role === 'owner' || !isOwner ? null : (
        <Field label="Where">
          {({ id }) => (
            <Select
              id={id}
              label="Where"
              options={[
                { value: project, text: `Only in the project ${project}` },
                { value: ALL, text: 'In all projects of the organisation' },
              ]}
              value={where}
              onChange={setWhere}
            />
          )}
        </Field>
      )}
    </DialogForm>
  );
};

const placeOf = (project: string | null): string => project ?? 'all projects';

interface PartProps {
  readonly project: string;
  readonly organisation: string;
}

const RoleOf = ({ member, project, organisation }: PartProps & { readonly member: Member }): ReactNode => {
  const change = useChangeRole(project, organisation);
  const attempt = useAttempt();
  return (
    <>
      <Select
        label={`Role of ${member.user.name}`}
        size="small"
        options={member.project === null ? ROLES : ROLES.filter(({ value }) => value !== 'owner')}
        value={member.role}
        isDisabled={attempt.isBusy}
        onChange={(role) => attempt.run(() => change({ id: member.id, role }))}
      />
      <FieldError text={attempt.trouble} />
    </>
  );
};

const memberColumns = (
  { project, organisation }: PartProps,
  onRemove: (member: Member) => void,
): readonly Column<Member>[] => [
  {
    key: 'who',
    head: 'Who',
    sortBy: ({ user }) => user.name,
    cell: ({ user, disabled }) => (
      <span className="settings-who">
        <Avatar name={user.name} size={28} />
        <span className="settings-names">
          <strong className="truncate" title={user.name}>
            {user.name}
          </strong>
          <span className="truncate quiet" title={user.email}>
            {user.email}
            {disabled ? ', disabled' : ''}
          </span>
        </span>
      </span>
    ),
  },
  {
    key: 'role',
    head: 'Role',
    cell: (member) => <RoleOf member={member} project={project} organisation={organisation} />,
  },
  { key: 'where', head: 'Where', isWide: true, cell: (member) => placeOf(member.project) },
  {
    key: 'in',
    head: 'Last signed in',
    isWide: true,
    cell: ({ signed_in_at: at }) => (at === null ? 'never' : <Seen at={at} />),
  },
  {
    key: 'do',
    head: '',
    isNumber: true,
    cell: (member) => (
      <Button size="small" kind="danger" onClick={() => onRemove(member)}>
        Remove
      </Button>
    ),
  },
];

const Members = ({ project, organisation }: PartProps): ReactNode => {
  const { data, error, again } = useMembers(project, organisation);
  const remove = useRemoveMember(project, organisation);
  const [leaving, setLeaving] = useState<Member>();
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="Members could not be listed"
      again={again}
      loading={<Skeleton height="8rem" />}
    >
      {({ members }) => (
        <>
          <Table
            caption="Members"
            className="settings-members"
            columns={memberColumns({ project, organisation }, setLeaving)}
            rows={members}
            keyOf={({ id }) => id}
            empty={
              <Notice icon="users" title="Nobody yet">
                So far whoever has the admin key or a printed link signs in. Invite people, and each has a
                role and a name in the audit log.
              </Notice>
            }
          />
          {leaving === undefined ? null : (
            <ConfirmDialog
              title={`Remove ${leaving.user.name}?`}
              action="Remove"
              isDanger
              onConfirm={async () => {
                await remove(leaving.id);
                toast(`${leaving.user.name} is removed.`);
              }}
              onClose={() => setLeaving(undefined)}
            >
              {leaving.user.email} loses the role {leaving.role} in {placeOf(leaving.project)}, at once. What
              they saved stays.
            </ConfirmDialog>
          )}
        </>
      )}
    </Loaded>
  );
};

const invitationColumns = (
  zone: string,
  isBusy: boolean,
  onTakeBack: (id: string) => void,
): readonly Column<Invitation>[] => [
  { key: 'who', head: 'Who', cell: ({ email }) => email },
  { key: 'role', head: 'Role', cell: ({ role }) => role },
  { key: 'where', head: 'Where', isWide: true, cell: (each) => placeOf(each.project) },
  { key: 'by', head: 'Invited by', isWide: true, cell: (each) => each.invited_by },
  { key: 'until', head: 'Good until', isWide: true, cell: ({ expires_at: at }) => dateIn(at, zone) },
  {
    key: 'do',
    head: '',
    isNumber: true,
    cell: ({ id }) => (
      <Button size="small" disabled={isBusy} onClick={() => onTakeBack(id)}>
        Take back
      </Button>
    ),
  },
];

const Invitations = ({ project, organisation }: PartProps): ReactNode => {
  const { data, error, again } = useInvitations(project, organisation);
  // What fails for both is told once.
  const { data: members } = useMembers(project, organisation);
  const takeBack = useUninvite(project, organisation);
  const attempt = useAttempt();
  const zone = useTimeZone();
  if (data === undefined)
    return error === undefined || members === undefined ? null : (
      <Card title="Open invitations" className="settings-list">
        <Failed title="Invitations could not be listed" again={again}>
          {error.message}
        </Failed>
      </Card>
    );
  if (data.invitations.length === 0) return null;
  return (
    <Card title="Open invitations" className="settings-list">
      <FieldError text={attempt.trouble} />
      <Table
        caption="Open invitations"
        columns={invitationColumns(zone, attempt.isBusy, (id) => attempt.run(() => takeBack(id)))}
        rows={data.invitations}
        keyOf={({ id }) => id}
      />
    </Card>
  );
};

interface Made {
  readonly url: string;
  readonly email: string;
}

/** Who may do what: the people of the organisation. */
export const MembersPart = ({ project, session }: PageProps): ReactNode => {
  const { data: me, error, again } = useMe(project);
  const [isInviting, setInviting] = useState(false);
  const [made, setMade] = useState<Made>();
  if (!administers(session)) return <Lacking session={session} title="You may not see the members" />;
  const organisation = me?.projects.find(({ name }) => name === project)?.organisation;
  if (organisation === undefined)
    return me === undefined && error === undefined ? (
      <Skeleton height="12rem" />
    ) : (
      <Failed title="Members could not be listed" again={again}>
        {error?.message ?? `The project ${project} is not among those you may see.`}
      </Failed>
    );
  const name = me?.organisations.find(({ id }) => id === organisation)?.name ?? organisation;
  return (
    <div className="settings-parts">
      <Card
        title={`Members of ${name}`}
        aside={
          <Button size="small" icon="plus" onClick={() => setInviting(true)}>
            Invite
          </Button>
        }
        className="settings-list"
      >
        <Members project={project} organisation={organisation} />
      </Card>
      <Invitations project={project} organisation={organisation} />
      {isInviting ? (
        <Invite
          project={project}
          organisation={organisation}
          isOwner={session.permissions.includes('organisation:admin')}
          onMade={(url, email) => {
            setInviting(false);
            setMade({ url, email });
          }}
          onClose={() => setInviting(false)}
        />
      ) : null}
      {made === undefined ? null : (
        <ShownOnce
          title={`The link for ${made.email}`}
          label="the link"
          text={made.url}
          onClose={() => setMade(undefined)}
        >
          Pass it on: it works once, for seven days, and is shown here and never again.
        </ShownOnce>
      )}
    </div>
  );
};
