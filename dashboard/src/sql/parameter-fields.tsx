import type { KeyboardEvent, ReactNode } from 'react';
import { TextField } from '../design/index.ts';
import type { Parameter } from './statement.ts';

interface ParameterFieldsProps {
  readonly parameters: readonly Parameter[];
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (name: string, value: string) => void;
  readonly onRun: () => void;
}

/** What is put in the place of each `{name:Type}`. */
export const ParameterFields = ({ parameters, values, onChange, onRun }: ParameterFieldsProps): ReactNode => {
  if (parameters.length === 0) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onRun();
  };
  return (
    <div className="sql-parameters" role="group" aria-label="Parameters">
      {parameters.map(({ name, type }) => (
        <TextField
          key={name}
          label={`${name}: ${type}`}
          value={values[name] ?? ''}
          autoComplete="off"
          spellCheck={false}
          onChange={(value) => onChange(name, value)}
          onKeyDown={onKeyDown}
        />
      ))}
    </div>
  );
};
