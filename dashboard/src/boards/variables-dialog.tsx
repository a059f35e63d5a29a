import { type ReactNode, useState } from 'react';
import type { FilterOp, Variable } from '../../../src/contract/boards.ts';
import { FieldPicker } from '../ask/field-picker.tsx';
import { OPERATORS } from '../ask/filter-model.ts';
import { ValuePicker } from '../ask/value-picker.tsx';
import { Button, Checkbox, Dialog, IconButton, Menu, TextArea, TextField } from '../design/index.ts';
import { type BoardContent, withoutVariable } from './draft.ts';
import { VariableControl } from './variable-control.tsx';
import {
  choicesOf,
  choicesText,
  KIND_WORDS,
  kindsFor,
  lackOf,
  newVariable,
  withFittingDefault,
} from './variable-draft.ts';

const OPS = Object.keys(OPERATORS) as FilterOp[];
const LABEL_MAX = 200;
const VARIABLES_MAX = 12;

interface PartProps<Kind extends Variable['kind']> {
  readonly project: string;
  readonly variable: Extract<Variable, { readonly kind: Kind }>;
  readonly onChange: (variable: Variable) => void;
}

const FieldOf = ({ project, variable, onChange }: PartProps<'filter' | 'choice'>): ReactNode => (
  <div className="field">
    <span className="field-label">Field</span>
    <FieldPicker
      project={project}
      label="Field"
      use="filter"
      value={variable.field === '' ? undefined : variable.field}
      onChange={(field) => onChange({ ...variable, field, default: null })}
    />
  </div>
);

const Ops = ({ variable, onChange }: Omit<PartProps<'filter'>, 'project'>): ReactNode => (
  <fieldset className="drawing">
    <legend className="field-label">Comparisons that are offered</legend>
    <div className="drawing-checks">
      {OPS.map((op) => (
        <Checkbox
          key={op}
          label={OPERATORS[op]}
          isOn={variable.ops.includes(op)}
          onChange={(isOn) =>
            onChange({
              ...variable,
              ops: OPS.filter((each) => (each === op ? isOn : variable.ops.includes(each))),
              default: null,
            })
          }
        />
      ))}
    </div>
  </fieldset>
);

const Choices = ({ project, variable, onChange }: PartProps<'choice'>): ReactNode => {
  const [text, setText] = useState(() => choicesText(variable.choices));
  const write = (next: string): void => {
    setText(next);
    onChange(withFittingDefault({ ...variable, choices: choicesOf(next, variable.choices) }));
  };
  return (
    <>
      {variable.field === '' ? null : (
        <ValuePicker
          project={project}
          label="Add a choice"
          placeholder="Add a value that there is"
          field={variable.field}
          without={variable.choices.map(({ value }) => String(value))}
          value={undefined}
          onChange={(value) => write(text.trim() === '' ? value : `${text.trimEnd()}\n${value}`)}
        />
      )}
      <TextArea
        label="Choices"
        note="One a line. After “ = ” what it is called: pro = Professional."
        rows={4}
        value={text}
        onChange={write}
      />
      <Checkbox
        label="Several may be chosen"
        isOn={variable.multiple}
        onChange={(multiple) => onChange(withFittingDefault({ ...variable, multiple }))}
      />
    </>
  );
};

interface OneProps {
  readonly project: string;
  readonly variable: Variable;
  readonly onChange: (variable: Variable) => void;
  readonly onRemove: () => void;
}

const One = ({ project, variable, onChange, onRemove }: OneProps): ReactNode => {
  const lack = lackOf(variable);
  return (
    <li className="variable">
      <div className="variable-head">
        <strong>{KIND_WORDS[variable.kind]}</strong>
        <code className="quiet">{variable.name}</code>
        <IconButton
          icon="trash"
          size="small"
          label={`Remove ${variable.label === '' ? variable.name : variable.label}`}
          onClick={onRemove}
        />
      </div>
      <TextField
        label="What it is called"
        value={variable.label}
        maxLength={LABEL_MAX}
        onChange={(label) => onChange({ ...variable, label })}
      />
      {variable.kind === 'filter' || variable.kind === 'choice' ? (
        <FieldOf project={project} variable={variable} onChange={onChange} />
      ) : null}
      {variable.kind === 'filter' ? <Ops variable={variable} onChange={onChange} /> : null}
      {variable.kind === 'choice' ? (
        <Choices project={project} variable={variable} onChange={onChange} />
      ) : null}
      {lack === undefined ? (
        <div className="field">
          <span className="field-label">At first</span>
          <VariableControl
            project={project}
            variable={variable}
            value={variable.default}
            onChange={(value) => onChange({ ...variable, default: value } as Variable)}
          />
        </div>
      ) : (
        <p className="field-note" role="status">
          {lack}
        </p>
      )}
    </li>
  );
};

interface VariablesProps {
  readonly project: string;
  readonly content: BoardContent;
  readonly onChange: (next: Partial<BoardContent>) => void;
  readonly onClose: () => void;
}

/** Which variables a board has: what whoever looks at it may choose. */
export const VariablesDialog = ({ project, content, onChange, onClose }: VariablesProps): ReactNode => {
  const [variables, setVariables] = useState<readonly Variable[]>(content.variables);
  const names = variables.map(({ name }) => name);
  const isWhole = variables.every((variable) => lackOf(variable) === undefined);
  const done = (): void => {
    const gone = content.variables.filter(({ name }) => !names.includes(name));
    const tiles = gone.reduce((left, { name }) => withoutVariable(left, name), content.tiles);
    onChange({ variables: [...variables], tiles });
    onClose();
  };
  return (
    <Dialog title="Variables" isWide onClose={onClose}>
      <div className="dialog-form">
        <p className="dialog-words">
          What whoever looks at the board may choose. It changes all tiles but those that say they do not heed
          it.
        </p>
        <ul className="variable-list">
          {variables.map((variable) => (
            <One
              key={variable.name}
              project={project}
              variable={variable}
              onChange={(next) =>
                setVariables(variables.map((each) => (each.name === next.name ? next : each)))
              }
              onRemove={() => setVariables(variables.filter(({ name }) => name !== variable.name))}
            />
          ))}
        </ul>
        {variables.length >= VARIABLES_MAX ? (
          <p className="field-note">A board has {VARIABLES_MAX} variables at most.</p>
        ) : (
          <Menu
            label="Add a variable"
            entries={kindsFor(variables).map((kind) => ({
              kind: 'action' as const,
              text: KIND_WORDS[kind],
              onChoose: () => setVariables([...variables, newVariable(kind, names)]),
            }))}
          >
            Add a variable
          </Menu>
        )}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={!isWhole} onClick={done}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
};
