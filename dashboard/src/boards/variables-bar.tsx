import type { ReactNode } from 'react';
import type { Variable, VariableValues } from '../../../src/contract/boards.ts';
import { NamedControl } from '../board/choice-control.tsx';
import { Button } from '../design/index.ts';
import { changeAddress } from '../lib/address.ts';
import { saysSame } from '../lib/same.ts';
import { effective, parameterOf, type Value, valueText } from '../board/address-values.ts';
import { VariableControl } from './variable-control.tsx';

interface BarProps {
  readonly project: string;
  readonly variables: readonly Variable[];
  /** What the address says. */
  readonly values: VariableValues;
}

/** What whoever looks at a board may choose. It stands in the address, so that a sent link shows the same. */
export const VariablesBar = ({ project, variables, values }: BarProps): ReactNode => {
  if (variables.length === 0) return null;
  const choose = (variable: Variable, value: Value): void =>
    changeAddress(
      { [parameterOf(variable.name)]: saysSame(value, variable.default) ? null : valueText(value) },
      { isStep: true },
    );
  const clear = (): void =>
    changeAddress(Object.fromEntries(variables.map(({ name }) => [parameterOf(name), null])), {
      isStep: true,
    });
  return (
    <div className="variables" role="group" aria-label="What is shown">
      {variables.map((variable) => (
        <NamedControl key={variable.name} label={variable.label === '' ? variable.name : variable.label}>
          <VariableControl
            project={project}
            variable={variable}
            value={effective(variable, values)}
            onChange={(value) => choose(variable, value)}
          />
        </NamedControl>
      ))}
      {Object.keys(values).length === 0 ? null : (
        <Button kind="plain" size="small" onClick={clear}>
          As it was
        </Button>
      )}
    </div>
  );
};
