import { type ReactNode, useState } from 'react';
import { Card, CodeBlock, Notice, TextField } from '../design/index.ts';
import { BROWSER_ZONE } from '../lib/time-zone.ts';
import { importCommand } from './import-command.ts';
import { ImportsList } from './imports-list.tsx';
import { may, type TabProps } from './tab-props.ts';

const EMPTY = { file: '', type: '', timestamp: '', user: '', timezone: BROWSER_ZONE };

/** The command, put together from what is known of the file. */
const Command = (): ReactNode => {
  const [draft, setDraft] = useState(EMPTY);
  const field = (name: keyof typeof EMPTY, label: string, placeholder: string): ReactNode => (
    <TextField
      label={label}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      value={draft[name]}
      onChange={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  return (
    <Card title="Load a file">
      <p className="card-words quiet">
        CSV, NDJSON, JSON or Parquet of any size, plain or packed. The command runs where the file is and
        sends it to this server; cut off, it goes on where it was. It begins with a dry run, which shows the
        first events and sends nothing.
      </p>
      <div className="import-fields">
        {field('file', 'File', 'orders.csv.gz')}
        {field('type', 'Event type', 'order_line')}
        {field('timestamp', 'Column of the time', 'InvoiceDate')}
        {field('user', 'Column of the user', 'CustomerID')}
        {field('timezone', 'Time zone of times without one', 'UTC')}
      </div>
      <CodeBlock label="command" text={importCommand(draft)} />
      <p className="card-words quiet">
        When it looks right, run it again without <code>--dry-run</code>. Other columns become properties
        under their own names; <code>--map</code> also takes expressions, as{' '}
        <code>"value=Quantity*UnitPrice"</code>.
      </p>
    </Card>
  );
};

/** Loading history: which imports there are and how far, and the command for another. */
export const ImportsTab = ({ project, session }: TabProps): ReactNode => (
  <>
    <ImportsList project={project} session={session} />
    <Command />
    {may(session, 'project:admin') ? null : (
      <Notice icon="lock" title="Who administers the project loads history">
        The command needs an admin key. Ask an owner or admin of the organisation.
      </Notice>
    )}
  </>
);
