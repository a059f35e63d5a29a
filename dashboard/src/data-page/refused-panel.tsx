import type { ReactNode } from 'react';
import type { RefusedRow } from '../../../src/contract/events.ts';
import { CodeBlock, CopyButton, Panel } from '../design/index.ts';
import { instantIn } from '../lib/zoned.ts';
import { readableOf } from './bytes.ts';
import { adviceOf } from './flows.ts';

const FORMS = {
  json: 'As received, laid out to be read',
  text: 'As received',
  hex: 'As received: no text, so as hexadecimal digits',
} as const;

const Bytes = ({ row }: { readonly row: RefusedRow }): ReactNode => {
  const readable = readableOf(row);
  if (readable === undefined)
    return (
      <p className="quiet">
        Its bytes were not kept: of duplicates, stale and blocked events only some are, as samples.
      </p>
    );
  const { form, text, raw } = readable;
  return (
    <>
      <div className="data-bytes">
        <span className="quiet">{FORMS[form]}</span>
        <CopyButton text={raw} what={form === 'hex' ? 'the bytes as base64' : 'the bytes as received'} />
      </div>
      <CodeBlock label="bytes of the event" text={text} isJson={form === 'json'} wraps={form !== 'hex'} />
    </>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

interface RefusedPanelProps {
  readonly row: RefusedRow;
  readonly zone: string;
  readonly onClose: () => void;
}

/** One refused event: why, what to do, and what exactly was sent. */
export const RefusedPanel = ({ row, zone, onClose }: RefusedPanelProps): ReactNode => {
  const advice = adviceOf(row.reason);
  return (
    <Panel title={<code>{row.reason}</code>} onClose={onClose}>
      <div className="data-one">
        <p className="data-detail">{row.detail}</p>
        {advice === undefined ? null : (
          <section className="data-advice">
            <h3>What to do</h3>
            <p>{advice}</p>
          </section>
        )}
        <dl className="data-facts">
          <Fact name="outcome">{row.outcome}</Fact>
          <Fact name="received">{instantIn(row.received_at, zone)}</Fact>
          <Fact name="type">{row.type ?? 'none could be read'}</Fact>
          <Fact name="id">{row.id === null ? 'none could be read' : <code>{row.id}</code>}</Fact>
          <Fact name="happened">
            {row.timestamp === null ? 'no time could be read' : instantIn(row.timestamp, zone)}
          </Fact>
          <Fact name="position">
            <code>{row.position}</code>, raw <code>{row.raw_position}</code>
          </Fact>
        </dl>
        <section>
          <h3>Bytes</h3>
          <Bytes row={row} />
        </section>
      </div>
    </Panel>
  );
};
