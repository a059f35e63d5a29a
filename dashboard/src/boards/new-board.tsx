import { type ReactNode, useState } from 'react';
import { useBoardTemplates, useMakeBoard } from '../data/boards.ts';
import { Segmented, TextField } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { DialogForm } from '../design/dialog-form.tsx';
import type { Start, Template } from './template-cards.tsx';
import { useAttempt } from '../lib/use-attempt.ts';

interface ParametersProps {
  readonly template: Template;
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (name: string, value: string) => void;
}

/** What the events of a template are called here. */
const Parameters = ({ template, values, onChange }: ParametersProps): ReactNode => (
  <fieldset className="new-parameters">
    <legend className="field-label">What it asks about</legend>
    {template.parameters.map(({ name, label, default: usual }) => (
      <TextField
        key={name}
        label={label}
        placeholder={usual}
        value={values[name] ?? ''}
        onChange={(value) => onChange(name, value)}
        spellCheck={false}
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
    const given = template?.parameters.flatMap((each) => {
      const value = values[each.name]?.trim() ?? '';
      return value === '' ? [] : [[each.name, value] as const];
    });
    const board = await make(
      template === undefined
        ? { name: title, description: '', tags: [], variables: [], tiles: [] }
        : {
            template: template.template,
            description: template.description,
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
          template={template}
          values={values}
          onChange={(parameter, value) => setValues({ ...values, [parameter]: value })}
        />
      )}
    </DialogForm>
  );
};
