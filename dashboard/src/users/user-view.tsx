import { type ReactNode, useMemo } from 'react';
import type { UserAnswer } from '../../../src/contract/users.ts';
import { Palette, summed } from '../chart/series.ts';
import { writerOf } from '../chart/units.ts';
import { useQuestion } from '../data/questions.ts';
import { useUser } from '../data/users.ts';
import {
  Avatar,
  BarTable,
  Card,
  CopyButton,
  Failed,
  Fresh,
  Link,
  Notice,
  Page,
  Skeleton,
  Stat,
} from '../design/index.ts';
import { moneyUnit } from '../insight/table-shape.ts';
import { countryName } from '../lib/country.ts';
import { ago, fullCount, plural, shortCount } from '../lib/format.ts';
import { SESSIONS_PATH } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useNow } from '../lib/use-now.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { Timeline } from './timeline.tsx';

const money = (total: number, currency: string | null): string => writerOf(moneyUnit(currency)).short(total);

interface OneProps {
  readonly user: UserAnswer;
  readonly project: string;
  readonly atMs: number | undefined;
}

/** The main currency, and what there is in others: money of several is never added up. */
const Revenue = ({ user, atMs }: Pick<OneProps, 'user' | 'atMs'>): ReactNode => {
  const [first, ...others] = [...user.revenue].sort((a, b) => b.events - a.events);
  return (
    <Stat
      label="Revenue"
      value={first === undefined ? '–' : money(first.total, first.currency)}
      title={first?.total_exact}
      note={
        first === undefined
          ? 'no event with a value'
          : [
              plural(first.events, 'event'),
              ...others.map(({ total, currency }) => money(total, currency)),
            ].join(', ')
      }
      atMs={atMs}
    />
  );
};

const Numbers = ({ user, project, atMs }: OneProps): ReactNode => {
  const zone = useTimeZone();
  const { data } = useQuestion(project, {
    kind: 'trend',
    interval: '1d',
    range: 'last 30 days',
    timezone: zone,
    filter: { field: 'user_id', op: 'eq', value: user.user_id },
  });
  const now = performance.timeOrigin + useNow();
  return (
    <div className="stats">
      <Stat
        label="Events"
        value={shortCount(user.events)}
        title={fullCount(user.events)}
        note="ever; the line: 30 days"
        atMs={atMs}
        spark={data === undefined ? undefined : summed(data)}
      />
      <Stat
        label="Sessions"
        value={shortCount(user.sessions)}
        note={
          <>
            ever;{' '}
            <Link to={SESSIONS_PATH} params={{ user: user.user_id, range: 'all time' }}>
              one by one
            </Link>
          </>
        }
        atMs={atMs}
      />
      <Stat
        label="Active days"
        value={fullCount(user.active_days)}
        note={`since ${ago(now - Date.parse(user.first_seen))}`}
        atMs={atMs}
      />
      <Revenue user={user} atMs={atMs} />
    </div>
  );
};

const Facts = ({ user }: { readonly user: UserAnswer }): ReactNode => {
  const zone = useTimeZone();
  const facts: readonly (readonly [string, string | null])[] = [
    ['first seen', instantIn(user.first_seen, zone)],
    ['last seen', instantIn(user.last_seen, zone)],
    ['country', user.country === null ? null : countryName(user.country)],
    ['region', user.region],
    ['device', user.device_type],
    ['system', user.os],
    ['browser', user.browser],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span className="facts-value">{value}</span>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
};

const traitText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const Traits = ({ traits }: Pick<UserAnswer, 'traits'>): ReactNode => {
  const entries = Object.entries(traits);
  if (entries.length === 0)
    return (
      <p className="quiet">
        None. <code>identify</code> events tell them.
      </p>
    );
  return (
    <dl className="facts">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt className="truncate" title={name}>
            {name}
          </dt>
          <dd>
            <span className="facts-value">{traitText(value)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
};

const TYPES_SHOWN = 12;

const Known = ({ user, project, atMs }: OneProps): ReactNode => {
  const slots = useMemo(() => new Palette().slotsOf(user.types.map(({ type }) => type)), [user.types]);
  return (
    <>
      <Numbers user={user} project={project} atMs={atMs} />
      <div className="user-columns">
        <div className="user-side">
          <Card title="Profile">
            <Facts user={user} />
          </Card>
          <Card title="Traits">
            <Traits traits={user.traits} />
          </Card>
          <Card title="What they do">
            <BarTable
              caption="Events by type"
              nameHead="Type"
              countHead="Events"
              whole={user.events}
              rows={user.types.slice(0, TYPES_SHOWN).map(({ type, events }) => ({
                key: type,
                name: type,
                count: events,
              }))}
            />
          </Card>
        </div>
        <Timeline
          project={project}
          id={user.user_id}
          types={user.types.map(({ type }) => type)}
          slots={slots}
        />
      </div>
    </>
  );
};

const Unknown = ({ id }: { readonly id: string }): ReactNode => (
  <Notice
    icon="user"
    title="Nobody is called so"
    action={
      <Link className="button" to="/users">
        All users
      </Link>
    }
  >
    No event of this project names the user <code>{id}</code>. Ids are as they were sent, upper and lower case
    differ.
  </Notice>
);

/** One user: what is known, and what they did. */
export const UserView = ({ project, status, id }: PageProps & { readonly id: string }): ReactNode => {
  const { data: user, error, atMs, again } = useUser(project, id);
  return (
    <Page
      title={id}
      heading={
        <span className="user-heading">
          <Avatar name={id} size={32} />
          {id}
          <CopyButton text={id} what="the id" />
        </span>
      }
      status={
        <>
          {status}
          <Fresh atMs={atMs} />
        </>
      }
      actions={
        <Link className="button" to="/users">
          All users
        </Link>
      }
    >
      {user !== undefined ? (
        <Known user={user} project={project} atMs={atMs} />
      ) : error === undefined ? (
        <Skeleton height="24rem" />
      ) : error.status === 404 ? (
        <Unknown id={id} />
      ) : (
        <Failed title="This user could not be looked up" again={again}>
          {error.message}
        </Failed>
      )}
    </Page>
  );
};
