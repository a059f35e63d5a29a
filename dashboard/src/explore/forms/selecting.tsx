import type { ReactNode } from 'react';
import type { Selector } from '../../../../src/contract/question.ts';
import { EventPicker } from '../../ask/event-picker.tsx';
import { SelectorEditor } from '../../ask/selector-editor.tsx';
import { isUnchosen } from '../problems.ts';

interface SelectingProps {
  readonly project: string;
  readonly label: string;
  readonly value: Selector | undefined;
  readonly onChange: (selector: Selector) => void;
  readonly allowsAny?: boolean;
}

/** Events that a part of the question means, which may still be to be chosen. */
export const Selecting = ({
  project,
  label,
  value,
  onChange,
  allowsAny = true,
}: SelectingProps): ReactNode =>
  isUnchosen(value) ? (
    <EventPicker
      project={project}
      label={label}
      value={undefined}
      allowsAny={allowsAny}
      onChange={(type) => onChange(type === '' ? {} : type)}
    />
  ) : (
    <SelectorEditor project={project} label={label} value={value} onChange={onChange} allowsAny={allowsAny} />
  );
