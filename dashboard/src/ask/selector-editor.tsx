import './ask.css';
import type { ReactNode } from 'react';
import type { Selector } from '../../../src/contract/question.ts';
import { IconButton } from '../design/index.ts';
import { EventPicker } from './event-picker.tsx';
import { FilterEditor } from './filter-editor.tsx';
import { type Selection, selectionOf, selectorOf } from './selectors.ts';

interface TypesPickerProps {
  readonly project: string;
  /** Name for screen readers. */
  readonly label: string;
  /** None: any event. */
  readonly types: readonly string[];
  readonly onChange: (types: readonly string[]) => void;
  /** Whether any event can be meant. True unless told otherwise. */
  readonly allowsAny?: boolean;
}

/** One type of events or several, or any event. */
export const TypesPicker = ({
  project,
  label,
  types,
  onChange,
  allowsAny = true,
}: TypesPickerProps): ReactNode => {
  const put = (index: number, type: string): void =>
    onChange(type === '' ? [] : types.map((each, at) => (at === index ? type : each)));
  return (
    <div className="types-picker">
      {types.length === 0 ? (
        <EventPicker
          project={project}
          label={label}
          value={allowsAny ? '' : undefined}
          allowsAny={allowsAny}
          onChange={(type) => onChange(type === '' ? [] : [type])}
        />
      ) : null}
      {types.map((type, index) => (
        <span className="types-one" key={type}>
          {index === 0 ? null : <span className="quiet">or</span>}
          <EventPicker
            project={project}
            label={index === 0 ? label : `${label}, or`}
            value={type}
            allowsAny={allowsAny && types.length === 1}
            without={types.filter((each) => each !== type)}
            onChange={(next) => put(index, next)}
          />
          {types.length === 1 ? null : (
            <IconButton
              icon="close"
              size="small"
              label={`Remove ${type}`}
              onClick={() => onChange(types.filter((_, at) => at !== index))}
            />
          )}
        </span>
      ))}
      {types.length === 0 ? null : (
        <EventPicker
          project={project}
          label={`${label}: another type`}
          value={undefined}
          placeholder="or"
          className="types-more"
          without={types}
          onChange={(type) => onChange([...types, type])}
        />
      )}
    </div>
  );
};

interface SelectorEditorProps {
  readonly project: string;
  /** Name for screen readers. */
  readonly label: string;
  readonly value: Selector | undefined;
  readonly onChange: (selector: Selector) => void;
  /** Whether any event can be meant. True unless told otherwise. */
  readonly allowsAny?: boolean;
}

/** Which events a part of a question means: types, and conditions on them. */
export const SelectorEditor = ({
  project,
  label,
  value,
  onChange,
  allowsAny = true,
}: SelectorEditorProps): ReactNode => {
  const selection = selectionOf(value);
  const put = (change: Partial<Selection>): void => onChange(selectorOf({ ...selection, ...change }));
  return (
    <div className="selector-editor" role="group" aria-label={label}>
      <TypesPicker
        project={project}
        label={label}
        types={selection.types}
        allowsAny={allowsAny}
        onChange={(types) => put({ types })}
      />
      <FilterEditor
        project={project}
        types={selection.types}
        value={selection.filter}
        onChange={(filter) => put({ filter })}
      />
    </div>
  );
};
