import type { ReactNode } from 'react';
import type { CohortAnswer } from '../../../src/contract/cohorts.ts';
import { useCohorts } from '../data/cohorts.ts';
import {
  Button,
  Card,
  type Column,
  Failed,
  Fresh,
  Link,
  Notice,
  Page,
  Skeleton,
  Table,
} from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { dateIn, instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { cohortPath, mayWrite, namesOf } from './facts.ts';
import { definitionWords } from './words.ts';

const Saved = ({ cohort }: { readonly cohort: CohortAnswer }): ReactNode => {
  const zone = useTimeZone();
  return (
    <time dateTime={cohort.updated_at} title={instantIn(cohort.updated_at, zone)}>
      {dateIn(cohort.updated_at, zone)}
    </time>
  );
};

const columnsOf = (cohorts: readonly CohortAnswer[]): readonly Column<CohortAnswer>[] => {
  const nameOf = namesOf(cohorts);
  return [
    {
      key: 'name',
      head: 'Name',
      sortBy: ({ name }) => name,
      cell: ({ id, name }) => (
        <Link className="cohort-name" to={cohortPath(id)}>
          {name}
        </Link>
      ),
    },
    {
      key: 'who',
      head: 'Who belongs to it',
      isWide: true,
      cell: ({ definition }) => definitionWords(definition, nameOf),
    },
    { key: 'mode', head: 'Kind', sortBy: ({ mode }) => mode, cell: ({ mode }) => mode },
    {
      key: 'saved',
      head: 'Saved',
      isWide: true,
      sortBy: ({ updated_at: at }) => at,
      cell: (cohort) => (
        <>
          <Saved cohort={cohort} /> by {cohort.updated_by}
        </>
      ),
    },
  ];
};

const None = ({ may }: { readonly may: boolean }): ReactNode => (
  <Notice
    icon="cohort"
    title="No cohorts yet"
    action={
      may ? (
        <Button kind="primary" icon="plus" onClick={() => goTo('/cohorts/new')}>
          New cohort
        </Button>
      ) : undefined
    }
  >
    A cohort is a saved group of users, by what they did and what is known of them. It can be a filter in
    every question.
  </Notice>
);

/** The cohorts of the project. */
export const CohortList = ({ project, session, status }: PageProps): ReactNode => {
  const { data, error, atMs, again } = useCohorts(project);
  const may = mayWrite(session);
  return (
    <Page
      title="Cohorts"
      status={status}
      actions={
        may ? (
          <Button kind="primary" icon="plus" onClick={() => goTo('/cohorts/new')}>
            New cohort
          </Button>
        ) : undefined
      }
    >
      <Card
        title="Saved groups of users"
        aside={<Fresh atMs={atMs} staleMs={300_000} />}
        className="cohort-list"
      >
        {data !== undefined ? (
          <Table
            caption="Cohorts"
            columns={columnsOf(data.cohorts)}
            rows={data.cohorts}
            keyOf={({ id }) => id}
            onRow={({ id }) => goTo(cohortPath(id))}
            empty={<None may={may} />}
          />
        ) : error === undefined ? (
          <Skeleton height="12rem" />
        ) : (
          <Failed title="Cohorts could not be listed" again={again}>
            {error.message}
          </Failed>
        )}
      </Card>
    </Page>
  );
};
