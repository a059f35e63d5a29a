import { type ReactNode, useState } from 'react';
import { EXPORT_KINDS, type ExportDraft, exportOf } from './export-draft.ts';
import { RangePicker } from '../ask/range-picker.tsx';
import { useMakeExport } from '../data/exports.ts';
import { useInsights } from '../data/insights.ts';
import { DialogForm, Field, Segmented, Select, TextArea, TextField } from '../design/index.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { may, type TabProps } from './tab-props.ts';

const FORMATS = [
  { value: 'csv', text: 'CSV' },
  { value: 'ndjson', text: 'NDJSON' },
  { value: 'parquet', text: 'Parquet' },
  { value: 'arrow', text: 'Arrow' },
] as const;

const EVERY = [
  { value: 'none', text: 'When asked to' },
  { value: 'hour', text: 'Every hour' },
  { value: 'day', text: 'Every day' },
  { value: 'week', text: 'Every Monday' },
  { value: 'month', text: 'Every month, on the first' },
] as const;

interface PartProps {
  readonly draft: ExportDraft;
  readonly set: (part: Partial<ExportDraft>) => void;
}

const What = ({ draft, set, project, session }: PartProps & TabProps): ReactNode => {
  const { data } = useInsights(project);
  const kinds = EXPORT_KINDS.filter(({ value }) => value !== 'sql' || may(session, 'sql:run'));
  return (
    <>
      <Segmented
        label="What is exported"
        options={kinds}
        value={draft.kind}
        onChange={(kind) => set({ kind })}
      />
      {draft.kind === 'sql' ? (
        <TextArea
          label="Statement"
          className="export-sql"
          rows={6}
          spellCheck={false}
          note="With a range it may use {from:DateTime64(3)} and {to:DateTime64(3)}."
          value={draft.sql}
          onChange={(sql) => set({ sql })}
        />
      ) : draft.kind === 'insight' ? (
        <Field
          label="Insight"
          note={data?.insights.length === 0 ? 'None is saved yet: Explore saves them.' : undefined}
        >
          {({ id }) => (
            <Select
              id={id}
              label="Insight"
              options={(data?.insights ?? []).map((each) => ({ value: each.id, text: each.name }))}
              value={draft.insight === '' ? undefined : draft.insight}
              onChange={(insight) => set({ insight })}
            />
          )}
        </Field>
      ) : (
        <p className="quiet">Events an hour by type, of the range below.</p>
      )}
    </>
  );
};

const When = ({ draft, set }: PartProps): ReactNode => (
  <div className="export-fields">
    <Field label="When">
      {({ id }) => (
        <Select
          id={id}
          label="When"
          options={EVERY}
          value={draft.every}
          onChange={(every) => set({ every })}
        />
      )}
    </Field>
    {draft.every === 'none' || draft.every === 'hour' ? null : (
      <TextField label="At" type="time" value={draft.at} onChange={(at) => set({ at })} />
    )}
    {draft.every === 'none' ? null : (
      <TextField label="Time zone" value={draft.timezone} onChange={(timezone) => set({ timezone })} />
    )}
  </div>
);

interface ExportFormProps extends TabProps {
  readonly zone: string;
  readonly onClose: () => void;
}

/** Makes an export. */
export const ExportForm = ({ project, session, zone, onClose }: ExportFormProps): ReactNode => {
  const attempt = useAttempt();
  const make = useMakeExport(project);
  const [draft, setDraft] = useState<ExportDraft>({
    ...{ name: '', kind: 'events', sql: '', insight: '', format: 'csv', every: 'day', at: '06:30' },
    ...{ timezone: zone, range: 'yesterday', keep: '30' },
  });
  const set = (part: Partial<ExportDraft>): void => setDraft({ ...draft, ...part });
  const input = exportOf(draft);
  return (
    <DialogForm
      title="New export"
      action="Save"
      attempt={attempt}
      isWide
      isDisabled={input === undefined}
      onSubmit={async () => {
        if (input === undefined) return;
        await make(input);
        onClose();
      }}
      onClose={onClose}
    >
      <TextField label="Name" value={draft.name} maxLength={100} onChange={(name) => set({ name })} />
      <What {...{ draft, set, project, session }} />
      <div className="export-fields">
        <Field label="Range" note="Relative to when a run is due.">
          {() => <RangePicker label="Range" value={draft.range} onChange={(range) => set({ range })} />}
        </Field>
        <Field label="Format">
          {({ id }) => (
            <Select
              id={id}
              label="Format"
              options={FORMATS}
              value={draft.format}
              onChange={(format) => set({ format })}
            />
          )}
        </Field>
        <TextField
          label="Files kept"
          inputMode="numeric"
          value={draft.keep}
          onChange={(keep) => set({ keep })}
        />
      </div>
      <When draft={draft} set={set} />
    </DialogForm>
  );
};
