import type { ReactNode } from 'react';
import type { RangeInput } from '../../../src/contract/question.ts';
import { Button, Link, Notice, PartLinks } from '../design/index.ts';
import { SESSIONS_PATH } from '../lib/paths.ts';
import type { PageProps } from '../page-props.ts';

const PARTS = [
  { to: '/sessions', text: 'Overview' },
  { to: SESSIONS_PATH, text: 'Single sessions' },
] as const;

/** Whether somebody may see single sessions. */
export const maySeeOne = ({ permissions }: PageProps['session']): boolean =>
  permissions.includes('personal:read');

interface PartsProps {
  readonly session: PageProps['session'];
  /** The address of the part that is shown. */
  readonly now: (typeof PARTS)[number]['to'];
}

/** Leads between the numbers of all sessions and single ones. Who may not see these has one part only. */
export const SessionParts = ({ session, now }: PartsProps): ReactNode =>
  maySeeOne(session) ? (
    <div className="session-parts">
      <PartLinks label="Sessions" parts={PARTS} now={now} />
    </div>
  ) : null;

const ALL_TIME = 'all time';

interface NoSessionsProps {
  /** Only those that meet something are looked for. */
  readonly isSought: boolean;
  readonly onShowAll: () => void;
  readonly range: RangeInput;
  readonly onRange: (range: RangeInput) => void;
}

/** No session began in a time, and what may help. */
export const NoSessions = ({ isSought, onShowAll, range, onRange }: NoSessionsProps): ReactNode => {
  if (isSought)
    return (
      <Notice
        icon="session"
        title="No session fits"
        action={<Button onClick={onShowAll}>Show all sessions</Button>}
      >
        No session that began in this time meets all of this.
      </Notice>
    );
  const isAllTime = range === ALL_TIME;
  return (
    <Notice
      icon="session"
      title={isAllTime ? 'No sessions yet' : 'No sessions in this time'}
      action={
        isAllTime ? (
          <Link className="button" to="/">
            How events are sent
          </Link>
        ) : (
          <Button onClick={() => onRange(ALL_TIME)}>Look at all time</Button>
        )
      }
    >
      Events make up sessions by their <code>session_id</code>: clients send it by themselves.
    </Notice>
  );
};

/** Stands in the place of single sessions for those who may not see them. */
export const lackingWords = ({ session, project }: Pick<PageProps, 'session' | 'project'>): ReactNode => (
  <>
    They are shown to those with the permission <code>personal:read</code>; your role in the project {project}{' '}
    is {session.role}.
  </>
);
