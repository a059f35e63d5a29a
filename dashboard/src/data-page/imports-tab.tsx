import { type ReactNode, useState } from 'react';
import type { ImportAnswer } from '../../../src/contract/imports.ts';
import { useImport } from '../data/imports.ts';
import { Button, Card, CodeBlock, Fresh, Link, Notice, Skeleton, TextField } from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { fullCount } from '../lib/format.ts';
import { BROWSER_ZONE, useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { momentIn } from '../lib/zoned.ts';
import { importCommand } from './import-command.ts';
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

const Progress = ({ answer, zone }: { readonly answer: ImportAnswer; readonly zone: string }): ReactNode => {
  const { stored, quarantined, last_row: last, missing } = answer;
  if (last === 0)
    return (
      <Notice title="Nothing of it is here">
        No event came by an import of this name. <code>aevum import</code> prints the name when it starts.
      </Notice>
    );
  const percent = Math.min(100, ((stored + quarantined) / last) * 100);
  return (
    <div className="import-progress">
      <div className="import-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </div>
      <dl className="data-facts">
        <div>
          <dt>stored</dt>
          <dd className="number">{fullCount(stored)}</dd>
        </div>
        <div>
          <dt>in quarantine</dt>
          <dd className="number">{fullCount(quarantined)}</dd>
        </div>
        <div>
          <dt>last row seen</dt>
          <dd className="number">{fullCount(last)}</dd>
        </div>
        <div>
          <dt>not here yet, before it</dt>
          <dd className="number">
            {missing.ranges.length === 0
              ? 'none'
              : missing.ranges
                  .slice(0, 5)
                  .map(([from, to]) =>
                    from === to ? fullCount(from) : `${fullCount(from)}–${fullCount(to)}`,
                  )
                  .join(', ')}
            {missing.ranges.length > 5 || !missing.complete ? ' …' : ''}
          </dd>
        </div>
        {answer.first_timestamp === null || answer.last_timestamp === null ? null : (
          <div>
            <dt>happened</dt>
            <dd>
              {momentIn(answer.first_timestamp, zone)} to {momentIn(answer.last_timestamp, zone)}
            </dd>
          </div>
        )}
      </dl>
      {quarantined === 0 ? null : (
        <Link to="/data/refused" params={{ outcome: 'quarantined' }}>
          Refused rows, with their reasons
        </Link>
      )}
    </div>
  );
};

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** How far an import is, by its name. */
const Follow = ({ project, id }: { readonly project: string; readonly id: string | null }): ReactNode => {
  const zone = useTimeZone();
  const [typed, setTyped] = useState(id ?? '');
  const { data, error, atMs } = useImport(project, id);
  const isGood = ID.test(typed.trim());
  return (
    <Card title="How far is it" aside={<Fresh atMs={atMs} />}>
      <form
        className="import-follow"
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood) changeAddress({ import: typed.trim() }, { isStep: true });
        }}
      >
        <TextField
          label="Name of the import"
          placeholder="ba7816bf8f01cfea"
          note="As the command prints it: the beginning of the file’s SHA-256."
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={setTyped}
        />
        <Button type="submit" disabled={!isGood}>
          Look
        </Button>
      </form>
      {id === null ? null : data !== undefined ? (
        <Progress answer={data} zone={zone} />
      ) : error === undefined ? (
        <Skeleton height="6rem" />
      ) : (
        <Notice kind="error" icon="warning" title="It could not be read">
          {error.message}
        </Notice>
      )}
    </Card>
  );
};

/** Loading history: the command for it, and how far one is. */
export const ImportsTab = ({ project, session }: TabProps): ReactNode => {
  const wanted = new URLSearchParams(useStore(addressStore)).get('import');
  const id = wanted !== null && ID.test(wanted) ? wanted : null;
  return (
    <>
      <Command />
      {may(session, 'project:admin') ? (
        <Follow project={project} id={id} />
      ) : (
        <Notice icon="lock" title="Who administers the project loads history">
          The command needs an admin key. Ask an owner or admin of the organisation.
        </Notice>
      )}
    </>
  );
};
