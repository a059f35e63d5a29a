import type { ReactNode } from 'react';
import { ConditionRow } from '../ask/condition-row.tsx';
import { SelectorEditor } from '../ask/selector-editor.tsx';
import { useCohortChoices } from '../data/catalog.ts';
import { Combobox, FieldError, IconButton, Select } from '../design/index.ts';
import { CRITERION_KINDS, type CriterionDraft, newCriterion, troubleOf } from './draft.ts';

interface RowProps {
  readonly project: string;
  readonly draft: CriterionDraft;
  readonly onChange: (draft: CriterionDraft) => void;
  readonly onRemove: () => void;
  /** A cohort cannot belong to itself. */
  readonly self: string | undefined;
  /** What is wrong is shown. */
  readonly isTried: boolean;
}

type PartProps = Omit<RowProps, 'onRemove' | 'isTried'>;

interface ShortProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
}

const Short = ({ label, value, placeholder, onChange }: ShortProps): ReactNode => (
  <input
    className="input criterion-short"
    aria-label={label}
    placeholder={placeholder}
    autoComplete="off"
    spellCheck={false}
    value={value}
    onChange={({ target }) => onChange(target.value)}
  />
);

const Within = ({ value, onChange }: Pick<ShortProps, 'value' | 'onChange'>): ReactNode => (
  <span className="criterion-words">
    within <Short label="Within" placeholder="ever" value={value} onChange={onChange} />
  </span>
);

const OtherCohort = ({ project, draft, onChange, self }: PartProps): ReactNode => {
  const { data, error } = useCohortChoices(project);
  if (draft.kind !== 'cohort') return null;
  return (
    <>
      <Select
        label="Member or not"
        options={[
          { value: 'yes', text: 'the cohort' },
          { value: 'no', text: 'anything but the cohort' },
        ]}
        value={draft.member ? 'yes' : 'no'}
        onChange={(value) => onChange({ ...draft, member: value === 'yes' })}
      />
      <Combobox
        label="Cohort"
        placeholder="Choose a cohort"
        options={(data?.cohorts ?? [])
          .filter(({ id }) => id !== self)
          .map(({ id, name }) => ({ value: id, text: name }))}
        trouble={error?.message ?? (data?.cohorts.length === 0 ? 'There is no other cohort' : undefined)}
        value={draft.cohort}
        onChange={(cohort) => onChange({ ...draft, cohort })}
      />
    </>
  );
};

const Parts = (props: PartProps): ReactNode => {
  const { project, draft, onChange } = props;
  switch (draft.kind) {
    case 'did':
      return (
        <>
          <SelectorEditor
            project={project}
            label="Event"
            value={draft.event}
            onChange={(event) => onChange({ ...draft, event })}
          />
          <span className="criterion-words">
            at least{' '}
            <Short
              label="At least so many times"
              placeholder="1"
              value={draft.atLeast}
              onChange={(atLeast) => onChange({ ...draft, atLeast })}
            />{' '}
            times
          </span>
          <Within value={draft.within} onChange={(within) => onChange({ ...draft, within })} />
        </>
      );
    case 'did_not':
      return (
        <>
          <SelectorEditor
            project={project}
            label="Event"
            value={draft.event}
            onChange={(event) => onChange({ ...draft, event })}
          />
          <Within value={draft.within} onChange={(within) => onChange({ ...draft, within })} />
        </>
      );
    case 'property':
      return (
        <div className="criterion-condition">
          <ConditionRow
            project={project}
            types={[]}
            condition={draft.is}
            onChange={(is) => onChange({ ...draft, is })}
          />
        </div>
      );
    case 'first_seen':
      return (
        <>
          <Within value={draft.within} onChange={(within) => onChange({ ...draft, within })} />
          <span className="criterion-words">
            and{' '}
            <Short
              label="So long ago or longer"
              placeholder="any time"
              value={draft.before}
              onChange={(before) => onChange({ ...draft, before })}
            />{' '}
            ago or longer
          </span>
        </>
      );
    case 'cohort':
      return <OtherCohort {...props} />;
  }
};

/** A criterion as a sentence whose parts can be changed. */
export const CriterionRow = ({ onRemove, isTried, ...part }: RowProps): ReactNode => {
  const { draft, onChange } = part;
  const trouble = troubleOf(draft);
  return (
    <li className="criterion">
      <div className="criterion-parts">
        <Select
          label="Kind of criterion"
          options={CRITERION_KINDS}
          value={draft.kind}
          onChange={(kind) => onChange({ ...newCriterion(kind), key: draft.key })}
        />
        <Parts {...part} />
        <IconButton icon="close" label="Remove the criterion" onClick={onRemove} />
      </div>
      <FieldError text={isTried ? trouble : undefined} />
    </li>
  );
};
