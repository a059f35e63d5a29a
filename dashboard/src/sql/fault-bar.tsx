import type { ReactNode } from 'react';
import { Button, Icon } from '../design/index.ts';
import { type Fault, type Part, placeOf } from './statement.ts';

interface FaultBarProps {
  readonly fault: Fault;
  readonly text: string;
  readonly onGo: (at: number) => void;
  readonly onMend: (at: Part, text: string) => void;
}

/** What is wrong with the statement, where, and what may have been meant. */
export const FaultBar = ({ fault, text, onGo, onMend }: FaultBarProps): ReactNode => {
  const { message, at, suggestions } = fault;
  const place = at === undefined ? undefined : placeOf(text, at.from);
  return (
    <div className="sql-fault" role="alert">
      <Icon name="warning" size={14} />
      <p>
        {place === undefined || at === undefined ? null : (
          <button type="button" className="sql-place" onClick={() => onGo(at.from)}>
            Line {place.line}, column {place.column}
          </button>
        )}
        {message}
      </p>
      {at === undefined || at.from === at.to
        ? null
        : suggestions.slice(0, 3).map((each) => (
            <Button key={each} size="small" onClick={() => onMend(at, each)}>
              Use <code>{each}</code>
            </Button>
          ))}
    </div>
  );
};
