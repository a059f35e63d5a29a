import { type ReactNode, useState } from 'react';
import { EventPicker } from '../ask/event-picker.tsx';
import { FieldPicker } from '../ask/field-picker.tsx';
import { useBoardTemplates, useMakeBoard } from '../data/boards.ts';
import { useEventTypes } from '../data/catalog.ts';
import { Segmented, TextField } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { DialogForm } from '../design/dialog-form.tsx';
import type { Start, Template } from './template-cards.tsx';
import { useAttempt } from '../lib/use-attempt.ts';

interface ParametersProps {
  readonly project: string;
  readonly template: Template;
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (name: string, value: string) => void;
}

type Parameter = Template['parameters'][number];

interface ParameterProps {
  readonly project: string;
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** An event or a field of the project, of those that there are. */
const ParameterControl = ({ project, parameter, value, onChange }: ParameterProps): ReactNode => {
  const { label, takes } = parameter;
  const { data } = useEventTypes(project);
  const isUnknown = takes === 'event' && data !== undefined && data.types.every(({ type }) => type !== value);
  return (
    <div className="field">
      <span className="field-label">{label}</span>
      {takes === 'event' ? (
        <EventPicker project={project} label={label} value={value} onChange={onChange} />
      ) : (
        <FieldPicker project={project} label={label} use="filter" value={value} onChange={onChange} />
      )}
      {isUnknown ? <span className="field-note">There are no events of this type yet.</span> : null}
    </div>
  );
};

/** What the events of a template are called here. */
const Parameters = ({ project, template, values, onChange }: ParametersProps): ReactNode => (
  <fieldset className="new-parameters">
    <legend className="field-label">What it asks about</legend>
    {template.parameters.map((parameter) => (
      <ParameterControl
        key={parameter.name}
        project={project}
        parameter={parameter}
        value={values[parameter.name] ?? parameter.default}
        onChange={(value) => onChange(parameter.name, value)}
      />
    ))}
  </fieldset>
);

interface NewBoardProps {
  readonly project: string;
  readonly start: Start;
  readonly onClose: () => void;
}

const EMPTY = 'empty';

/** Makes a board: empty, or of a template, and goes to it. */
export const NewBoard = ({ project, start, onClose }: NewBoardProps): ReactNode => {
  const { data } = useBoardTemplates(project);
  const make = useMakeBoard(project);
  const attempt = useAttempt();
  const [chosen, setChosen] = useState<string>(start.template ?? EMPTY);
  const [name, setName] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const template = data?.templates.find((each) => each.template === chosen);
  const title = name.trim();
  const submit = async (): Promise<void> => {
    const given = template?.parameters.flatMap(({ name: parameter }) => {
      const value = values[parameter];
      return value === undefined || value === '' ? [] : [[parameter, value] as const];
    });
    const board = await make(
      template === undefined
        ? { name: title, description: '', tags: [], variables: [], tiles: [] }
        : {
            template: template.template,
            ...(title === '' ? {} : { name: title }),
            parameters: Object.fromEntries(given ?? []),
          },
    );
    onClose();
    goTo(`/boards/${board.id}`);
  };
  return (
    <DialogForm
      title="New board"
      action="Make the board"
      attempt={attempt}
      isDisabled={template === undefined && title === ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Segmented
        label="Begin with"
        size="small"
        options={[
          { value: EMPTY, text: 'Empty' },
          ...(data?.templates ?? []).map((each) => ({ value: each.template as string, text: each.name })),
        ]}
        value={chosen}
        onChange={setChosen}
      />
      {template === undefined ? null : <p className="dialog-words">{template.description}</p>}
      <TextField
        label="Name"
        placeholder={template?.name ?? 'What it is about'}
        value={name}
        onChange={setName}
        maxLength={100}
      />
      {template === undefined ? null : (
        <Parameters
          project={project}
          template={template}
          values={values}
          onChange={(parameter, value) => setValues({ ...values, [parameter]: value })}
        />
      )}
    </DialogForm>
  );
};
