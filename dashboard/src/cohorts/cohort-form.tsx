import { type ReactNode, useState } from 'react';
import type { CohortAnswer } from '../../../src/contract/cohorts.ts';
import { useChangeCohort, useMakeCohort } from '../data/cohorts.ts';
import {
  Button,
  Card,
  FieldError,
  Link,
  Notice,
  Page,
  Segmented,
  TextArea,
  TextField,
  toast,
} from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { useGuard } from '../lib/use-guard.ts';
import type { PageProps } from '../page-props.ts';
import { CriterionRow } from './criterion-row.tsx';
import { type CohortDraft, cohortOf, draftOfCohort, newCriterion, newDraft } from './draft.ts';
import { cohortPath, mayWrite } from './facts.ts';

/** As many as the server takes. */
const CRITERIA_MAX = 20;

const MODES = [
  { value: 'live', text: 'Live', title: 'Who belongs to it is looked up with each question' },
  { value: 'static', text: 'Static', title: 'Who belongs to it stays as it is when it is saved' },
] as const;

const MATCHES = [
  { value: 'all', text: 'All hold' },
  { value: 'any', text: 'Any holds' },
] as const;

interface CriteriaProps {
  readonly project: string;
  readonly draft: CohortDraft;
  readonly self: string | undefined;
  readonly isTried: boolean;
  readonly onChange: (change: Partial<CohortDraft>) => void;
}

const Criteria = ({ project, draft, self, isTried, onChange }: CriteriaProps): ReactNode => {
  const { criteria, match } = draft;
  return (
    <Card
      title="Who belongs to it"
      aside={
        <Segmented
          label="How criteria are joined"
          options={MATCHES}
          value={match}
          onChange={(next) => onChange({ match: next })}
        />
      }
    >
      <ol className="criteria">
        {criteria.map((each) => (
          <CriterionRow
            key={each.key}
            project={project}
            draft={each}
            self={self}
            isTried={isTried}
            onChange={(next) =>
              onChange({ criteria: criteria.map((other) => (other.key === each.key ? next : other)) })
            }
            onRemove={() => onChange({ criteria: criteria.filter(({ key }) => key !== each.key) })}
          />
        ))}
      </ol>
      <FieldError text={criteria.length === 0 ? 'A cohort needs a criterion.' : undefined} isStanding />
      <div>
        <Button
          icon="plus"
          size="small"
          disabled={criteria.length >= CRITERIA_MAX}
          onClick={() => onChange({ criteria: [...criteria, newCriterion('did')] })}
        >
          Criterion
        </Button>
      </div>
    </Card>
  );
};

const About = ({
  draft,
  isTried,
  onChange,
}: Pick<CriteriaProps, 'draft' | 'isTried' | 'onChange'>): ReactNode => (
  <Card title="What it is">
    <div className="dialog-form">
      <TextField
        label="Name"
        value={draft.name}
        maxLength={100}
        error={isTried && draft.name.trim() === '' ? 'Give it a name.' : undefined}
        onChange={(name) => onChange({ name })}
      />
      <TextArea
        label="Description"
        value={draft.description}
        maxLength={1000}
        onChange={(description) => onChange({ description })}
      />
      <Segmented label="Kind" options={MODES} value={draft.mode} onChange={(mode) => onChange({ mode })} />
      <p className="field-note">{MODES.find(({ value }) => value === draft.mode)?.title}.</p>
    </div>
  </Card>
);

/** Makes a cohort, or changes one. */
export const CohortForm = (props: PageProps & { readonly cohort?: CohortAnswer }): ReactNode => {
  const { project, session, status, cohort } = props;
  const [draft, setDraft] = useState(() => (cohort === undefined ? newDraft() : draftOfCohort(cohort)));
  const [isChanged, setChanged] = useState(false);
  const [isTried, setTried] = useState(false);
  const make = useMakeCohort(project);
  const change = useChangeCohort(project);
  const attempt = useAttempt();
  useGuard(isChanged, 'Leave without saving the cohort?');
  if (!mayWrite(session))
    return (
      <Notice isPage icon="lock" title="You may not change cohorts">
        Your role in the project {project} is {session.role}. Cohorts are made and changed with the permission{' '}
        <code>insights:write</code>.
      </Notice>
    );
  const put = (part: Partial<CohortDraft>): void => {
    setDraft((now) => ({ ...now, ...part }));
    setChanged(true);
  };
  const save = async (): Promise<void> => {
    const wanted = cohortOf(draft);
    if (wanted === undefined) return;
    const saved =
      cohort === undefined
        ? await make(wanted)
        : await change({ ...wanted, id: cohort.id, version: cohort.version });
    setChanged(false);
    toast(`Saved ${saved.name}.`);
    // The guard goes with the change, which is drawn after this.
    setTimeout(() => goTo(cohortPath(saved.id), {}, { isReplace: true }));
  };
  return (
    <Page
      title={cohort === undefined ? 'New cohort' : `Change ${cohort.name}`}
      status={status}
      actions={
        <>
          <Link className="button" to={cohort === undefined ? '/cohorts' : cohortPath(cohort.id)}>
            Cancel
          </Link>
          <Button
            kind="primary"
            icon="save"
            disabled={attempt.isBusy}
            onClick={() => {
              setTried(true);
              attempt.run(save);
            }}
          >
            Save
          </Button>
        </>
      }
    >
      <FieldError text={attempt.trouble} />
      <div className="cohort-form">
        <About draft={draft} isTried={isTried} onChange={put} />
        <Criteria project={project} draft={draft} self={cohort?.id} isTried={isTried} onChange={put} />
      </div>
    </Page>
  );
};
