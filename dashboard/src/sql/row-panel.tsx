import type { ReactNode } from 'react';
import type { SqlAnswer } from '../../../src/contract/sql.ts';
import { CodeBlock, CopyButton, IconButton, Panel } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { fullCell, rowJson } from './cells.ts';

/** Values that are no longer need no room of their own. */
const SHORT_CHARS = 48;

const Value = ({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode => {
  if (value === null || value === undefined) return <span className="quiet">null</span>;
  if (value === '') return <span className="quiet">empty text</span>;
  const shown = fullCell(value);
  if (shown.isJson || shown.text.length > SHORT_CHARS || shown.text.includes('\n'))
    return <CodeBlock label={`value of ${name}`} wraps {...shown} />;
  return <code>{shown.text}</code>;
};

interface RowPanelProps {
  readonly columns: SqlAnswer['columns'];
  readonly rows: SqlAnswer['rows'];
  readonly index: number;
  readonly onIndex: (index: number) => void;
  readonly onClose: () => void;
}

/** One row with all that its cells hold. */
export const RowPanel = ({ columns, rows, index, onIndex, onClose }: RowPanelProps): ReactNode => {
  const row = rows[index] ?? [];
  return (
    <Panel
      title={`Row ${fullCount(index + 1)}`}
      actions={
        <>
          <IconButton
            icon="up"
            label="Row before"
            disabled={index === 0}
            onClick={() => onIndex(index - 1)}
          />
          <IconButton
            icon="down"
            label="Next row"
            disabled={index >= rows.length - 1}
            onClick={() => onIndex(index + 1)}
          />
          <CopyButton text={rowJson(columns, row)} what="the row as JSON" />
        </>
      }
      onClose={onClose}
    >
      <dl className="sql-fields">
        {columns.map(({ name, type }, at) => (
          <div key={at}>
            <dt>
              <span className="sql-field-name">{name}</span>
              <span className="sql-type">{type}</span>
            </dt>
            <dd>
              <Value name={name} value={row[at]} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
};
