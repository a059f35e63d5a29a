import { type ReactNode, useState } from 'react';
import type { CohortAnswer } from '../../../src/contract/cohorts.ts';
import type { UsersAnswer } from '../../../src/contract/users.ts';
import { useCohortSize, useCohorts, useRemoveCohort } from '../data/cohorts.ts';
import { useUsers } from '../data/users.ts';
import {
  Avatar,
  Banner,
  Button,
  Card,
  type Column,
  ConfirmDialog,
  Failed,
  Fresh,
  Link,
  Listed,
  Notice,
  Page,
  Skeleton,
  Stat,
  Table,
} from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { goTo } from '../lib/address.ts';
import { fullCount, shortCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { CohortForm } from './cohort-form.tsx';
import { cohortPath, mayWrite, namesOf } from './facts.ts';
import { criterionWords } from './words.ts';

type User = UsersAnswer['users'][number];

const userPath = (id: string): string => `/users/${encodeURIComponent(id)}`;

const MEMBER_COLUMNS: readonly Column<User>[] = [
  {
    key: 'user',
    head: 'User',
    cell: ({ user_id: id }) => (
      <span className="cohort-user">
        <Avatar name={id} size={20} />
        <Link className="truncate" to={userPath(id)}>
          {id}
        </Link>
      </span>
    ),
  },
  { key: 'last', head: 'Last seen', cell: ({ last_seen: at }) => <Seen at={at} /> },
  { key: 'events', head: 'Events', isNumber: true, cell: ({ events }) => fullCount(events) },
];

/** Those of its members who were active last. */
const Members = ({
  project,
  cohort,
}: {
  readonly project: string;
  readonly cohort: CohortAnswer;
}): ReactNode => {
  const filter = { op: 'in_cohort', cohort: cohort.id } as const;
  const list = useUsers(project, { filter, sort: 'last_seen' });
  const users = list.pages.flatMap((page) => page.users);
  return (
    <Card
      title="Who belongs to it"
      aside={
        <>
          <Fresh atMs={list.atMs} />
          <Link className="button" data-size="small" to="/users" params={{ filter: JSON.stringify(filter) }}>
            In the list of users
          </Link>
        </>
      }
      className="cohort-list"
    >
      <Listed list={list} trouble="Its members could not be listed" moreText="More members" height="12rem">
        <Table
          caption="Members, last seen first"
          columns={MEMBER_COLUMNS}
          rows={users}
          keyOf={({ user_id: id }) => id}
          onRow={({ user_id: id }) => goTo(userPath(id))}
          empty={<Notice title="Nobody belongs to it">No user meets its criteria as they are now.</Notice>}
        />
      </Listed>
    </Card>
  );
};

const Definition = ({
  cohort,
  nameOf,
}: {
  readonly cohort: CohortAnswer;
  readonly nameOf: (id: string) => string;
}): ReactNode => {
  const { definition } = cohort;
  return (
    <Card title={definition.match === 'all' ? 'All of this holds' : 'Any of this holds'}>
      <ul className="cohort-criteria">
        {definition.criteria.map((criterion, index) => (
          <li key={index}>Somebody {criterionWords(criterion, nameOf)}</li>
        ))}
      </ul>
    </Card>
  );
};

const Size = ({
  project,
  cohort,
}: {
  readonly project: string;
  readonly cohort: CohortAnswer;
}): ReactNode => {
  const { data, error, atMs } = useCohortSize(project, cohort);
  const zone = useTimeZone();
  const { frozen } = cohort;
  return (
    <div className="stats cohort-stats">
      <Stat
        label="Users"
        value={
          error === undefined || data !== undefined
            ? data === undefined
              ? undefined
              : shortCount(data.size)
            : '–'
        }
        title={data === undefined ? undefined : fullCount(data.size)}
        note={
          error?.message ??
          (frozen === null ? 'live: as of now' : `static: as of ${instantIn(frozen.at, zone)}`)
        }
        atMs={atMs}
      />
    </div>
  );
};

type Doing = 'remove' | undefined;

const Known = (
  props: PageProps & { readonly cohort: CohortAnswer; readonly cohorts: readonly CohortAnswer[] },
): ReactNode => {
  const { project, session, status, cohort, cohorts } = props;
  const [doing, setDoing] = useState<Doing>();
  const remove = useRemoveCohort(project);
  const seesPeople = session.permissions.includes('personal:read');
  return (
    <Page
      title={cohort.name}
      status={status}
      description={cohort.description === '' ? undefined : cohort.description}
      actions={
        <>
          <Link className="button" to="/cohorts">
            All cohorts
          </Link>
          {mayWrite(session) ? (
            <>
              <Button icon="edit" onClick={() => goTo(`${cohortPath(cohort.id)}/edit`)}>
                Change
              </Button>
              <Button icon="trash" kind="danger" onClick={() => setDoing('remove')}>
                Remove
              </Button>
            </>
          ) : null}
        </>
      }
    >
      <div className="cohort-top">
        <Size project={project} cohort={cohort} />
        <Definition cohort={cohort} nameOf={namesOf(cohorts)} />
      </div>
      {seesPeople ? (
        <Members project={project} cohort={cohort} />
      ) : (
        <Banner kind="info">
          Who belongs to it is shown to those with the permission <code>personal:read</code>.
        </Banner>
      )}
      {doing === 'remove' ? (
        <ConfirmDialog
          title={`Remove ${cohort.name}?`}
          action="Remove"
          isDanger
          onConfirm={async () => {
            await remove(cohort.id);
            goTo('/cohorts');
          }}
          onClose={() => setDoing(undefined)}
        >
          Questions that filter by it fail from then on. Users and events stay as they are. This cannot be
          undone.
        </ConfirmDialog>
      ) : null}
    </Page>
  );
};

interface CohortViewProps extends PageProps {
  readonly id: string;
  readonly isEdit: boolean;
}

/** One cohort: how many belong to it, who, and why. */
export const CohortView = ({ id, isEdit, ...props }: CohortViewProps): ReactNode => {
  const { data, error, again } = useCohorts(props.project);
  const cohort = data?.cohorts.find((each) => each.id === id);
  if (data !== undefined && cohort !== undefined)
    return isEdit ? (
      <CohortForm {...props} cohort={cohort} />
    ) : (
      <Known {...props} cohort={cohort} cohorts={data.cohorts} />
    );
  return (
    <Page title="Cohort" status={props.status}>
      {data === undefined && error === undefined ? (
        <Skeleton height="16rem" />
      ) : error === undefined ? (
        <Notice
          icon="cohort"
          title="There is no such cohort"
          action={
            <Link className="button" to="/cohorts">
              All cohorts
            </Link>
          }
        >
          Nothing is saved as <code>{id}</code> in this project. It may have been removed.
        </Notice>
      ) : (
        <Failed title="The cohort could not be read" again={again}>
          {error.message}
        </Failed>
      )}
    </Page>
  );
};
