import './ask.css';
import { type ReactNode, useState } from 'react';
import type { Filter } from '../../../src/contract/question.ts';
import { useCohortChoices } from '../data/catalog.ts';
import { Button, Combobox, IconButton } from '../design/index.ts';
import { ConditionRow } from './condition-row.tsx';
import {
  type Draft,
  type DraftGroup,
  type DraftLine,
  draftOf,
  filterOf,
  type Match,
  NEW_CONDITION,
} from './filter-model.ts';
import { filterWords } from './filter-words.ts';
import { saysSame } from '../lib/same.ts';

interface FilterEditorProps {
  readonly project: string;
  /** Properties and values of events of these types are offered; of all if there are none. */
  readonly types?: readonly string[];
  readonly value: Filter | undefined;
  /** Told of the filter whenever a finished condition changes; undefined: none. */
  readonly onChange: (filter: Filter | undefined) => void;
  /** The word before the first condition. */
  readonly lead?: string;
  /** What the button says that adds a condition. */
  readonly addText?: string;
}

/** The draft of a filter: what is unfinished lives here only, and a filter that comes from elsewhere takes its place. */
const useDraft = (
  value: Filter | undefined,
  onChange: (filter: Filter | undefined) => void,
): readonly [Draft, (draft: Draft) => void] => {
  const [draft, setDraft] = useState(() => draftOf(value));
  const [told, setTold] = useState(value);
  if (!saysSame(told, value)) {
    setTold(value);
    setDraft(draftOf(value));
  }
  const change = (next: Draft): void => {
    setDraft(next);
    const filter = filterOf(next);
    if (saysSame(filter, told)) return;
    setTold(filter);
    onChange(filter);
  };
  return [draft, change];
};

/** The word between two conditions; pressing it makes it the other one, everywhere in its list. */
const Joint = ({
  index,
  lead,
  match,
  onTurn,
}: {
  readonly index: number;
  readonly lead: string;
  readonly match: Match;
  readonly onTurn: () => void;
}): ReactNode => {
  if (index === 0) return <span className="condition-joint">{lead}</span>;
  return (
    <button
      type="button"
      className="condition-joint"
      aria-label={match === 'and' ? 'All must hold; press for any' : 'Any must hold; press for all'}
      onClick={onTurn}
    >
      {match}
    </button>
  );
};

interface LineProps {
  readonly project: string;
  readonly types: readonly string[];
  readonly line: DraftLine;
  readonly onChange: (line: DraftLine) => void;
  readonly onRemove: () => void;
}

const CohortRow = ({ project, line, onChange, onRemove }: Omit<LineProps, 'types'>): ReactNode => {
  const { data, error, isFetching } = useCohortChoices(project);
  const cohorts = data?.cohorts ?? [];
  return (
    <>
      <span>user is in</span>
      <Combobox
        label="Cohort"
        size="small"
        options={cohorts.map(({ id, name }) => ({ value: id, text: name, icon: 'cohort' as const }))}
        value={line.kind === 'cohort' ? line.cohort : undefined}
        onChange={(cohort) => onChange({ kind: 'cohort', cohort })}
        placeholder="Choose a cohort"
        isLoading={isFetching}
        trouble={error?.message ?? (isFetching ? undefined : 'No cohorts are saved yet.')}
      />
      <IconButton icon="close" size="small" label="Remove the cohort" onClick={onRemove} />
    </>
  );
};

const Line = (props: LineProps): ReactNode => {
  const { line, onRemove } = props;
  if (line.kind === 'cohort') return <CohortRow {...props} />;
  if (line.kind === 'condition') return <ConditionRow {...props} condition={line} />;
  return (
    <>
      <code className="condition-kept">{filterWords(line.filter)}</code>
      <IconButton icon="close" size="small" label="Remove the condition" onClick={onRemove} />
    </>
  );
};

const other = (match: Match): Match => (match === 'and' ? 'or' : 'and');

const without = <T,>(list: readonly T[], index: number): readonly T[] => list.filter((_, at) => at !== index);

const replaced = <T,>(list: readonly T[], index: number, by: T): readonly T[] =>
  list.map((each, at) => (at === index ? by : each));

interface GroupProps {
  readonly project: string;
  readonly types: readonly string[];
  readonly group: DraftGroup;
  readonly onChange: (group: DraftGroup) => void;
  readonly onRemove: () => void;
}

const Group = ({ project, types, group, onChange, onRemove }: GroupProps): ReactNode => {
  const put = (lines: readonly DraftLine[]): void =>
    lines.length === 0 ? onRemove() : onChange({ ...group, lines });
  return (
    <div className="condition-group" role="group" aria-label="Conditions in brackets">
      {group.lines.map((line, index) => (
        <div className="condition" key={index}>
          <Joint
            index={index}
            lead=""
            match={group.match}
            onTurn={() => onChange({ ...group, match: other(group.match) })}
          />
          <Line
            project={project}
            types={types}
            line={line}
            onChange={(next) => put(replaced(group.lines, index, next))}
            onRemove={() => put(without(group.lines, index))}
          />
        </div>
      ))}
      <Button kind="plain" size="small" icon="plus" onClick={() => put([...group.lines, NEW_CONDITION])}>
        {`${group.match === 'and' ? 'And' : 'Or'} condition`}
      </Button>
    </div>
  );
};

/** Which events count, put together as a sentence: conditions, groups of them in brackets, and cohorts. */
export const FilterEditor = (props: FilterEditorProps): ReactNode => {
  const { project, types = [], value, onChange, lead = 'where', addText = 'Filter' } = props;
  const [draft, change] = useDraft(value, onChange);
  const put = (parts: Draft['parts']): void => change({ ...draft, parts });
  const { match, parts } = draft;
  return (
    <div className="filter-editor" role="group" aria-label="Filter">
      {parts.map((part, index) => {
        const rest = {
          project,
          types,
          onChange: (next: DraftLine | DraftGroup) => put(replaced(parts, index, next)),
          onRemove: () => put(without(parts, index)),
        };
        return (
          <div className="condition" key={index}>
            <Joint
              index={index}
              lead={lead}
              match={match}
              onTurn={() => change({ ...draft, match: other(match) })}
            />
            {part.kind === 'group' ? <Group {...rest} group={part} /> : <Line {...rest} line={part} />}
          </div>
        );
      })}
      <div className="condition-add">
        <Button kind="plain" size="small" icon="plus" onClick={() => put([...parts, NEW_CONDITION])}>
          {addText}
        </Button>
        {parts.length === 0 ? null : (
          <Button
            kind="plain"
            size="small"
            onClick={() =>
              put([...parts, { kind: 'group', match: other(match), lines: [NEW_CONDITION, NEW_CONDITION] }])
            }
          >
            Brackets
          </Button>
        )}
        <Button
          kind="plain"
          size="small"
          onClick={() => put([...parts, { kind: 'cohort', cohort: undefined }])}
        >
          Cohort
        </Button>
      </div>
    </div>
  );
};
